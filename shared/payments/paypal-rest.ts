/** PayPal's webhooks, which its SDK lacks. https://developer.paypal.com/docs/api/webhooks/v1/ */
import { BadWebhook, type EventSubject, type GatewayEvent, type HeaderOf } from './gateway-events.js'
import type { PaypalAccount } from './paypal-account.js'
import { callPaypal } from './paypal-client.js'
import { PaypalError } from './paypal-errors.js'

/** Oldest transmission that is believed, in seconds: PayPal tries for three days. Copies change nothing: an event is stored once. */
export const PAYPAL_TOLERANCE = 3 * 86_400
const headers = { auth_algo: 'paypal-auth-algo', cert_url: 'paypal-cert-url', transmission_id: 'paypal-transmission-id', transmission_sig: 'paypal-transmission-sig', transmission_time: 'paypal-transmission-time' } as const

/** What our webhook must be told. DENIED is the older, DECLINED the newer name of one thing. */
const wantedEvents = [
  'CHECKOUT.ORDER.APPROVED', 'CHECKOUT.PAYMENT-APPROVAL.REVERSED', 'PAYMENT.CAPTURE.COMPLETED', 'PAYMENT.CAPTURE.PENDING', 'PAYMENT.CAPTURE.DENIED', 'PAYMENT.CAPTURE.DECLINED', 'PAYMENT.CAPTURE.REFUNDED',
  'PAYMENT.CAPTURE.REVERSED', 'PAYMENT.REFUND.PENDING', 'PAYMENT.REFUND.FAILED', 'VAULT.PAYMENT-TOKEN.CREATED', 'VAULT.PAYMENT-TOKEN.DELETED', 'CUSTOMER.DISPUTE.CREATED', 'CUSTOMER.DISPUTE.UPDATED', 'CUSTOMER.DISPUTE.RESOLVED',
] as const

/** Makes the webhook, or finds the one that is registered for this address already. Returns its id. */
export async function registerPaypalWebhook(account: PaypalAccount, url: string): Promise<string> {
  try {
    const answer = await callPaypal(account, 'POST', '/v1/notifications/webhooks', { url, event_types: wantedEvents.map((name) => ({ name })) })
    return String((answer.json as { id?: unknown }).id)
  } catch (error) {
    if (!(error instanceof PaypalError) || error.problem.issue !== 'WEBHOOK_URL_ALREADY_EXISTS') throw error
    const { webhooks = [] } = (await callPaypal(account, 'GET', '/v1/notifications/webhooks')).json as { webhooks?: Array<{ id: string; url: string }> }
    const known = webhooks.find((w) => w.url === url)
    if (!known) throw error
    return known.id
  }
}

export async function removePaypalWebhook(account: PaypalAccount, id: string): Promise<void> {
  await callPaypal(account, 'DELETE', `/v1/notifications/webhooks/${encodeURIComponent(id)}`).catch((error: unknown) => {
    if (!(error instanceof PaypalError) || error.problem.status !== 404) throw error
  })
}

/**
 * PayPal checks its own signature. The event goes there as the very text that came: written anew, it would not match. Throws BadWebhook, and OutsideError when
 * PayPal does not answer; then it sends the event again.
 */
export async function verifyPaypalWebhook(account: PaypalAccount, rawBody: Buffer, header: HeaderOf): Promise<GatewayEvent> {
  if (!account.webhookId) throw new BadWebhook('This account has no webhook, so no signature can hold.')
  const sent = Object.fromEntries(Object.entries(headers).map(([field, name]) => [field, header(name) ?? '']))
  const missing = Object.values(headers).find((name) => !header(name))
  if (missing) throw new BadWebhook(`The signature header ${missing} is missing.`)
  const age = (Date.now() - Date.parse(sent['transmission_time']!)) / 1000
  if (!(Math.abs(age) <= PAYPAL_TOLERANCE)) throw new BadWebhook('The signature is too old.')
  if (!isPaypals(sent['cert_url']!, account)) throw new BadWebhook('The signature names a certificate that is not PayPal\'s.')
  const text = rawBody.toString('utf8')
  const event = readPaypalEvent(text) // also the proof that it is JSON: only then it may stand inside the question
  const question = `${JSON.stringify({ ...sent, webhook_id: account.webhookId }).slice(0, -1)},"webhook_event":${text}}`
  const answer = await callPaypal(account, 'POST', '/v1/notifications/verify-webhook-signature', question).catch((error: unknown) => {
    throw error instanceof PaypalError && error.problem.status === 400 ? new BadWebhook('The signature does not hold.') : error
  })
  if ((answer.json as { verification_status?: unknown } | undefined)?.verification_status !== 'SUCCESS') throw new BadWebhook('The signature does not hold.')
  return event
}

function isPaypals(url: string, account: PaypalAccount): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, origin } = new URL(url)
  return (protocol === 'https:' && hostname.endsWith('.paypal.com')) || (Boolean(account.apiBase) && origin === new URL(account.apiBase!).origin)
}

interface RawEvent {
  id?: unknown
  event_type?: unknown
  resource_version?: unknown
  resource?: { id?: unknown; dispute_id?: unknown; supplementary_data?: { related_ids?: { order_id?: unknown } } }
}

/** Throws BadWebhook when the text is no event. */
export function readPaypalEvent(text: string): GatewayEvent {
  const event = parse(text)
  const { resource = {} } = event
  const about = subjectOf(String(event.event_type))
  const objectId = about === 'payment' ? (resource.supplementary_data?.related_ids?.order_id ?? resource.id) : about === 'dispute' ? resource.dispute_id : resource.id
  if (typeof event.id !== 'string' || typeof event.event_type !== 'string' || typeof objectId !== 'string') throw new BadWebhook('The body is not an event.')
  return { id: event.id, type: event.event_type, about, objectId, user: null, apiVersion: typeof event.resource_version === 'string' ? event.resource_version : null }
}
function parse(text: string): RawEvent {
  try {
    const event = JSON.parse(text) as RawEvent | null
    if (event && typeof event === 'object') return event
  } catch {
    // told below
  }
  throw new BadWebhook('The body is not an event.')
}

/** The resource of CAPTURE.REFUNDED is the refund; the others' is what they are named after. */
function subjectOf(type: string): EventSubject {
  if (type === 'PAYMENT.CAPTURE.REFUNDED' || type === 'PAYMENT.CAPTURE.REVERSED' || type.startsWith('PAYMENT.REFUND.')) return 'refund'
  if (type.startsWith('PAYMENT.CAPTURE.') || type.startsWith('CHECKOUT.ORDER.')) return 'payment'
  if (type.startsWith('VAULT.PAYMENT-TOKEN.')) return 'method'
  return type.startsWith('CUSTOMER.DISPUTE.') ? 'dispute' : 'other'
}
