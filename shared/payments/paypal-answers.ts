/** PayPal's orders, tokens and refunds in our own words. */
import type { LinkDescription, Order, OrdersCapture, PaymentTokenResponse, Refund, SetupTokenResponse } from '@paypal/paypal-server-sdk'
import { isHardDecline, paypalSentence, wantsCustomer } from './declines.js'
import type { ChargeRequest, Failure, GatewayPayment, PaymentState } from './gateway-charges.js'
import type { GatewayMethod, GatewaySetup } from './gateway-methods.js'
import type { GatewayRefund } from './gateway-refunds.js'
import { minorOf } from './paypal-amounts.js'
import type { PaypalError } from './paypal-errors.js'
import { customId, orderMarks, refundMarks } from './paypal-marks.js'

export const paypalFailure = (issue: string): Failure => {
  const code = issue.toLowerCase()
  return { code, message: paypalSentence(code), hard: isHardDecline(code), needsCustomer: wantsCustomer(code) }
}

const linkOf = (links: readonly LinkDescription[] | undefined, ...rels: string[]): string | null => links?.find((l) => rels.includes(l.rel))?.href ?? null
/** PayPal's typed money may lack its fields; an order of ours never does. */
const amountOf = (money: { currencyCode: string; value: string } | undefined): { minor: number; currency: string } => {
  if (!money) throw new RangeError('PayPal sent an order without an amount.')
  return { minor: minorOf(money), currency: money.currencyCode }
}

/** A completed order tells little: the money is where its capture says. */
const captured: Readonly<Record<string, PaymentState>> = { COMPLETED: 'succeeded', PARTIALLY_REFUNDED: 'succeeded', REFUNDED: 'succeeded', DECLINED: 'failed', FAILED: 'failed', PENDING: 'processing' }
const waiting: Readonly<Record<string, PaymentState>> = { CREATED: 'requires_action', PAYER_ACTION_REQUIRED: 'requires_action', APPROVED: 'requires_action', VOIDED: 'canceled' }

function stateOf(order: Order, capture: OrdersCapture | undefined, givenUp: boolean): PaymentState {
  if (capture) return captured[capture.status ?? ''] ?? 'processing'
  if (givenUp) return 'canceled'
  return waiting[order.status ?? ''] ?? 'processing'
}

/** Expects the whole order (`Prefer: return=representation`). */
export function orderPayment(order: Order): GatewayPayment {
  const unit = order.purchaseUnits?.[0]
  const capture = unit?.payments?.captures?.[0]
  const { metadata, customerId, givenUp } = orderMarks(unit?.customId ?? capture?.customId)
  const status = stateOf(order, capture, givenUp)
  const asked = amountOf(unit?.amount)
  const approved = order.status === 'APPROVED'
  return {
    id: order.id ?? '', status, amountMinor: asked.minor, receivedMinor: status === 'succeeded' ? amountOf(capture?.amount).minor : 0, currency: asked.currency, customerId, methodId: null, metadata,
    failure: status === 'failed' ? paypalFailure(capture?.processorResponse?.responseCode ? 'instrument_declined' : (capture?.statusDetails?.reason ?? 'instrument_declined')) : null,
    actionUrl: status === 'requires_action' && !approved ? linkOf(order.links, 'payer-action', 'approve') : null,
  }
}

/** Issues that say no to this payment for good; another request of the same kind may succeed. Everything else that is refused is our own fault. */
const declines = new Set([
  'INSTRUMENT_DECLINED', 'PAYER_CANNOT_PAY', 'PAYER_ACCOUNT_RESTRICTED', 'PAYER_ACCOUNT_LOCKED_OR_CLOSED', 'PAYEE_BLOCKED_TRANSACTION', 'TRANSACTION_REFUSED', 'TRANSACTION_LIMIT_EXCEEDED', 'PAYER_ACTION_REQUIRED',
  'BILLING_AGREEMENT_CANCELLED', 'AGREEMENT_ALREADY_CANCELLED', 'PAYMENT_DENIED', 'REDIRECT_PAYER_FOR_ALTERNATE_FUNDING', 'COMPLIANCE_VIOLATION', 'MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED', 'PAYMENT_TOKEN_NOT_FOUND',
  'PAYMENT_SOURCE_DECLINED_BY_PROCESSOR', 'PAYMENT_SOURCE_CANNOT_BE_USED',
])
export const isDecline = (error: PaypalError): boolean => error.problem.status === 422 && declines.has(error.problem.issue)
/** A saved method that is gone comes as "not found" about our own request. */
export const isTokenGone = (error: PaypalError): boolean => error.problem.issue === 'TOKEN_NOT_FOUND' || error.problem.issue === 'INVALID_VAULT_ID' || error.problem.status === 404

/** PayPal makes no order for a charge that it refuses. */
export const refusedPayment = (request: ChargeRequest, issue: string): GatewayPayment => ({
  id: `refused-${request.marks.attempt}`, status: 'failed', amountMinor: request.amountMinor, receivedMinor: 0, currency: request.currency, methodId: request.methodId, actionUrl: null, failure: paypalFailure(issue),
  ...(({ metadata, customerId }) => ({ metadata, customerId }))(orderMarks(customId(request.marks, request.customerId))),
})

export function tokenMethod(token: PaymentTokenResponse): GatewayMethod {
  const paypal = token.paymentSource?.paypal
  return { id: token.id ?? '', customerId: token.customer?.merchantCustomerId ?? token.customer?.id ?? null, brand: 'paypal', last4: null, account: paypal?.emailAddress ?? null, expMonth: null, expYear: null }
}
export const goneMethod = (id: string): GatewayMethod => ({ id, customerId: null, brand: 'paypal', last4: null, account: null, expMonth: null, expYear: null })

/** `open`: made, and approved by nobody yet. Without a method, as PayPal keeps it apart. */
export function tokenSetup(token: SetupTokenResponse, method: GatewayMethod | null = null): GatewaySetup {
  const asked = token.status === 'CREATED' || token.status === 'PAYER_ACTION_REQUIRED'
  return {
    id: token.id ?? '', status: method ? 'succeeded' : asked || token.status === 'APPROVED' ? 'requires_action' : 'processing', customerId: token.customer?.merchantCustomerId ?? null, method, metadata: {}, problem: null,
    clientSecret: '', actionUrl: asked ? linkOf(token.links, 'approve', 'payer-action') : null,
  }
}

const refundStates: Readonly<Record<string, GatewayRefund['status']>> = { COMPLETED: 'succeeded', FAILED: 'failed', CANCELLED: 'canceled' }
export function refundFrom(refund: Refund, paymentId: string | null): GatewayRefund {
  const amount = amountOf(refund.amount)
  const status = refundStates[refund.status ?? ''] ?? 'pending'
  return { id: refund.id ?? '', status, amountMinor: amount.minor, currency: amount.currency, paymentId, failure: status === 'failed' ? (refund.statusDetails?.reason ?? 'failed') : null, metadata: refundMarks(refund.customId) }
}
