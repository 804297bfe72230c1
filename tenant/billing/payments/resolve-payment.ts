/** Finds out how a payment ended that was left open: its answer was lost, a worker died, the bank takes days, or the customer walked away. */
import { z } from 'zod'
import { OutsideError } from '../../../shared/errors.js'
import { defineJob } from '../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { GatewayPayment } from '../../../shared/payments/gateway-charges.js'
import { clock } from '../../../shared/time/clock.js'
import { closeBankPage } from './close-bank-page.js'
import { enqueueCollection } from './collect-invoice.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { GatewayCustomer } from './gateways/gateway-customer.js'
import { countLook } from './looks.js'
import { alone } from './one-at-a-time.js'
import { openStatuses, Payment } from './payment.js'
import { sendAttempt, wasMoved } from './send-attempt.js'
import { assertSamePayment, endWithout, settlePayment } from './settle-payment.js'

const resolution = defineJob({
  name: 'payments.resolve', scope: 'tenant', payload: z.object({ paymentId: z.number().int() }), attempts: 3, backoffSeconds: 60,
  handler: async ({ paymentId }) => {
    const payment = await Payment.query().findById(paymentId)
    if (payment) await resolvePayment(payment)
  },
})

/** Asks for a look at every open payment whose time has come. The timetable runs it each minute. */
export async function resolveDuePayments(now: Date): Promise<void> {
  const due = await Payment.query().whereIn('status', [...openStatuses]).where('nextCheckAt', '<=', now).orderBy('nextCheckAt').limit(200).select('id')
  for (const { id } of due) await resolution.enqueue({ paymentId: id }, { key: `payments.resolve:${id}` })
}

/** One look. Returns the payment as it stands then. Safe to repeat. */
export async function resolvePayment(given: Payment, now = clock.now()): Promise<Payment> {
  if (!given.isOpen) return given
  try {
    const payment = await look(given, now)
    if (payment.isOpen && payment.status === given.status && payment.checks === given.checks) await looked(payment, now)
    await goOnCollecting(payment)
    return payment
  } catch (error) {
    if (wasMoved(error)) return Payment.findOwned({ id: given.id })
    if (!(error instanceof OutsideError)) throw error
    await looked(given, now) // the gateway does not answer: the payment stays as unknown as it was
    return Payment.findOwned({ id: given.id })
  }
}

/** A charge without the customer was declined after all: the next saved method, or the letter. */
async function goOnCollecting(payment: Payment): Promise<void> {
  if (payment.status === 'failed' && payment.offSession && payment.invoiceId !== null) await enqueueCollection(payment.invoiceId)
}

async function look(payment: Payment, now: Date): Promise<Payment> {
  const { keyLifeMs } = (await GatewayAccount.findOwned({ id: payment.gatewayAccountId })).open()
  if (payment.status === 'pending') return payment.mayRepeat(now, keyLifeMs) ? sendAttempt(payment) : lookForLost(payment, now)
  if (payment.isAbandoned(now)) return closeBankPage(payment, now)
  if (payment.status === 'unknown' && payment.gatewayPaymentId === null) return lookForLost(payment, now)
  return payment.gatewayPaymentId === null ? payment : syncPayment(payment, now)
}

/** Fetches the gateway's payment and settles by it. Throws OutsideError, PaymentMismatch. */
export async function syncPayment(payment: Payment, now = clock.now()): Promise<Payment> {
  if (payment.gatewayPaymentId === null) return payment
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  const gateway = account.open()
  if (!payment.isOpen || !gateway.hasCheckout) return settlePayment(payment, await gateway.retrievePayment(payment.gatewayPaymentId), now)
  return alone(payment, async (fresh) => settlePayment(fresh, await (fresh.isOpen ? gateway.completePayment(payment.gatewayPaymentId!) : gateway.retrievePayment(payment.gatewayPaymentId!)), now))
}

/**
 * By our mark among the customer's payments. Not there after five minutes: the request is repeated under its key, which brings back the stored
 * answer or acts for the first time. Not there after an hour and two looks: it never arrived.
 */
async function lookForLost(payment: Payment, now: Date): Promise<Payment> {
  const { lagMs, keyLifeMs } = (await GatewayAccount.findOwned({ id: payment.gatewayAccountId })).open()
  if (lagMs > 0 && payment.mayRepeat(now, keyLifeMs)) return sendAttempt(payment) // its list lags: the same request under its key brings the stored answer
  const found = await findLost(payment)
  if (found) return settlePayment(payment, found, now)
  if (payment.checks === 0 && payment.mayRepeat(now, keyLifeMs)) return sendAttempt(payment)
  return tenantTransaction(async () => {
    const fresh = await Payment.query().findById(payment.id).forUpdate().throwIfNotFound()
    if (fresh.isOpen && fresh.gatewayPaymentId === null) await endWithout(fresh, 'failed', 'not-received', 'The payment did not reach the bank. Nothing was charged.', now)
    return fresh
  })
}

async function findLost(payment: Payment): Promise<GatewayPayment | null> {
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  const customer = await GatewayCustomer.findOwned({ gatewayAccountId: account.id, userId: payment.userId })
  const found = await account.open().findPayment({ attempt: payment.publicId, customerId: customer.gatewayCustomerId })
  if (found) await assertSamePayment(payment, found)
  return found
}

const looked = (payment: Payment, now: Date): Promise<void> => countLook(payment, now, {
  title: 'A payment needs a person', message: 'We could not find out how this payment ended. Look it up at the gateway; until then its invoice cannot be paid.', fields: { payment: payment.publicId, status: payment.status },
})
