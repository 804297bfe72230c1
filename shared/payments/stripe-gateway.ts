/** The door to Stripe through its own SDK. The API version is the SDK's pinned one. https://docs.stripe.com/api */
import Stripe from 'stripe'
import { OutsideError } from '../errors.js'
import { belowGatewayMinimum, fromGatewayAmount, gatewayAmount } from '../money/currency.js'
import { Money } from '../money/money.js'
import { assertOutsideAllowed } from '../outside/client.js'
import { BadWebhook, type ChargeRequest, type Gateway, type GatewayEvent, type GatewayPayment } from './gateway.js'
import { answerOf, setupFrom, methodFrom, paymentFrom, declinedPayment } from './stripe-answers.js'

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

/** Oldest signature that is believed, in seconds. */
const TOLERANCE = 300
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
    name: 'stripe',
    publishableKey: account.publishableKey,
    simulatedAt: account.apiBase ?? null,
    tooSmall: (amountMinor, currency) => !account.apiBase && belowGatewayMinimum(Money.of(amountMinor, currency), 'stripe'),
    ensureCustomer: ({ key, email, name, marks }) =>
      ask(async (stripe) => (await stripe.customers.create({ email, name, metadata: { ...marks } }, { idempotencyKey: key })).id),
    createSetup: ({ key, customerId, marks }) =>
      ask(async (stripe) => setupFrom(await stripe.setupIntents.create({ customer: customerId, usage: 'off_session', metadata: { ...marks }, expand: ['payment_method'] }, { idempotencyKey: key }))),
    retrieveSetup: (id) => ask(async (stripe) => setupFrom(await stripe.setupIntents.retrieve(id, { expand: ['payment_method'] }))),
    retrieveMethod: (id) => ask(async (stripe) => methodFrom(await stripe.paymentMethods.retrieve(id))),
    removeMethod: (id) => ask((stripe) => detach(stripe, id)),
    charge: (request) => ask((stripe) => charge(stripe, request)),
    retrievePayment: (id) => ask(async (stripe) => paymentFrom(await stripe.paymentIntents.retrieve(id))),
    findPayment: (facts) => ask((stripe) => find(stripe, facts)),
    cancelPayment: (id) => ask((stripe) => cancel(stripe, id)),
    refund: ({ key, paymentId, amountMinor, currency, marks }) =>
      ask(async (stripe) => {
        const made = await stripe.refunds.create({ payment_intent: paymentId, amount: gatewayAmount(Money.of(amountMinor, currency), 'stripe'), metadata: { ...marks } }, { idempotencyKey: key })
        const status = made.status === 'succeeded' || made.status === 'failed' || made.status === 'canceled' ? made.status : 'pending'
        return { id: made.id, status, amountMinor: fromGatewayAmount(made.amount, currency, 'stripe') }
      }),
    verifyWebhook: (rawBody, signature) => verify(account.webhookSecret, rawBody, signature),
  }
}

async function charge(stripe: Stripe, request: ChargeRequest): Promise<GatewayPayment> {
  try {
    return paymentFrom(await stripe.paymentIntents.create(
      {
        amount: gatewayAmount(Money.of(request.amountMinor, request.currency), 'stripe'), currency: request.currency.toLowerCase(), customer: request.customerId, payment_method: request.methodId,
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

function verify(secret: string | null, rawBody: Buffer, signature: string | undefined): GatewayEvent {
  if (!secret || secret.length < 16) throw new BadWebhook('This account has no webhook secret.')
  if (!signature) throw new BadWebhook('The signature header is missing.')
  let event: Stripe.Event
  try {
    event = Stripe.webhooks.constructEvent(rawBody, signature, secret, TOLERANCE)
  } catch (error) {
    throw new BadWebhook(error instanceof Stripe.errors.StripeSignatureVerificationError ? 'The signature does not hold.' : 'The body is not an event.')
  }
  const object = event.data?.object as { id?: unknown; object?: unknown } | undefined
  if (typeof event.id !== 'string' || typeof event.type !== 'string' || typeof object?.id !== 'string') throw new BadWebhook('The body is not an event.')
  return { id: event.id, type: event.type, objectId: object.id, objectKind: String(object.object), apiVersion: event.api_version }
}

/** The account's key works. Throws OutsideError otherwise. */
export async function checkStripeAccount(account: StripeAccount): Promise<void> {
  assertOutsideAllowed('stripe')
  await clientOf(account).customers.list({ limit: 1 }).catch((error: unknown) => {
    throw answerOf(error) instanceof OutsideError ? answerOf(error) : error
  })
}

/** What our endpoint must be told. */
const wantedEvents = [
  'payment_intent.succeeded', 'payment_intent.payment_failed', 'payment_intent.processing', 'payment_intent.requires_action', 'payment_intent.canceled',
  'setup_intent.succeeded', 'payment_method.detached', 'payment_method.updated', 'payment_method.automatically_updated',
  'charge.dispute.created', 'refund.created', 'refund.updated', 'refund.failed',
] as const

/** Makes the endpoint at Stripe for our address and returns its secret, which Stripe shows only this once. */
export async function registerWebhook(account: StripeAccount, url: string): Promise<{ id: string; secret: string }> {
  assertOutsideAllowed('stripe')
  const stripe = clientOf(account)
  const made = await stripe.webhookEndpoints.create({ url, enabled_events: [...wantedEvents], api_version: Stripe.API_VERSION as Stripe.WebhookEndpointCreateParams.ApiVersion }).catch((error: unknown) => {
    throw answerOf(error)
  })
  return { id: made.id, secret: made.secret ?? '' }
}
