/** Webhooks: where events go, how they are signed, and the endpoint that says whether a signature holds. https://developer.paypal.com/api/rest/webhooks/rest/ */
import { createSign, createVerify, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { EventDeliverer, type Outlet, type Parcel } from '../event-deliverer.js'
import type { Faults } from '../faults.js'
import type { Call, Reply } from './call.js'
import type { Account, Kept } from './state.js'
import { failure, invalid, textOf, type Json } from './wire.js'

let keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined
let wrong: { publicKey: KeyObject; privateKey: KeyObject } | undefined
const makeKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const message = (id: string, time: string, webhookId: string, body: string): string => `${id}|${time}|${webhookId}|${crc32(body)}`

/** The headers of a transmission. `secondsAgo`: as if it were older; not honest: by a key that is not PayPal's. */
export function paypalSignature(body: string, webhookId: string, base: string, { secondsAgo = 0, honest = true } = {}): Record<string, string> {
  keys ??= makeKeys()
  const { privateKey } = honest ? keys : (wrong ??= makeKeys())
  const [id, time] = [randomUUID(), new Date(Date.now() - secondsAgo * 1000).toISOString()]
  const signature = createSign('RSA-SHA256').update(message(id, time, webhookId, body)).sign(privateKey, 'base64')
  return { 'paypal-transmission-id': id, 'paypal-transmission-time': time, 'paypal-transmission-sig': signature, 'paypal-cert-url': `${base}/v1/notifications/certs/CERT-SIM`, 'paypal-auth-algo': 'SHA256withRSA' }
}

/** The event is read as the text that stands in the question: written anew by the asker, it fails, as with the real one. */
export function verifySignature({ account, body, rawBody }: Call): Reply {
  keys ??= makeKeys()
  for (const field of ['auth_algo', 'cert_url', 'transmission_id', 'transmission_sig', 'transmission_time', 'webhook_id']) if (!textOf(body, field, 2048)) throw invalid(field)
  if (account.objects.get(String(body.webhook_id))?.kind !== 'webhook') throw failure(400, 'VALIDATION_ERROR', 'INVALID_WEBHOOK_ID')
  const event = /"webhook_event"\s*:\s*([^]*)\}\s*$/.exec(rawBody)?.[1] ?? ''
  const holds = createVerify('RSA-SHA256').update(message(String(body.transmission_id), String(body.transmission_time), String(body.webhook_id), event)).verify(keys.publicKey, String(body.transmission_sig), 'base64')
  return { status: 200, whole: true, body: { verification_status: holds ? 'SUCCESS' : 'FAILURE' } }
}

export function createWebhook({ account, body }: Call): Reply {
  const url = textOf(body, 'url', 2048)
  const types = body.event_types
  if (!url || !/^https?:\/\//.test(url) || !Array.isArray(types) || !types.length) throw invalid('url')
  if (account.all('webhook').some((w) => w.url === url)) throw failure(400, 'WEBHOOK_URL_ALREADY_EXISTS', 'WEBHOOK_URL_ALREADY_EXISTS')
  return { status: 201, whole: true, body: account.add('webhook', { url, event_types: types as Json[] }) }
}
export const listWebhooks = ({ account }: Call): Reply => ({ status: 200, whole: true, body: { webhooks: account.all('webhook') } })
export const readWebhook = ({ account, ids }: Call): Reply => ({ status: 200, whole: true, body: account.get('webhook', ids[0] ?? '') })
export function deleteWebhook({ account, ids }: Call): Reply {
  account.objects.delete(account.get('webhook', ids[0] ?? '').id)
  return { status: 204, body: null }
}
export const listEvents = ({ account }: Call): Reply => ({ status: 200, whole: true, body: { events: account.all('event'), count: account.all('event').length } })

/** Our notes (`_payer`, `kind`) never travel. */
export function withoutPrivate<T>(value: T): T {
  if (Array.isArray(value)) return value.map((each) => withoutPrivate(each)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([k]) => !k.startsWith('_') && k !== 'kind').map(([k, v]) => [k, withoutPrivate(v)])) as T
}

export class Deliverer extends EventDeliverer {
  constructor(private readonly faults: Faults, retryDelaysMs: readonly number[], private readonly base: () => string) {
    super(retryDelaysMs)
  }

  emit(account: Account, type: string, resourceType: string, resource: Json): void {
    const event = account.add('event', { event_version: '1.0', resource_version: '2.0', event_type: type, resource_type: resourceType, summary: type, resource: structuredClone(withoutPrivate(resource)), links: [] }, account.newId('WH-'))
    const fault = this.faults.takeEvent(account.name, { type })
    for (const outlet of this.outletsOf(account, type)) this.send(parcelOf(account, event), outlet, fault)
  }
  resend(account: Account, event: Kept): void {
    for (const outlet of this.outletsOf(account, String(event.event_type))) this.send(parcelOf(account, event), outlet)
  }
  /** Every event of the account again, for storms. */
  async redeliverAll(account: Account, how: { copies?: number; shuffle?: boolean; parallel?: number } = {}): Promise<void> {
    await this.redeliver(account.all('event').flatMap((event) => this.outletsOf(account, String(event.event_type)).map((outlet) => ({ parcel: parcelOf(account, event), outlet }))), how)
  }

  private outletsOf(account: Account, type: string): Outlet[] {
    const listening = account.all('webhook').filter((w) => (w.event_types as Array<{ name: string }>).some(({ name }) => name === '*' || name === type))
    return listening.map((webhook) => ({ url: String(webhook.url), headers: (body, honest) => ({ ...paypalSignature(body, webhook.id, this.base(), { honest }), 'user-agent': 'PayPal/AUHD-214.0 (simulated)' }) }))
  }
}

function parcelOf(account: Account, event: Kept): Parcel {
  const shown = withoutPrivate(event)
  const forged = { ...shown, id: `WH-FORGED-${event.id.slice(3)}`, resource: { ...(shown.resource as Json), status: 'COMPLETED', amount: { currency_code: 'USD', value: '0.01' } } }
  // A space after each colon: whoever writes the event anew before verifying it finds that the signature does not hold.
  return { account: account.name, id: event.id, type: String(event.event_type), body: JSON.stringify(shown, null, 1), forged: JSON.stringify(forged, null, 1) }
}
