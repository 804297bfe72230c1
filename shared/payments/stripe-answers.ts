/** Stripe's objects and errors in our own words. */
import Stripe from 'stripe'
import { OutsideError } from '../errors.js'
import { fromGatewayAmount } from '../money/currency.js'
import { declineSentence, isHardDecline, wantsCustomer } from './declines.js'
import type { Failure, GatewayPayment, PaymentState } from './gateway-charges.js'
import type { GatewayMethod, GatewaySetup } from './gateway-methods.js'
import type { GatewayRefund } from './gateway-refunds.js'

export const idOf = (value: string | { id: string } | null | undefined): string | null => (typeof value === 'string' ? value : (value?.id ?? null))

function failureOf(facts: { code?: string | undefined; decline_code?: string | null | undefined } | null | undefined): Failure | null {
  const code = facts?.decline_code || facts?.code
  return code ? { code, message: declineSentence(code), hard: isHardDecline(code), needsCustomer: wantsCustomer(code) } : null
}

/** What is not listed has not ended: `processing`. */
const states: Readonly<Record<string, PaymentState>> = { succeeded: 'succeeded', requires_action: 'requires_action', canceled: 'canceled' }

/** `requires_payment_method` after a refusal: this attempt is over; we make a new PaymentIntent for the next. Without a refusal its request is still running. */
function stateOf(intent: Stripe.PaymentIntent): PaymentState {
  if (intent.status === 'requires_payment_method' && intent.last_payment_error) return 'failed'
  return states[intent.status] ?? 'processing'
}

export function paymentFrom(intent: Stripe.PaymentIntent): GatewayPayment {
  const currency = intent.currency.toUpperCase()
  const status = stateOf(intent)
  return {
    id: intent.id, status, currency, amountMinor: fromGatewayAmount(intent.amount, currency, 'stripe'), receivedMinor: fromGatewayAmount(intent.amount_received, currency, 'stripe'),
    customerId: idOf(intent.customer), methodId: idOf(intent.payment_method), metadata: { ...intent.metadata }, actionUrl: status === 'requires_action' ? (intent.next_action?.redirect_to_url?.url ?? null) : null,
    failure: status === 'failed' ? (failureOf(intent.last_payment_error) ?? { code: 'declined', message: declineSentence(''), hard: false, needsCustomer: false }) : null,
  }
}

export function methodFrom(method: Stripe.PaymentMethod): GatewayMethod {
  const { card } = method
  return {
    id: method.id, customerId: idOf(method.customer), brand: card?.brand ?? method.type, last4: card?.last4 ?? method.us_bank_account?.last4 ?? null,
    account: null, expMonth: card?.exp_month ?? null, expYear: card?.exp_year ?? null,
  }
}

/** Expects `payment_method` to be expanded. */
export function setupFrom(intent: Stripe.SetupIntent): GatewaySetup {
  const open = intent.status === 'requires_payment_method' || intent.status === 'requires_confirmation'
  const failure = failureOf(intent.last_setup_error)
  return {
    id: intent.id, status: open ? 'open' : (intent.status as Exclude<GatewaySetup['status'], 'open'>), customerId: idOf(intent.customer), metadata: { ...intent.metadata },
    method: typeof intent.payment_method === 'object' && intent.payment_method ? methodFrom(intent.payment_method) : null, problem: failure?.message ?? null,
    clientSecret: intent.client_secret ?? '', actionUrl: intent.next_action?.redirect_to_url?.url ?? null,
  }
}

export function refundFrom(refund: Stripe.Refund): GatewayRefund {
  const currency = refund.currency.toUpperCase()
  const status = refund.status === 'succeeded' || refund.status === 'failed' || refund.status === 'canceled' ? refund.status : 'pending'
  return {
    id: refund.id, status, currency, amountMinor: fromGatewayAmount(refund.amount, currency, 'stripe'), paymentId: idOf(refund.payment_intent), failure: refund.failure_reason ?? null, metadata: { ...refund.metadata },
  }
}

/** The payment that a card refused, out of the error that carries it; null when the error is something else. */
export function declinedPayment(error: unknown): GatewayPayment | null {
  if (!(error instanceof Stripe.errors.StripeCardError) || !error.payment_intent) return null
  return { ...paymentFrom(error.payment_intent), status: 'failed', failure: failureOf(error) }
}

/** `unknown` is the honest default: only answers that prove that nothing happened say otherwise. */
export function answerOf(error: unknown): unknown {
  if (error instanceof OutsideError || !(error instanceof Stripe.errors.StripeError)) return error
  const facts = factsOf(error)
  // Stripe's own sentences may quote what we sent; the code and the request id are enough to find it in their log.
  return new OutsideError(`stripe: ${facts.what}${error.requestId ? ` (${error.requestId})` : ''}.`, { door: 'stripe', cause: undefined, ...facts })
}

interface Facts {
  what: string
  retryable: boolean
  unknown: boolean
  code: string
}

function factsOf(error: Stripe.errors.StripeError): Facts {
  const code = error.decline_code || error.code || error.rawType || 'error'
  if (error instanceof Stripe.errors.StripeConnectionError) {
    const never = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(`${String((error.detail as { code?: string } | undefined)?.code)} ${String(error.detail)} ${error.message}`)
    return never ? { what: 'could not be reached', retryable: true, unknown: false, code: 'unreachable' } : { what: 'did not answer', retryable: true, unknown: true, code: 'no-answer' }
  }
  if (error instanceof Stripe.errors.StripeRateLimitError) return { what: 'asks us to slow down', retryable: true, unknown: false, code: 'rate_limit' }
  if (error.statusCode === 409) return { what: 'is still busy with this request', retryable: true, unknown: true, code: error.code ?? 'idempotency_key_in_use' }
  if (error instanceof Stripe.errors.StripeIdempotencyError) return { what: 'knows this key from another request', retryable: false, unknown: true, code: 'idempotency_error' }
  if (error instanceof Stripe.errors.StripeAuthenticationError) return { what: 'does not accept the secret key', retryable: false, unknown: false, code: 'authentication' }
  if (error instanceof Stripe.errors.StripePermissionError) return { what: 'does not permit this', retryable: false, unknown: false, code: 'permission' }
  if (error instanceof Stripe.errors.StripeCardError) return { what: 'the card was refused', retryable: false, unknown: false, code }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) return { what: `refused the request, ${code}`, retryable: false, unknown: false, code }
  return { what: 'had an error of its own', retryable: true, unknown: true, code: 'server-error' }
}
