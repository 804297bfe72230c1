/**
 * PayPal cannot cancel an order: we look that nothing was taken and mark our row. A capture between the two would take money behind a closed attempt, so capturing
 * and cancelling one payment wait for each other, across processes.
 */
import { withTenantLock } from '../../../shared/database/lock.js'
import { Payment } from './payment.js'

/** Longer than a gateway may take to answer. */
const WAIT_SECONDS = 30

/** Runs `fn` with the payment as it is then. Outside transactions. Throws DatabaseBusy when somebody else does not finish. */
export function alone<T>(payment: Pick<Payment, 'id'>, fn: (fresh: Payment) => Promise<T>): Promise<T> {
  return withTenantLock(`payment:${payment.id}`, async () => fn(await Payment.findOwned<Payment>({ id: payment.id })), WAIT_SECONDS)
}
