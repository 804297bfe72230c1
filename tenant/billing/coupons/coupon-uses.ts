/** What coupons were used for so far, read from the rows. A use on an invoice that was voided counts as never made. */
import { tenantDb } from '../../../shared/database/tenant-database.js'

/** Uses of a coupon by a customer, without those of orders that came to nothing. */
export async function usesBy(couponId: number, userId: number): Promise<number> {
  const row = await tenantDb()('coupon_redemptions').where({ coupon_id: couponId, user_id: userId }).whereNull('released_at')
    .count({ n: '*' }).first<{ n: number }>()
  return Number(row.n)
}

/** Orders of the customer, but for this one and those that came to nothing. */
export async function earlierOrders(userId: number, orderId: number | null): Promise<number> {
  const orders = tenantDb()('orders').where({ user_id: userId }).whereNotIn('status', ['expired', 'cancelled', 'canceled'])
  const row = await (orderId === null ? orders : orders.whereNot({ id: orderId })).count({ n: '*' }).first<{ n: number }>()
  return Number(row.n)
}

/** One period of one subscription that a redemption discounted. */
export interface Applied {
  readonly redemption_id: number
  readonly subscription_id: number
  readonly period_start: Date
  readonly period_end: Date | null
  readonly period_number: number
  readonly counts: number
  readonly amount_minor: number
  readonly period_minor: number
}

export async function appliedBy(redemptionIds: readonly number[]): Promise<Applied[]> {
  if (!redemptionIds.length) return []
  return tenantDb()('coupon_applications as a').join('invoices as i', 'i.id', 'a.invoice_id').whereIn('a.redemption_id', [...redemptionIds])
    .whereNull('a.released_at').whereNot('i.status', 'void')
    .orderBy('a.id').select<Applied[]>('a.redemption_id', 'a.subscription_id', 'a.period_start', 'a.period_end', 'a.period_number', 'a.counts', 'a.amount_minor', 'a.period_minor')
}

export interface HeldCoupon { readonly code: string; readonly name: string; readonly since: Date; readonly periods: number }

/** Coupons that a subscription has, with how many of its periods each has discounted so far. */
export async function couponsOf(subscriptionId: number): Promise<HeldCoupon[]> {
  const rows = (await tenantDb()('coupon_redemptions as r').join('coupon_subscriptions as l', 'l.redemption_id', 'r.id').join('coupons as c', 'c.id', 'r.coupon_id').where({ 'l.subscription_id': subscriptionId })
    .whereNull('r.released_at').orderBy('r.id').select('r.id', 'r.redeemed_at', 'c.code', 'c.name')) as Array<{ id: number; redeemed_at: Date; code: string; name: string }>
  const applied = await appliedBy(rows.map((row) => row.id))
  return rows.map((row) => ({ code: row.code, name: row.name, since: row.redeemed_at, periods: applied.filter((a) => a.redemption_id === row.id && a.subscription_id === subscriptionId && a.counts).length }))
}
