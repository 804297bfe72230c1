/** The slow half of a payment: asks the gateway with the row's own key, then settles. Safe to repeat, by several at once: the key allows one charge. */
import { alert } from '../../../shared/alerts/alert.js'
import { originOf } from '../../../shared/config.js'
import { OutsideError, Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { declineSentence } from '../../../shared/payments/declines.js'
import type { ChargeRequest } from '../../../shared/payments/gateway.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { GatewayAccount } from './gateway-account.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './payment-method.js'
import { endWithout, settlePayment } from './settle-payment.js'

/** Tries while the gateway cannot be reached, before we give this attempt up. Nothing has happened there in that time. */
const MOST_TRIES = 8

/** Sends a `pending` or `unknown` attempt. Returns the row as it stands then; throws only what is a bug. */
export async function sendAttempt(payment: Payment): Promise<Payment> {
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  try {
    const answer = await account.open().charge(await requestFor(payment))
    return await settlePayment(payment, answer)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return noteTrouble(payment, error)
  }
}

/** Made from committed rows only, so that a repeat is the same request. */
async function requestFor(payment: Payment): Promise<ChargeRequest> {
  const { uuid, primaryHost } = currentTenant()
  const method = await PaymentMethod.findOwned({ id: payment.paymentMethodId, userId: payment.userId })
  const invoice = payment.invoiceId === null ? null : await Invoice.findOwned({ id: payment.invoiceId, userId: payment.userId })
  return {
    key: payment.idempotencyKey, customerId: method.gatewayCustomerId, methodId: method.gatewayMethodId, amountMinor: payment.amountMinor, currency: payment.currency, offSession: payment.offSession,
    returnUrl: `${originOf(primaryHost)}${invoice ? `/invoices/${invoice.publicId}/payment` : '/credit'}?attempt=${payment.publicId}`,
    description: invoice ? `Invoice ${invoice.number ?? invoice.publicId}` : 'Account credit',
    marks: { tenant: uuid, attempt: payment.publicId, ...(invoice ? { invoice: invoice.publicId } : {}) },
  }
}

async function noteTrouble(given: Payment, error: OutsideError): Promise<Payment> {
  if (error.code === 'idempotency_key_in_use') return Payment.findOwned({ id: given.id }) // somebody else is asking right now
  const now = clock.now()
  return tenantTransaction(async () => {
    const payment = await Payment.query().findById(given.id).forUpdate().throwIfNotFound()
    if (payment.status !== 'pending' && payment.status !== 'unknown') return payment
    if (error.unknown) await doubt(payment, now)
    else if (error.retryable && payment.checks < MOST_TRIES) await retryLater(payment, now)
    else await giveUp(payment, error, now)
    return payment
  })
}

async function doubt(payment: Payment, now: Date): Promise<void> {
  if (payment.status === 'unknown') return
  await payment.become('unknown', { checks: 0, nextCheckAt: Payment.nextLook(0, now) })
}

async function retryLater(payment: Payment, now: Date): Promise<void> {
  if (payment.status === 'unknown') return
  const patch = { checks: payment.checks + 1, nextCheckAt: new Date(now.getTime() + 60_000 * 2 ** payment.checks) }
  await Payment.query().patch(patch).where({ id: payment.id, status: 'pending' })
  payment.$set(patch)
}

/** The gateway says that nothing happened and never will. Not the customer's fault unless the card itself was refused. */
async function giveUp(payment: Payment, error: OutsideError, now: Date): Promise<void> {
  if (payment.status === 'unknown') return // an earlier request of this attempt may have gone through: the resolver looks for it
  const known = error.code === 'amount_too_small' || error.code === 'unreachable' || error.code === 'rate_limit'
  const message = error.code === 'amount_too_small' ? declineSentence(error.code) : 'The payment could not be sent. Nothing was charged.'
  await endWithout(payment, 'failed', known ? String(error.code) : 'gateway-refused', message, now)
  if (error.code !== 'amount_too_small') await alert({ level: 'error', title: 'A payment could not be sent', message: error.message, fields: { payment: payment.publicId, code: error.code ?? '' } })
}

/** A change by somebody else between our look and our act: look again instead of failing. */
export const wasMoved = (error: unknown): boolean => error instanceof Refusal && error.code === 'payments.moved'
