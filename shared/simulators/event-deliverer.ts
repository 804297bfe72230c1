/** Delivering a simulated gateway's events: at least once, in no promised order, repeated until the receiver answers 2xx. What an event looks like and how it is signed, its gateway says. */
import type { EventFault } from './faults.js'

/** An event on its way. */
export interface Parcel {
  readonly account: string
  readonly id: string
  readonly type: string
  readonly body: string
  /** What an attacker would send: the same event with changes of his choosing. */
  readonly forged: string
}
/** An address that wants it. `headers`: the signature; not honest: made without the secret. */
export interface Outlet {
  readonly url: string
  headers(body: string, honest: boolean): Record<string, string>
}
export interface Delivery {
  account: string
  eventId: string
  type: string
  /** HTTP status of the receiver; 0 when it could not be reached. */
  status: number
}

export class EventDeliverer {
  readonly deliveries: Delivery[] = []
  private running = new Set<Promise<void>>()
  private held: Array<() => void> = []
  private stopped = false
  constructor(private readonly retryDelaysMs: readonly number[]) {}

  /** Sends the event to one address, with its fault. */
  send(parcel: Parcel, outlet: Outlet, fault: EventFault | null = null): void {
    if (fault?.kind === 'drop') return
    if (fault?.kind === 'reorder') {
      const release = (): void => this.track(this.deliver(parcel, outlet))
      this.held.push(release)
      setTimeout(() => this.held.includes(release) && this.releaseHeld(), fault.ms ?? 2000).unref()
      return
    }
    const work = async (): Promise<void> => {
      if (fault?.kind === 'delay') await new Promise((done) => setTimeout(done, fault.ms ?? 1000))
      if (fault?.kind === 'forge') await this.post(parcel, parcel.forged, outlet.url, outlet.headers(parcel.forged, false))
      await Promise.all(Array.from({ length: fault?.kind === 'duplicate' ? 3 : 1 }, () => this.deliver(parcel, outlet)))
    }
    this.track(work().then(() => this.releaseHeld()))
  }

  /** All of them again, `copies` times each, shuffled where asked; at most `parallel` at a time. Resolves when every one was answered. */
  async redeliver(parcels: ReadonlyArray<{ parcel: Parcel; outlet: Outlet }>, { copies = 1, shuffle = false, parallel = 8 }: { copies?: number; shuffle?: boolean; parallel?: number } = {}): Promise<void> {
    const waiting = Array.from({ length: copies }, () => parcels).flat()
    if (shuffle) waiting.sort(() => Math.random() - 0.5)
    await Promise.all(Array.from({ length: parallel }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await this.deliver(next.parcel, next.outlet)
    }))
  }

  private releaseHeld(): void {
    for (const release of this.held.splice(0)) release()
  }
  private track(work: Promise<void>): void {
    const noted: Promise<void> = work.catch(() => undefined).finally(() => this.running.delete(noted))
    this.running.add(noted)
  }

  private async deliver(parcel: Parcel, outlet: Outlet): Promise<void> {
    for (const delay of [0, ...this.retryDelaysMs]) {
      if (delay) await new Promise((done) => setTimeout(done, delay).unref())
      if (this.stopped) return
      const status = await this.post(parcel, parcel.body, outlet.url, outlet.headers(parcel.body, true))
      if (status >= 200 && status < 300) return
    }
  }

  private async post(parcel: Parcel, body: string, url: string, headers: Record<string, string>): Promise<number> {
    const status = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
      .then(async (answer) => (await answer.arrayBuffer(), answer.status))
      .catch(() => 0)
    this.deliveries.push({ account: parcel.account, eventId: parcel.id, type: parcel.type, status })
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
