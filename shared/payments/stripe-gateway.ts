/** The door to Stripe through its own SDK. The API version is the SDK's pinned one. https://docs.stripe.com/api */
import Stripe from 'stripe'
import { OutsideError } from '../errors.js'
import { belowGatewayMinimum, gatewayAmount, gatewayStep } from '../money/currency.js'
import { Money } from '../money/money.js'
import { assertOutsideAllowed } from '../outside/client.js'
import type { Gateway } from './gateway.js'
import type { ChargeRequest, GatewayPayment } from './gateway-charges.js'
import type { GatewayRefund, RefundRequest } from './gateway-refunds.js'
import { answerOf, setupFrom, methodFrom, paymentFrom, declinedPayment, refundFrom } from './stripe-answers.js'
import { acceptStripeDispute, disputeFrom, submitStripeEvidence } from './stripe-disputes.js'
import { stripeTransactions } from './stripe-reports.js'
import { makeEndpoint, readStripeEvent, removeEndpoint, verifyStripeWebhook } from './stripe-webhooks.js'

export interface StripeAccount {
  readonly secretKey: string
  /** `whsec_…` of this account's endpoint; null while there is none: then every webhook is refused. */
  readonly webhookSecret: string | null
  readonly publishableKey: string | null
  /** Another address for the API (simulator); null for the real one. */
  readonly apiBase?: string | null
  /** Milliseconds until an answer counts as lost; default: patience. */
  readonly timeoutMs?: number
}
/** Default time limit; tests shorten it. */
export const patience = { timeoutMs: 20_000 }

/** How long Stripe surely remembers a key: a day, less a margin. */
const KEY_LIFE = 23 * 3_600_000
/** How many of a customer's payments are looked through for a lost attempt, newest first. */
const LATEST = 500
/** One client a key and address: they hold keep-alive connections. */
const clients = new Map<string, Stripe>()

function clientOf(account: StripeAccount): Stripe {
  const timeout = account.timeoutMs ?? patience.timeoutMs
  const name = `${account.secretKey} ${account.apiBase ?? ''} ${timeout}`
  const known = clients.get(name)
  if (known) return known
  const base = account.apiBase ? new URL(account.apiBase) : null
  const where = base ? { host: base.hostname, port: Number(base.port || (base.protocol === 'https:' ? 443 : 80)), protocol: base.protocol === 'http:' ? ('http' as const) : ('https' as const) } : {}
  // We repeat ourselves, with our own keys, when the row says so. The SDK's one repeat after a closed connection carries the same key.
  const made = new Stripe(account.secretKey, { ...where, maxNetworkRetries: 0, timeout, telemetry: false, appInfo: { name: 'billing-platform' } })
  if (clients.size > 2000) clients.clear()
  clients.set(name, made)
  return made
}

export function stripeGateway(account: StripeAccount): Gateway {
  const ask = <T>(call: (stripe: Stripe) => Promise<T>): Promise<T> => {
    assertOutsideAllowed('stripe')
    return call(clientOf(account)).catch((error: unknown) => {
      throw answerOf(error)
    })
  }
  return {
    name: 'stripe', publishableKey: account.publishableKey, simulatedAt: account.apiBase ?? null, hasCheckout: false, keyLifeMs: KEY_LIFE, lagMs: 0, takes: () => true, stepOf: (currency) => gatewayStep(currency, 'stripe'),
    tooSmall: (amountMinor, currency) => belowGatewayMinimum(Money.of(amountMinor, currency), 'stripe'),
    ensureCustomer: ({ key, email, name, marks }) =>
      ask(async (stripe) => (await stripe.customers.create({ email, name, metadata: { ...marks } }, { idempotencyKey: key })).id),
    createSetup: ({ key, customerId, marks }) =>
      ask(async (stripe) => setupFrom(await stripe.setupIntents.create({ customer: customerId, usage: 'off_session', metadata: { ...marks }, expand: ['payment_method'] }, { idempotencyKey: key }))),
    retrieveSetup: (id) => ask((stripe) => setup(stripe, id)),
    completeSetup: (id) => ask((stripe) => setup(stripe, id)),
    retrieveMethod: (id) => ask(async (stripe) => methodFrom(await stripe.paymentMethods.retrieve(id))),
    removeMethod: (id) => ask((stripe) => detach(stripe, id)),
    charge: (request) => ask((stripe) => charge(stripe, request)),
    startCheckout: () => Promise.reject(new Error('Stripe payments go to a saved card here; ask hasCheckout first.')),
    completePayment: (id) => ask(async (stripe) => paymentFrom(await stripe.paymentIntents.retrieve(id))),
    retrievePayment: (id) => ask(async (stripe) => paymentFrom(await stripe.paymentIntents.retrieve(id))),
    findPayment: (facts) => ask((stripe) => find(stripe, facts)),
    cancelPayment: (id) => ask((stripe) => cancel(stripe, id)),
    refund: (request) => ask((stripe) => refund(stripe, request)),
    retrieveRefund: (id) => ask(async (stripe) => refundFrom(await stripe.refunds.retrieve(id))),
    findRefund: (facts) => ask((stripe) => findRefund(stripe, facts)),
    retrieveDispute: (id) => ask(async (stripe) => disputeFrom(await stripe.disputes.retrieve(id, { expand: ['payment_intent'] }))),
    submitEvidence: (request) => ask((stripe) => submitStripeEvidence(stripe, request)),
    acceptDispute: (request) => ask((stripe) => acceptStripeDispute(stripe, request)),
    listTransactions: (span) => ask((stripe) => stripeTransactions(stripe, span)),
    verifyWebhook: async (rawBody, header) => verifyStripeWebhook(account.webhookSecret, rawBody, header('stripe-signature')),
    readEvent: readStripeEvent,
    check: () => ask(async (stripe) => void (await stripe.customers.list({ limit: 1 }))),
    registerWebhook: (url) => ask((stripe) => makeEndpoint(stripe, url)),
    removeWebhook: (id) => ask((stripe) => removeEndpoint(stripe, id)),
  }
}

const setup = async (stripe: Stripe, id: string) => setupFrom(await stripe.setupIntents.retrieve(id, { expand: ['payment_method'] }))

/** As Stripe counts. 1.167 KWD lies between two of its steps: refused for good before anybody is asked, so that no attempt waits for an answer that never comes. */
function inSteps(amountMinor: number, currency: string): number {
  try {
    return gatewayAmount(Money.of(amountMinor, currency), 'stripe')
  } catch (cause) {
    throw new OutsideError(cause instanceof Error ? cause.message : String(cause), { door: 'stripe', retryable: false, code: 'amount_step', cause })
  }
}

async function charge(stripe: Stripe, request: ChargeRequest): Promise<GatewayPayment> {
  try {
    return paymentFrom(await stripe.paymentIntents.create(
      {
        amount: inSteps(request.amountMinor, request.currency), currency: request.currency.toLowerCase(), customer: request.customerId, payment_method: request.methodId,
        confirm: true, description: request.description, metadata: { ...request.marks }, ...(request.offSession ? { off_session: true } : { return_url: request.returnUrl }),
      },
      { idempotencyKey: request.key },
    ))
  } catch (error) {
    const declined = declinedPayment(error)
    if (declined) return declined
    throw error
  }
}

async function find(stripe: Stripe, { attempt, customerId }: { attempt: string; customerId: string }): Promise<GatewayPayment | null> {
  let seen = 0
  for await (const intent of stripe.paymentIntents.list({ customer: customerId, limit: 100 })) {
    if (intent.metadata.attempt === attempt) return paymentFrom(intent)
    if (++seen >= LATEST) break
  }
  return null
}

async function cancel(stripe: Stripe, id: string): Promise<GatewayPayment> {
  try {
    return paymentFrom(await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' }))
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'payment_intent_unexpected_state') return paymentFrom(await stripe.paymentIntents.retrieve(id))
    throw error
  }
}

async function detach(stripe: Stripe, id: string): Promise<void> {
  try {
    await stripe.paymentMethods.detach(id)
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error
    const gone = error.code === 'resource_missing' || (await stripe.paymentMethods.retrieve(id)).customer === null
    if (!gone) throw error
  }
}

async function refund(stripe: Stripe, { key, paymentId, amountMinor, currency, marks }: RefundRequest): Promise<GatewayRefund> {
  return refundFrom(await stripe.refunds.create({ payment_intent: paymentId, amount: inSteps(amountMinor, currency), metadata: { ...marks } }, { idempotencyKey: key }))
}

async function findRefund(stripe: Stripe, { paymentId, refund: mark }: { paymentId: string; refund: string }): Promise<GatewayRefund | null> {
  for await (const made of stripe.refunds.list({ payment_intent: paymentId, limit: 100 })) if (made.metadata?.refund === mark) return refundFrom(made)
  return null
}
