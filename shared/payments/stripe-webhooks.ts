/** Stripe's events and endpoints. https://docs.stripe.com/webhooks */
import Stripe from 'stripe'
import { BadWebhook, type EventSubject, type GatewayEvent } from './gateway-events.js'

/** Oldest signature that is believed, in seconds. */
const TOLERANCE = 300

/** What our endpoint must be told. */
const wantedEvents = [
  'payment_intent.succeeded', 'payment_intent.payment_failed', 'payment_intent.processing', 'payment_intent.requires_action', 'payment_intent.canceled',
  'setup_intent.succeeded', 'payment_method.detached', 'payment_method.updated', 'payment_method.automatically_updated',
  'charge.dispute.created', 'charge.dispute.updated', 'charge.dispute.closed', 'charge.dispute.funds_withdrawn', 'charge.dispute.funds_reinstated', 'refund.created', 'refund.updated', 'refund.failed',
] as const

/** Throws BadWebhook. */
export function verifyStripeWebhook(secret: string | null, rawBody: Buffer, signature: string | undefined): GatewayEvent {
  if (!secret || secret.length < 16) throw new BadWebhook('This account has no webhook secret.')
  if (!signature) throw new BadWebhook('The signature header is missing.')
  try {
    Stripe.webhooks.constructEvent(rawBody, signature, secret, TOLERANCE)
  } catch (error) {
    throw new BadWebhook(error instanceof Stripe.errors.StripeSignatureVerificationError ? 'The signature does not hold.' : 'The body is not an event.')
  }
  return readStripeEvent(rawBody.toString('utf8'))
}

const subjects: ReadonlyArray<[prefix: string, about: EventSubject]> = [
  ['payment_intent.', 'payment'], ['setup_intent.', 'setup'], ['payment_method.', 'method'], ['charge.dispute.', 'dispute'], ['refund.', 'refund'],
]

/** Throws BadWebhook when the text is no event. */
export function readStripeEvent(text: string): GatewayEvent {
  const { id, type, api_version: apiVersion, data } = parse(text)
  const object = data?.object as { id?: unknown; metadata?: Record<string, string> } | undefined
  if (typeof id !== 'string' || typeof type !== 'string' || typeof object?.id !== 'string') throw new BadWebhook('The body is not an event.')
  const about = subjects.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'other'
  return { id, type, about, objectId: object.id, user: object.metadata?.user ?? null, apiVersion: apiVersion ?? null }
}

function parse(text: string): Partial<Stripe.Event> {
  try {
    const event = JSON.parse(text) as Partial<Stripe.Event> | null
    if (event && typeof event === 'object') return event
  } catch {
    // told below
  }
  throw new BadWebhook('The body is not an event.')
}

/** Makes the endpoint for our address and returns its secret, which Stripe shows only this once. */
export async function makeEndpoint(stripe: Stripe, url: string): Promise<{ id: string; secret: string | null }> {
  const made = await stripe.webhookEndpoints.create({ url, enabled_events: [...wantedEvents], api_version: Stripe.API_VERSION as Stripe.WebhookEndpointCreateParams.ApiVersion })
  return { id: made.id, secret: made.secret ?? null }
}

export async function removeEndpoint(stripe: Stripe, id: string): Promise<void> {
  await stripe.webhookEndpoints.del(id).catch((error: unknown) => {
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || error.code !== 'resource_missing') throw error
  })
}
