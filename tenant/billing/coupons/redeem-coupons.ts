/** Uses coupons for an order, once. Limits hold under any number of parallel orders: the rows of customer and coupon are the locks, always in this order. */
import type { Knex } from 'knex'
import { Refusal, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Coupon, CouponRedemption } from './coupon.js'
import { coversItem, tidyCode } from './coupon-terms.js'
import { earlierOrders, usesBy } from './coupon-uses.js'

export interface Redeeming {
  readonly userId: number
  /** `applied` of the priced cart. */
  readonly codes: readonly string[]
  readonly orderId: number
  readonly subscriptionIds: readonly number[]
  readonly now: Date
}

/** Throws Refusal with a sentence when one of the codes cannot be used; then none is. A repeat for the same order does nothing. */
export async function redeemCoupons(trx: Knex.Transaction, facts: Redeeming): Promise<void> {
  const codes = [...new Set(facts.codes.map((code) => tidyCode(code)).filter((code): code is string => code !== null))]
  if (!codes.length) return
  await trx('users').where({ id: facts.userId }).forUpdate().first('id')
  const coupons = await Coupon.query().whereIn('code', codes).orderBy('id').forUpdate()
  if (coupons.length < codes.length) throw new Refusal('coupon.unknown', 'One of the coupon codes is not known. Remove it and try again.')
  if (coupons.length > 1 && coupons.some((coupon) => !coupon.stackable)) throw new Refusal('coupon.not-stackable', 'These coupon codes cannot be combined. Keep one of them.')
  for (const coupon of coupons) await redeem(trx, coupon, facts)
}

/** Given by staff to what runs already, without an order. Throws Refusal as for an order, and when one of them has it already. */
export async function redeemForSubscriptions(trx: Knex.Transaction, { userId, code, subscriptionIds, now }: Omit<Redeeming, 'codes' | 'orderId'> & { readonly code: string }): Promise<void> {
  await trx('users').where({ id: userId }).forUpdate().first('id')
  const coupon = await Coupon.query().findOne({ code: tidyCode(code) ?? '' }).forUpdate()
  if (!coupon) throw new Refusal('coupon.unknown', `The code ${code.slice(0, 40)} is not known. Check how it is written.`)
  const held = await CouponRedemption.query().join('coupon_subscriptions as l', 'l.redemption_id', 'coupon_redemptions.id').where({ couponId: coupon.id }).whereNull('releasedAt').whereIn('l.subscription_id', [...subscriptionIds]).select('coupon_redemptions.id').first()
  if (held) throw new Refusal('coupon.held', `This subscription has the code ${coupon.code} already.`)
  await redeem(trx, coupon, { userId, codes: [], orderId: null, subscriptionIds, now })
}

async function redeem(trx: Knex.Transaction, coupon: Coupon, facts: Omit<Redeeming, 'orderId'> & { readonly orderId: number | null }): Promise<void> {
  const { userId, orderId, now } = facts
  if (orderId !== null && await CouponRedemption.query().findOne({ couponId: coupon.id, orderId })) return
  const items = await itemsOf(trx, facts.subscriptionIds)
  refuse(coupon.refusalToRedeem({
    now, locale: currentTenant().locale, currency: items[0]?.currency ?? null, coveredMinor: null, usesByCustomer: await usesBy(coupon.id, userId),
    earlierOrders: await earlierOrders(userId, orderId),
    coversSomething: !items.length || items.some((item) => coversItem(coupon.terms, item.product_id, item.plan_id)),
  }))
  const terms = { ...coupon.terms, code: coupon.code, name: coupon.name }
  const redemption = await CouponRedemption.query().insertAndFetch({ couponId: coupon.id, userId, orderId, terms, redeemedAt: now })
  if (facts.subscriptionIds.length) await trx('coupon_subscriptions')
    .insert(facts.subscriptionIds.map((id) => ({ redemption_id: redemption.id, subscription_id: id })))
  await trx('coupons').where({ id: coupon.id }).increment('redeemed_count', 1)
  await record('coupon.redeemed', redemption, { code: coupon.code, orderId }, { userId })
}

type Item = { plan_id: number; product_id: number | null; currency: string }
const itemsOf = (trx: Knex.Transaction, ids: readonly number[]): Promise<Item[]> =>
  ids.length ? trx('subscriptions as s').join('plans as p', 'p.id', 's.plan_id')
    .whereIn('s.id', [...ids]).select<Item[]>('s.plan_id', 'p.product_id', 's.currency') : Promise.resolve([])

/** Gives the uses of an order that came to nothing back: limits count them no longer, and what it would have discounted is not discounted. Safe to repeat. */
export async function releaseRedemption(trx: Knex.Transaction, { orderId, now }: { orderId: number; now: Date }): Promise<void> {
  for (const redemption of await CouponRedemption.query().where({ orderId }).whereNull('releasedAt').orderBy('couponId')) {
    await trx('coupons').where({ id: redemption.couponId }).forUpdate().first('id')
    const released = await CouponRedemption.query().patch({ releasedAt: now }).where({ id: redemption.id }).whereNull('releasedAt')
    if (!released) continue
    await trx('coupons').where({ id: redemption.couponId }).where('redeemed_count', '>', 0).decrement('redeemed_count', 1)
    await record('coupon.released', redemption, { code: redemption.terms.code, orderId }, { userId: redemption.userId })
  }
}
