/** The slow half of a payment: asks the gateway with the row's own key, then settles. Safe to repeat, by several at once: the key allows one charge. */
import { alert } from '../../../shared/alerts/alert.js'
import { originOf } from '../../../shared/config.js'
import { OutsideError, Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Customer } from '../../customers/customer.js'
import { declineSentence } from '../../../shared/payments/declines.js'
import type { ChargeRequest, CheckoutRequest, GatewayPayment } from '../../../shared/payments/gateway-charges.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { nextLook } from './looks.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { ensureGatewayCustomer } from './gateways/gateway-customer.js'
import { invoicesOf } from './mailer.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'
import { endWithout, settlePayment } from './settle-payment.js'

/** Tries while the gateway cannot be reached, before we give this attempt up. Nothing has happened there in that time. */
const MOST_TRIES = 8

/** Sends a `pending` or `unknown` attempt. Returns the row as it stands then; throws only what is a bug. */
export async function sendAttempt(payment: Payment): Promise<Payment> {
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  try {
    return await settlePayment(payment, await ask(account, payment))
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return noteTrouble(payment, error)
  }
}

async function ask(account: GatewayAccount, payment: Payment): Promise<GatewayPayment> {
  return payment.paymentMethodId === null ? account.open().startCheckout(await checkoutFor(account, payment)) : account.open().charge(await requestFor(payment))
}

/** Made from committed rows only, so that a repeat is the same request. */
async function requestFor(payment: Payment): Promise<ChargeRequest> {
  const method = await PaymentMethod.findOwned({ id: payment.paymentMethodId, userId: payment.userId })
  const { back, ...facts } = await factsOf(payment)
  return { ...facts, customerId: method.gatewayCustomerId, methodId: method.gatewayMethodId, offSession: payment.offSession, returnUrl: back }
}

/** Without a saved method: the customer approves it at the gateway. */
async function checkoutFor(account: GatewayAccount, payment: Payment): Promise<CheckoutRequest> {
  const customerId = await ensureGatewayCustomer(account, await Customer.findOwned({ id: payment.userId }))
  const { back, ...facts } = await factsOf(payment)
  return { ...facts, customerId, returnUrl: back, cancelUrl: `${back}&canceled=1`, brandName: currentTenant().brand.companyName }
}

/** `back`: where the customer returns to; the page there asks the gateway, the address is not believed. */
async function factsOf(payment: Payment): Promise<Omit<ChargeRequest, 'customerId' | 'methodId' | 'offSession' | 'returnUrl'> & { back: string }> {
  const { uuid, primaryHost } = currentTenant()
  const invoices = await invoicesOf(payment)
  const [only] = invoices
  const path = !only ? '/credit' : invoices.length > 1 ? '/pay-all' : `/invoices/${only.publicId}/payment`
  return {
    key: payment.idempotencyKey, amountMinor: payment.amountMinor, currency: payment.currency, back: `${originOf(primaryHost)}${path}?attempt=${payment.publicId}`,
    description: only ? `Invoice ${invoices.map((i) => i.label).join(', ').slice(0, 100)}` : 'Account credit',
    marks: { tenant: uuid, attempt: payment.publicId, ...(only && invoices.length === 1 ? { invoice: only.publicId } : {}) },
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
  await payment.become('unknown', { checks: 0, nextCheckAt: nextLook(0, now) })
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
