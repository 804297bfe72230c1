/** For tests of coupons and taxes: customers, subscriptions, orders and coupons as bare rows. Runs inside the tenant. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { Coupon } from '../billing/coupons/coupon.js'
import { TaxRate } from '../billing/tax/tax-rate.js'
import { TaxRegistration } from '../billing/tax/tax-registration.js'
import type { RegistrationKind } from '../billing/tax/treatment.js'
import { newProduct } from './catalog-world.js'

const insert = async (table: string, row: Record<string, unknown>): Promise<number> =>
  ((await tenantDb()(table).insert({ created_at: clock.now(), updated_at: clock.now(), ...row })) as number[])[0]!

export const newCustomer = (more: Record<string, unknown> = {}): Promise<number> => insert('users', {
  public_id: newPublicId(), email: `c${newPublicId()}@example.com`, name: 'Casey Customer', currency: 'EUR', time_zone: 'UTC', locale: 'en',
  email_verified_at: clock.now(), ...more,
})

export const newOrder = (userId: number): Promise<number> => insert('orders', { public_id: newPublicId(), checkout_key: newPublicId(), user_id: userId, status: 'placed', detail: '{}' })

/** A monthly subscription of 10.00. */
export async function newSubscription(userId: number, more: Record<string, unknown> = {}): Promise<{ id: number; planId: number; productId: number }> {
  const { plan, product } = await newProduct({}, [{ cycle: 'monthly', currency: 'EUR', price: '10.00' }])
  const id = await insert('subscriptions', {
    public_id: newPublicId(), user_id: userId, plan_id: plan.id, product_id: product.id, status: 'active', billing_cycle: 'monthly', currency: 'EUR',
    selection: '{}', items: '[]', amount_minor: 1000,
    anchor_day: 1, started_on: '2026-01-01', time_zone: 'UTC', anchored_at: clock.now(), ...more,
  })
  return { id, planId: plan.id, productId: product.id }
}

export const newCoupon = async (more: Partial<Coupon> = {}): Promise<Coupon> => Coupon.query().insertAndFetch({
  publicId: newPublicId(), code: 'SAVE', name: 'Ten off', kind: 'percent', percentPpm: 100_000, amounts: {}, minimums: {}, duration: 'once',
  productIds: [], planIds: [], stackable: false, status: 'active', ...more,
} as Partial<Coupon>)

export async function register(country: string, kind: RegistrationKind = 'home', number = '', region = ''): Promise<void> {
  await TaxRegistration.query().insert({ publicId: newPublicId(), country, region, kind, number })
}
export async function rate(country: string, ppm: number, more: Partial<TaxRate> = {}): Promise<void> {
  await TaxRate.query().insert({ publicId: newPublicId(), country, region: '', postcodePattern: '', taxClass: 'standard', name: 'VAT', ppm, compound: false, sortOrder: 0, source: 'manual', ...more } as Partial<TaxRate>)
}
