/** An order that nobody pays is taken back as a whole: invoice, subscriptions, services, stock and coupons. */
import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { releaseRedemption } from '../billing/coupons/redeem-coupons.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { voidInvoice } from '../billing/invoices/void-invoice.js'
import { endSubscription } from '../billing/subscriptions/end-subscription.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { Service } from '../services/service.js'
import { terminateService } from '../services/terminate-service.js'
import { itemsOf } from './book-order.js'
import { releaseStock } from './order-item.js'
import { Order } from './order.js'

/**
 * `expired` by the timetable, `cancelled` by the customer or staff. Safe to repeat. Throws Refusal when something was paid on it or a payment is under way:
 * then the order lives on. `invoiceIsGone`: credit notes have taken all of it back already.
 */
export async function closeOrder(order: Order, as: 'expired' | 'cancelled', now = clock.now(), invoiceIsGone = false): Promise<void> {
  await tenantTransaction(async (trx) => {
    const current = await Order.query().findById(order.id).forUpdate().throwIfNotFound()
    if (current.status === as) return
    refuse(current.refusalToClose())
    const invoice = await Invoice.findOwned({ id: current.invoiceId })
    if (invoice.status !== 'void' && !invoiceIsGone) await voidInvoice(invoice, { release: true, reason: as === 'expired' ? 'The order was not paid in time.' : 'The order was cancelled.', now })
    for (const item of await itemsOf(current)) {
      const subscription = item.subscriptionId === null ? undefined : await Subscription.query().findById(item.subscriptionId)
      if (subscription && !subscription.isOver) await endSubscription(trx, subscription, now, 'unpaid')
      const service = item.serviceId === null ? undefined : await Service.query().findById(item.serviceId)
      // An add-on that was ordered later names the service it belongs to, which is not its own to end.
      if (service && !service.isOver && service.subscriptionId === item.subscriptionId) await terminateService(service, 'unpaid', now)
      await releaseStock(trx, item)
    }
    await releaseRedemption(trx, { orderId: current.id, now })
    await current.become(as, { closedAt: now })
    await record(`order.${as}`, current, { invoiceId: current.invoiceId }, { userId: current.userId })
  })
}
