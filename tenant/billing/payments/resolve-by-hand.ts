/** Staff looked a payment up at the gateway, when we could not find out how it ended. What they say is booked with their reason. */
import { Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { applyPayment, lockInvoicesOf } from './apply-payment.js'
import { sendReceipt } from './mailer.js'
import { Payment } from './payment.js'
import { endWithout } from './settle-payment.js'

/** `gatewayPaymentId`: as the gateway names the payment; wanted when it succeeded, so that the daily comparison finds it. Throws Refusal when its end is known. */
export async function resolvePaymentByHand(given: Payment, how: { outcome: 'succeeded'; gatewayPaymentId: string } | { outcome: 'failed' }, reason: string, now = clock.now()): Promise<Payment> {
  return tenantTransaction(async (trx) => {
    await lockInvoicesOf(given.id)
    const payment = await Payment.query().findById(given.id).forUpdate().throwIfNotFound()
    if (payment.status !== 'unknown' && payment.status !== 'processing' && payment.status !== 'pending') throw new Refusal('payment.settled', 'The end of this payment is known. Nothing is left to decide.')
    if (how.outcome === 'failed') await endWithout(payment, 'failed', 'not-received', 'The payment did not reach the bank. Nothing was charged.', now)
    else {
      await payment.become('succeeded', { gatewayPaymentId: how.gatewayPaymentId.slice(0, 64), settledAt: now, nextCheckAt: null, failureCode: null, failureMessage: null })
      await applyPayment(trx, payment, now)
      await record('payment.succeeded', payment, { invoiceId: payment.invoiceId, purpose: payment.purpose, amountMinor: payment.amountMinor, currency: payment.currency, gatewayPaymentId: how.gatewayPaymentId }, { userId: payment.userId })
      await sendReceipt(payment)
    }
    await record('payment.resolved-by-hand', payment, { outcome: how.outcome, reason }, { userId: payment.userId })
    return payment
  })
}
