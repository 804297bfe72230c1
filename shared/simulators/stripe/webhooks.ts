/** Events and their signature. https://docs.stripe.com/webhooks */
import { createHmac } from 'node:crypto'
import { EventDeliverer, type Outlet, type Parcel } from '../event-deliverer.js'
import type { Faults } from '../faults.js'
import { API_VERSION, type Account } from './state.js'
import type { ApiObject } from './wire.js'

/** `t=<unix>,v1=<hmac of "t.body">`, as in the header `Stripe-Signature`. */
export function signatureHeader(body: string, secret: string, seconds = Math.floor(Date.now() / 1000)): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

export class Deliverer extends EventDeliverer {
  constructor(private readonly faults: Faults, retryDelaysMs: readonly number[]) {
    super(retryDelaysMs)
  }

  /** Records that `type` happened to the object and tells every endpoint that listens. */
  emit(account: Account, type: string, object: ApiObject): void {
    const event = account.add('event', 'evt', {
      type, api_version: API_VERSION, data: { object: structuredClone(object) }, pending_webhooks: 0, request: { id: null, idempotency_key: null },
    })
    const fault = this.faults.takeEvent(account.name, event)
    for (const outlet of outletsOf(account, type)) this.send(parcelOf(account, event), outlet, fault)
  }

  /** Sends the event again, as the dashboard's "resend" does. */
  resend(account: Account, event: ApiObject): void {
    for (const outlet of outletsOf(account, String(event.type))) this.send(parcelOf(account, event), outlet)
  }

  /** Every event of the account again, for storms. */
  async redeliverAll(account: Account, how: { copies?: number; shuffle?: boolean; parallel?: number } = {}): Promise<void> {
    await this.redeliver(account.all('event').flatMap((event) => outletsOf(account, String(event.type)).map((outlet) => ({ parcel: parcelOf(account, event), outlet }))), how)
  }
}

function outletsOf(account: Account, type: string): Outlet[] {
  const listening = account.all('webhook_endpoint').filter(({ status, enabled_events: wanted }) => status === 'enabled' && ((wanted as string[]).includes('*') || (wanted as string[]).includes(type)))
  return listening.map((endpoint) => ({
    url: String(endpoint.url),
    headers: (body, honest) => ({ 'stripe-signature': signatureHeader(body, honest ? String(endpoint._secret) : 'whsec_not_the_secret_at_all'), 'user-agent': 'Stripe/1.0 (simulated)' }),
  }))
}

function parcelOf(account: Account, event: ApiObject): Parcel {
  const data = structuredClone(event.data) as { object: Record<string, unknown> }
  const forged = { ...event, id: `evt_forged_${event.id.slice(4)}`, data: { object: { ...data.object, amount: 1, amount_received: 1, status: 'succeeded' } } }
  return { account: account.name, id: event.id, type: String(event.type), body: JSON.stringify(event, null, 2), forged: JSON.stringify(forged, null, 2) }
}
