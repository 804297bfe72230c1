/** Back within some days of the end, at the price that was agreed, as long as the service still exists. */
import type { Knex } from 'knex'
import { Refusal, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import type { Invoice } from '../invoices/invoice.js'
import { Product } from '../../catalog/product.js'
import { takeStock } from '../../catalog/stock.js'
import { billedCustomer } from '../invoices/parties.js'
import { subscriptionRules } from './billing-rules.js'
import { beginAgain } from './pause-subscription.js'
import { Subscription } from './subscription.js'

/** Null when it may be taken up again. */
export async function refusalToReactivate(subscription: Subscription, now: Date): Promise<Refusal | null> {
  const refusal = subscription.refusalToReactivate(now, (await subscriptionRules.read()).reactivateDays)
  if (refusal || subscription.serviceId === null) return refusal
  const service = await tenantDb()('services').where({ id: subscription.serviceId }).first<{ status: string } | undefined>('status')
  if (service?.status !== 'terminated') return (await stockHeld(subscription)) === 0 ? refusalOfStock(subscription) : null
  return new Refusal('subscription.service-gone', 'Its service is already deleted. Please order it anew.')
}

interface HeldRow { id: number; stock_taken: number }
/** Its row of the order, which counts the stock it holds. Read from its table, as ordering stands above billing; none for what was never ordered. */
const orderRow = (s: Subscription): Promise<HeldRow | undefined> => tenantDb()('order_items').where({ subscription_id: s.id }).first<HeldRow | undefined>('id', 'stock_taken')
/** Null: it was never counted. */
const stockHeld = async (s: Subscription): Promise<number | null> => (await orderRow(s))?.stock_taken ?? null

async function refusalOfStock({ productId, quantity }: Subscription): Promise<Refusal | null> {
  const product = productId === null ? undefined : await Product.query().findById(productId)
  return product && product.stockLeft !== null && product.stockLeft < quantity ? new Refusal('product.sold-out', `${product.name} is sold out by now, so it cannot be taken up again.`) : null
}

/** It takes its place in the stock again, unless it still holds it: the reaction to its end gives nothing back of what is running. Throws Refusal `product.sold-out`. */
async function takeStockAgain(trx: Knex.Transaction, s: Subscription): Promise<void> {
  const row = await orderRow(s)
  const product = s.productId === null || row?.stock_taken !== 0 ? undefined : await Product.query().findById(s.productId)
  if (!row || !product) return
  await takeStock(trx, product, s.quantity)
  await trx('order_items').where({ id: row.id }).update({ stock_taken: s.quantity })
}

/** The period that is paid for goes on; otherwise a new first one from now on, due at once. Stock is taken anew. Add-ons that ended with it stay ended. Throws Refusal. */
export async function reactivateSubscription(given: Subscription, now = clock.now()): Promise<Invoice | null> {
  return tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    refuse(await refusalToReactivate(subscription, now))
    await takeStockAgain(trx, subscription)
    await subscription.$query().patch({ endedAt: null, endReason: null, cancelAt: null, trialEnd: null, minimumUntil: null })
    const invoice = await beginAgain(trx, [subscription], now)
    await record('subscription.reactivated', subscription, { serviceId: subscription.serviceId }, { userId: subscription.userId })
    return invoice
  })
}
