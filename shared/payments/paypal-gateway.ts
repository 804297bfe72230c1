/** The door to PayPal: orders, the vault, refunds, transactions. */
import { createHash } from 'node:crypto'
import { gatewayStep } from '../money/currency.js'
import type { Gateway } from './gateway.js'
import type { GatewaySetup, SetupRequest } from './gateway-methods.js'
import type { GatewayRefund, RefundRequest } from './gateway-refunds.js'
import type { PaypalAccount } from './paypal-account.js'
import { paypalMoney, paypalTakes } from './paypal-amounts.js'
import { goneMethod, orderPayment, refundFrom, tokenMethod, tokenSetup } from './paypal-answers.js'
import { askPaypal, checkPaypal, WHOLE, type AskPaypal } from './paypal-client.js'
import { acceptPaypalDispute, retrievePaypalDispute, submitPaypalEvidence } from './paypal-disputes.js'
import { PaypalError } from './paypal-errors.js'
import { refundId, requestId } from './paypal-marks.js'
import { captureOrder, chargeByOrder, giveUpOrder, orderToApprove } from './paypal-orders.js'
import { readPaypalEvent, registerPaypalWebhook, removePaypalWebhook, verifyPaypalWebhook } from './paypal-rest.js'
import { findPaypalPayment, paypalTransactions } from './paypal-transactions.js'

const HOUR = 3_600_000
/** Orders forget a key after six hours. */
const KEY_LIFE = 5 * HOUR

/** PayPal makes its customers by itself; this is the name that we give ours there. */
const customerIdOf = (key: string): string => `c${createHash('sha256').update(key).digest('base64url').slice(0, 21)}`

export function paypalGateway(account: PaypalAccount): Gateway {
  const ask: AskPaypal = (call) => askPaypal(account, call)
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
    charge: (request) => chargeByOrder(ask, request),
    startCheckout: (request) => orderToApprove(ask, request),
    completePayment: (id) => captureOrder(ask, id),
    retrievePayment: async (id) => orderPayment(await order(id)),
    findPayment: (facts) => findPaypalPayment(account, facts.attempt),
    cancelPayment: (id) => giveUpOrder(ask, id),
    refund: (request) => refund(ask, request),
    retrieveRefund: async (id) => refundFrom(await ask((api) => api.payments.getRefund({ refundId: id })), null),
    findRefund: async ({ paymentId, refund: mark }) => {
      const made = (await order(paymentId)).purchaseUnits?.[0]?.payments?.refunds?.map((r) => refundFrom(r, paymentId)) ?? []
      return made.find((r) => r.metadata['refund'] === mark) ?? null
    },
    retrieveDispute: (id) => retrievePaypalDispute(account, id),
    submitEvidence: (request) => submitPaypalEvidence(account, request),
    acceptDispute: (request) => acceptPaypalDispute(account, request),
    listTransactions: (span) => paypalTransactions(account, span),
    verifyWebhook: (rawBody, header) => verifyPaypalWebhook(account, rawBody, header),
    readEvent: readPaypalEvent,
    check: () => checkPaypal(account),
    registerWebhook: async (url) => ({ id: await registerPaypalWebhook(account, url), secret: null }),
    removeWebhook: (id) => removePaypalWebhook(account, id),
  }
}

/** For `.then(good, orGone(…))`: what PayPal does not know (any more). */
const orGone = <T>(answer: () => T) => (error: unknown): T => {
  if (error instanceof PaypalError && error.problem.status === 404) return answer()
  throw error
}

async function createSetup(ask: AskPaypal, { key, customerId, returnUrl, cancelUrl, brandName }: SetupRequest) {
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
async function completeSetup(ask: AskPaypal, id: string): Promise<GatewaySetup> {
  const token = await ask((api) => api.vault.getSetupToken(id))
  const setup = tokenSetup(token)
  if (setup.actionUrl !== null) return setup
  const made = await ask(({ sdk, vault }) => vault.createPaymentToken({ paypalRequestId: requestId(`token-${id}`), body: { paymentSource: { token: { id, type: sdk.VaultTokenRequestType.SetupToken } } } }))
  return tokenSetup(token, tokenMethod(made))
}

async function refund(ask: AskPaypal, { key, paymentId, amountMinor, currency, marks }: RefundRequest): Promise<GatewayRefund> {
  const order = await ask((api) => api.orders.getOrder({ id: paymentId }))
  const captureId = order.purchaseUnits?.[0]?.payments?.captures?.[0]?.id ?? ''
  const made = await ask((api) => api.payments.refundCapturedPayment({ captureId, paypalRequestId: requestId(key), prefer: WHOLE, body: { amount: paypalMoney(amountMinor, currency), customId: refundId(marks) } }))
  return refundFrom(made, paymentId)
}
