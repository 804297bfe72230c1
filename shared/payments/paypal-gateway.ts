/** The door to PayPal: orders that we charge to a saved account or that the customer approves, the vault, refunds, transactions. Always `intent: CAPTURE`. */
import { gatewayStep } from '../money/currency.js'
import { createHash } from 'node:crypto'
import type { PaypalWallet } from '@paypal/paypal-server-sdk'
import type { Gateway } from './gateway.js'
import type { ChargeRequest, CheckoutRequest, GatewayPayment } from './gateway-charges.js'
import type { GatewaySetup, SetupRequest } from './gateway-methods.js'
import type { GatewayRefund, RefundRequest } from './gateway-refunds.js'
import { goneMethod, isDecline, isTokenGone, orderPayment, paypalFailure, refundFrom, refusedPayment, tokenMethod, tokenSetup } from './paypal-answers.js'
import { paypalMoney, paypalTakes } from './paypal-amounts.js'
import { askPaypal, checkPaypal, type PaypalAccount, type PaypalApi } from './paypal-client.js'
import { PaypalError } from './paypal-errors.js'
import { customId, givenUp, invoiceId, orderMarks, refundId } from './paypal-marks.js'
import { readPaypalEvent, registerPaypalWebhook, removePaypalWebhook, retrievePaypalDispute, verifyPaypalWebhook } from './paypal-rest.js'
import { findPaypalPayment, paypalTransactions } from './paypal-transactions.js'

const HOUR = 3_600_000
/** Orders forget a key after six hours. */
const KEY_LIFE = 5 * HOUR
const WHOLE = 'return=representation'

/** PayPal takes 108 characters; ours are shorter, except for very long ones. */
const requestId = (key: string): string => (key.length <= 100 ? key : createHash('sha256').update(key).digest('hex'))
/** PayPal makes its customers by itself; this is the name that we give ours there. */
const customerIdOf = (key: string): string => `c${createHash('sha256').update(key).digest('base64url').slice(0, 21)}`

export function paypalGateway(account: PaypalAccount): Gateway {
  const ask = <T>(call: (api: PaypalApi) => Promise<{ result: T }>): Promise<T> => askPaypal(account, call)
  const order = (id: string) => ask((api) => api.orders.getOrder({ id }))
  return {
    name: 'paypal', publishableKey: account.clientId, simulatedAt: account.apiBase ?? null, hasCheckout: true, keyLifeMs: KEY_LIFE, lagMs: 3 * HOUR,
    takes: paypalTakes, stepOf: (currency) => gatewayStep(currency, 'paypal'),
    tooSmall: () => false,
    ensureCustomer: async ({ key }) => customerIdOf(key),
    createSetup: async (request) => tokenSetup(await createSetup(ask, request)),
    retrieveSetup: async (id) => tokenSetup(await ask((api) => api.vault.getSetupToken(id))),
    completeSetup: (id) => completeSetup(ask, id),
    retrieveMethod: async (id) => ask((api) => api.vault.getPaymentToken(id)).then(tokenMethod, orGone(() => goneMethod(id))),
    removeMethod: async (id) => ask((api) => api.vault.deletePaymentToken(id)).then(() => undefined, orGone(() => undefined)),
    charge: (request) => charge(ask, request),
    startCheckout: async (request) => orderPayment(await startCheckout(ask, request)),
    completePayment: (id) => complete(ask, id),
    retrievePayment: async (id) => orderPayment(await order(id)),
    findPayment: (facts) => findPaypalPayment(account, facts.attempt),
    cancelPayment: (id) => cancel(ask, id),
    refund: (request) => refund(ask, request),
    retrieveRefund: async (id) => refundFrom(await ask((api) => api.payments.getRefund({ refundId: id })), null),
    findRefund: async ({ paymentId, refund: mark }) => {
      const made = (await order(paymentId)).purchaseUnits?.[0]?.payments?.refunds?.map((r) => refundFrom(r, paymentId)) ?? []
      return made.find((r) => r.metadata['refund'] === mark) ?? null
    },
    retrieveDispute: (id) => retrievePaypalDispute(account, id),
    listTransactions: (span) => paypalTransactions(account, span),
    verifyWebhook: (rawBody, header) => verifyPaypalWebhook(account, rawBody, header),
    readEvent: readPaypalEvent,
    check: () => checkPaypal(account),
    registerWebhook: async (url) => ({ id: await registerPaypalWebhook(account, url), secret: null }),
    removeWebhook: (id) => removePaypalWebhook(account, id),
  }
}

type Ask = <T>(call: (api: PaypalApi) => Promise<{ result: T }>) => Promise<T>

/** For `.then(good, orGone(…))`: what PayPal does not know (any more). */
const orGone = <T>(answer: () => T) => (error: unknown): T => {
  if (error instanceof PaypalError && error.problem.status === 404) return answer()
  throw error
}

async function createSetup(ask: Ask, { key, customerId, returnUrl, cancelUrl, brandName }: SetupRequest) {
  return ask(({ sdk, vault }) => vault.createSetupToken({
    paypalRequestId: requestId(key),
    body: {
      customer: { merchantCustomerId: customerId },
      paymentSource: { paypal: {
        usageType: sdk.PaypalPaymentTokenUsageType.Merchant, usagePattern: sdk.UsagePattern.UnscheduledPostpaid, permitMultiplePaymentTokens: true,
        experienceContext: { brandName: brandName.slice(0, 127), returnUrl, cancelUrl, shippingPreference: sdk.ExperienceContextShippingPreference.NoShipping },
      } },
    },
  }))
}

/** A setup token becomes a payment token once; asked again, the same key brings the same token back. */
async function completeSetup(ask: Ask, id: string): Promise<GatewaySetup> {
  const token = await ask((api) => api.vault.getSetupToken(id))
  const setup = tokenSetup(token)
  if (setup.actionUrl !== null) return setup
  const made = await ask(({ sdk, vault }) => vault.createPaymentToken({ paypalRequestId: requestId(`token-${id}`), body: { paymentSource: { token: { id, type: sdk.VaultTokenRequestType.SetupToken } } } }))
  return tokenSetup(token, tokenMethod(made))
}

async function charge(ask: Ask, request: ChargeRequest): Promise<GatewayPayment> {
  try {
    return offSessionOnly(request, await orderFor(ask, request, ({ sdk }) => ({
      vaultId: request.methodId,
      storedCredential: {
        paymentInitiator: request.offSession ? sdk.PaymentInitiator.Merchant : sdk.PaymentInitiator.Customer, usage: sdk.StoredPaymentSourceUsageType.Subsequent, usagePattern: sdk.UsagePattern.UnscheduledPostpaid,
      },
      ...(request.offSession ? {} : { experienceContext: { returnUrl: request.returnUrl, cancelUrl: request.returnUrl } }),
    })).then(orderPayment))
  } catch (error) {
    if (!(error instanceof PaypalError)) throw error
    if (isDecline(error)) return refusedPayment(request, error.problem.issue)
    if (isTokenGone(error)) return refusedPayment(request, 'PAYMENT_TOKEN_NOT_FOUND')
    throw error
  }
}

/** Nobody is there to approve: this attempt is over, and we never capture its order. */
function offSessionOnly(request: ChargeRequest, payment: GatewayPayment): GatewayPayment {
  if (!request.offSession || payment.status !== 'requires_action') return payment
  return { ...payment, status: 'failed', actionUrl: null, failure: paypalFailure('PAYER_ACTION_REQUIRED') }
}

function startCheckout(ask: Ask, request: CheckoutRequest) {
  return orderFor(ask, request, ({ sdk }) => ({
    experienceContext: {
      brandName: request.brandName.slice(0, 127), returnUrl: request.returnUrl, cancelUrl: request.cancelUrl, shippingPreference: sdk.PaypalWalletContextShippingPreference.NoShipping, userAction: sdk.PaypalExperienceUserAction.PayNow,
    },
  }))
}

async function orderFor(ask: Ask, request: Omit<CheckoutRequest, 'cancelUrl' | 'brandName'>, wallet: (api: PaypalApi) => PaypalWallet) {
  const unit = {
    referenceId: 'default', amount: paypalMoney(request.amountMinor, request.currency), customId: customId(request.marks, request.customerId), invoiceId: invoiceId(request.marks), description: request.description.slice(0, 127),
  }
  return ask((api) => api.orders.createOrder({ paypalRequestId: requestId(request.key), prefer: WHOLE, body: { intent: api.sdk.CheckoutPaymentIntent.Capture, purchaseUnits: [unit], paymentSource: { paypal: wallet(api) } } }))
}

async function complete(ask: Ask, id: string): Promise<GatewayPayment> {
  const order = await ask((api) => api.orders.getOrder({ id }))
  const now = orderPayment(order)
  if (order.status !== 'APPROVED' || now.status !== 'requires_action') return now
  try {
    return orderPayment(await ask((api) => api.orders.captureOrder({ id, paypalRequestId: requestId(`capture-${id}`), prefer: WHOLE })))
  } catch (error) {
    if (!(error instanceof PaypalError)) throw error
    if (error.problem.issue === 'ORDER_ALREADY_CAPTURED') return orderPayment(await ask((api) => api.orders.getOrder({ id })))
    if (!isDecline(error)) throw error
    await cancel(ask, id) // the customer may choose again, by a new attempt
    return { ...now, status: 'failed', actionUrl: null, failure: paypalFailure(error.problem.issue) }
  }
}

/** PayPal cannot void such an order. It takes money only by our capture, so we mark it as given up, and complete() asks. */
async function cancel(ask: Ask, id: string): Promise<GatewayPayment> {
  const order = await ask((api) => api.orders.getOrder({ id }))
  const now = orderPayment(order)
  const text = order.purchaseUnits?.[0]?.customId ?? ''
  if (now.status !== 'requires_action' || orderMarks(text).givenUp) return now
  try {
    await ask(({ sdk, orders }) => orders.patchOrder({ id, body: [{ op: sdk.PatchOp.Replace, path: "/purchase_units/@reference_id=='default'/custom_id", value: givenUp(text) }] }))
  } catch (error) {
    if (!(error instanceof PaypalError) || error.problem.status !== 422) throw error // captured meanwhile: look again
  }
  return orderPayment(await ask((api) => api.orders.getOrder({ id })))
}

async function refund(ask: Ask, { key, paymentId, amountMinor, currency, marks }: RefundRequest): Promise<GatewayRefund> {
  const order = await ask((api) => api.orders.getOrder({ id: paymentId }))
  const captureId = order.purchaseUnits?.[0]?.payments?.captures?.[0]?.id ?? ''
  const made = await ask((api) => api.payments.refundCapturedPayment({ captureId, paypalRequestId: requestId(key), prefer: WHOLE, body: { amount: paypalMoney(amountMinor, currency), customId: refundId(marks) } }))
  return refundFrom(made, paymentId)
}
