/** What follows for orders from what happens to invoices and subscriptions. Read by tenant/reactions.ts. */
import { on } from '../../shared/events/reactions.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { refusalIn } from '../../shared/errors.js'
import { clock } from '../../shared/time/clock.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { closeOrder } from './close-order.js'
import { mailExpired } from './mailer.js'
import { OrderItem, releaseStock } from './order-item.js'
import { Order } from './order.js'

export function registerOrderReactions(): void {
  on('invoice.paid', 'mark the order paid', (event) => markOrderPaid(event.subjectId!))
  on('invoice.voided', 'give up its order, or follow the new invoice', (event) => followVoid(event.subjectId!))
  on('invoice.credited', 'give up its order', (event) => giveUp(event.subjectId!))
  on('subscription.ended', 'put its stock back', (event) => putStockBack(event.subjectId!))
  on('order.expired', 'tell the customer', (event) => mailExpired(event.subjectId!))
}

/** Safe to repeat. */
export async function markOrderPaid(invoiceId: number): Promise<void> {
  const invoice = await Invoice.findOwned<Invoice>({ id: invoiceId })
  const order = await Order.query().findOne({ invoiceId })
  if (order?.status !== 'placed' || invoice.status !== 'paid') return
  await tenantTransaction(async () => {
    await order.become('paid', { paidAt: invoice.paidAt ?? clock.now() })
    await record('order.paid', order, { invoiceId }, { userId: order.userId })
  })
}

/** Staff voided the invoice of an unpaid order: with another invoice in its place the order goes on, otherwise it is given up. */
export async function followVoid(invoiceId: number): Promise<void> {
  const order = await Order.query().findOne({ invoiceId })
  if (order?.status !== 'placed') return
  const next = await Invoice.query().findOne({ replacesId: invoiceId })
  if (next) {
    await order.$query().patch({ invoiceId: next.id, totalMinor: next.totalMinor })
    if (next.status === 'paid') await markOrderPaid(next.id)
    return
  }
  await refusalIn(() => closeOrder(order, 'cancelled'))             // refused: somebody was first
}

/** Credit notes took back the whole invoice of an order that was never paid. */
export async function giveUp(invoiceId: number): Promise<void> {
  const order = await Order.query().findOne({ invoiceId })
  if (order?.status === 'placed') await closeOrder(order, 'cancelled', clock.now(), true)
}

/** What has ended, and was not taken up again meanwhile, takes no place any more. Safe to repeat. */
export async function putStockBack(subscriptionId: number): Promise<void> {
  if (!(await Subscription.query().findById(subscriptionId))?.isOver) return
  const items = await OrderItem.query().where({ subscriptionId }).where('stockTaken', '>', 0)
  for (const item of items) await tenantTransaction((trx) => releaseStock(trx, item))
}
