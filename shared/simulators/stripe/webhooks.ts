/** Events and their signed delivery. At least once, in no promised order, repeated until the receiver answers 2xx. https://docs.stripe.com/webhooks */
import { createHmac } from 'node:crypto'
import type { EventFault, Faults } from './faults.js'
import { API_VERSION, type Account } from './state.js'
import type { ApiObject } from './wire.js'

/** `t=<unix>,v1=<hmac of "t.body">`, as in the header `Stripe-Signature`. */
export function signatureHeader(body: string, secret: string, seconds = Math.floor(Date.now() / 1000)): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

export interface Delivery {
  account: string
  eventId: string
  type: string
  /** HTTP status of the receiver; 0 when it could not be reached. */
  status: number
}

export class Deliverer {
  readonly deliveries: Delivery[] = []
  private running = new Set<Promise<void>>()
  private held: Array<() => void> = []
  private stopped = false
  constructor(private readonly faults: Faults, private readonly retryDelaysMs: readonly number[]) {}

  /** Records that `type` happened to the object and tells every endpoint that listens. */
  emit(account: Account, type: string, object: ApiObject): void {
    const event = account.add('event', 'evt', {
      type, api_version: API_VERSION, data: { object: structuredClone(object) }, pending_webhooks: 0, request: { id: null, idempotency_key: null },
    })
    const fault = this.faults.takeEvent(account.name, event)
    for (const endpoint of account.all('webhook_endpoint')) {
      const wanted = endpoint.enabled_events as string[]
      if (endpoint.status === 'enabled' && (wanted.includes('*') || wanted.includes(type))) this.schedule(account, endpoint, event, fault)
    }
  }

  private schedule(account: Account, endpoint: ApiObject, event: ApiObject, fault: EventFault | null): void {
    if (fault?.kind === 'drop') return
    if (fault?.kind === 'reorder') {
      const release = (): void => this.track(this.deliver(account, endpoint, event))
      this.held.push(release)
      setTimeout(() => this.held.includes(release) && this.releaseHeld(), fault.ms ?? 2000).unref()
      return
    }
    const send = async (): Promise<void> => {
      if (fault?.kind === 'delay') await new Promise((done) => setTimeout(done, fault.ms ?? 1000))
      if (fault?.kind === 'forge') await this.post(account, endpoint, forged(event), 'whsec_not_the_secret_at_all')
      const copies = fault?.kind === 'duplicate' ? 3 : 1
      await Promise.all(Array.from({ length: copies }, () => this.deliver(account, endpoint, event)))
    }
    this.track(send().then(() => this.releaseHeld()))
  }

  private releaseHeld(): void {
    for (const release of this.held.splice(0)) release()
  }
  private track(work: Promise<void>): void {
    const noted: Promise<void> = work.catch(() => undefined).finally(() => this.running.delete(noted))
    this.running.add(noted)
  }

  /** Sends the event again, as the dashboard's "resend" does. */
  resend(account: Account, event: ApiObject): void {
    for (const endpoint of account.all('webhook_endpoint')) this.track(this.deliver(account, endpoint, event))
  }

  private async deliver(account: Account, endpoint: ApiObject, event: ApiObject): Promise<void> {
    for (const delay of [0, ...this.retryDelaysMs]) {
      if (delay) await new Promise((done) => setTimeout(done, delay).unref())
      if (this.stopped) return
      const status = await this.post(account, endpoint, event, String(endpoint._secret))
      if (status >= 200 && status < 300) return
    }
  }

  private async post(account: Account, endpoint: ApiObject, event: ApiObject, secret: string): Promise<number> {
    const body = JSON.stringify(event, null, 2)
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signatureHeader(body, secret), 'user-agent': 'Stripe/1.0 (simulated)' }
    const status = await fetch(String(endpoint.url), { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
      .then(async (answer) => (await answer.arrayBuffer(), answer.status))
      .catch(() => 0)
    this.deliveries.push({ account: account.name, eventId: event.id, type: String(event.type), status })
    if (this.deliveries.length > 2000) this.deliveries.shift()
    return status
  }

  /** Resolves when nothing is on its way any more (held events excepted). */
  async idle(): Promise<void> {
    while (this.running.size) await Promise.all(this.running)
  }
  stop(): void {
    this.stopped = true
    this.held = []
  }
}

/** What an attacker would send: the same event, an amount of his choosing. */
function forged(event: ApiObject): ApiObject {
  const data = structuredClone(event.data) as { object: Record<string, unknown> }
  return { ...event, id: `evt_forged_${event.id.slice(4)}`, data: { object: { ...data.object, amount: 1, amount_received: 1, status: 'succeeded' } } }
}
