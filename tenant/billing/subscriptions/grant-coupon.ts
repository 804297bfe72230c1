/**
 * Staff gives a running subscription a coupon: it discounts what is billed from now on, beginning with the next period, as if it had been redeemed with the order.
 * What is billed already stays as it is. The preview is a rehearsal that leaves nothing behind.
 */
import type { Knex } from 'knex'
import { refuse, Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { redeemForSubscriptions } from '../coupons/redeem-coupons.js'
import { billedCustomer } from '../invoices/parties.js'
import { renewalAhead } from './present-subscription.js'
import { Subscription } from './subscription.js'
import { Change } from './subscription-change.js'

/** Null: it is going to be billed again, so that a coupon has something to discount. */
export function refusalToGrant(s: Subscription): Refusal | null {
  if (!s.isLive || !s.renews) return new Refusal('coupon.not-running', 'Only a running subscription can be given a coupon.')
  return s.cancelAt ? new Refusal('coupon.ending', 'This subscription is going to end: nothing is billed any more that a coupon could discount.') : null
}

/** It and the add-ons that follow it; what of them the coupon covers is the coupon's business. Throws Refusal with the coupon's own sentence. */
export async function grantCoupon(given: Subscription, code: string, now = clock.now()): Promise<void> {
  await tenantTransaction((trx) => grant(trx, given, code, now))
}

async function grant(trx: Knex.Transaction, given: Subscription, code: string, now: Date): Promise<void> {
  await billedCustomer(given.userId, true)
  const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
  refuse(refusalToGrant(subscription))
  await redeemForSubscriptions(trx, { userId: subscription.userId, code, subscriptionIds: (await subscription.family()).map((s) => s.id), now })
}

export interface GrantPreview {
  readonly at: Date
  readonly before: Money
  readonly after: Money
}
class Curtain extends Error {
  constructor(readonly result: GrantPreview) {
    super('The rehearsal is over.')
  }
}

/** The next renewal without and with it, discount and tax included. Throws Refusal as grantCoupon() would. Call it outside transactions. */
export async function previewCoupon(s: Subscription, code: string, now = clock.now()): Promise<GrantPreview> {
  const change = (await Change.scheduledFor([s.id])).get(s.id) ?? null
  const before = await renewalAhead(s, change)
  if (!before) throw new Refusal('coupon.ending', 'Nothing of it is billed any more that a coupon could discount.')
  try {
    return await tenantTransaction(async (trx): Promise<never> => {
      await grant(trx, s, code, now)
      throw new Curtain({ at: before.at, before: before.total, after: (await renewalAhead(s, change))!.total })
    })
  } catch (error) {
    if (error instanceof Curtain) return error.result
    throw error
  }
}
