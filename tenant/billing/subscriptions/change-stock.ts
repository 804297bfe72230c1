/** Stock of limited products when a subscription changes: what is wanted is taken when the change is confirmed, what was held is given back when it takes effect. */
import type { Knex } from 'knex'
import { Product } from '../../catalog/product.js'
import { giveBackStock, takeStock } from '../../catalog/stock.js'
import type { Subscription } from './subscription.js'
import { Change, type Terms } from './subscription-change.js'

type Held = Pick<Terms, 'productId' | 'quantity'>
const more = (before: Held, after: Held): number => (before.productId === after.productId ? Math.max(0, after.quantity - before.quantity) : after.quantity)

/** Throws Refusal `product.sold-out`. */
export async function takeForChange(trx: Knex.Transaction, before: Held, after: Held): Promise<void> {
  const wanted = more(before, after)
  const product = wanted && after.productId !== null ? await Product.query().findById(after.productId) : undefined
  if (product) await takeStock(trx, product, wanted)
}

export async function giveBackOld(trx: Knex.Transaction, before: Held, after: Held): Promise<void> {
  const left = more(after, before)
  if (left && before.productId !== null) await giveBackStock(trx, { id: before.productId }, left)
}

/** Changes that waited are undone, with what was taken for them. Inside the caller's transaction. */
export async function dropScheduled(trx: Knex.Transaction, subscriptions: readonly Subscription[]): Promise<void> {
  const waiting = await Change.scheduledFor(subscriptions.map((s) => s.id))
  for (const subscription of subscriptions) {
    const change = waiting.get(subscription.id)
    if (!change) continue
    await change.become('undone')
    await giveBackOld(trx, change.scheduled.terms, subscription)
  }
}
