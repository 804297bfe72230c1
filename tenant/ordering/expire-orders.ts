import { refusalIn } from '../../shared/errors.js'
import { log } from '../../shared/log.js'
import { closeOrder } from './close-order.js'
import { Order } from './order.js'

/** Gives up unpaid orders whose time is over. One that is being paid at this moment is left for the next turn; one fault does not stop the others. */
export async function expireOrders(now: Date): Promise<void> {
  const due = await Order.query().where({ status: 'placed' }).whereNotNull('invoiceId').where('expiresAt', '<=', now).orderBy('id').limit(500)
  for (const order of due) {
    const refusal = await refusalIn(() => closeOrder(order, 'expired', now))
    if (refusal) log().info({ order: order.publicId, code: refusal.code }, 'An unpaid order is kept')
  }
}
