/** What a broker counts. Plain numbers, summed since the process began; `snapshot()` adds the gauges of this moment. */
export interface BrokerSnapshot {
  /** Physical connections, opening ones included. */
  size: number
  /** In use by a query, a transaction or a switch. */
  busy: number
  /** Kept for a unit of work between two of its queries. */
  parked: number
  waiting: number
  budget: number
  /** Acquired without a switch. */
  hits: number
  /** Taken over from another tenant. */
  steals: number
  opens: number
  /** Failed opens, switches and verifications. */
  failures: number
  /** Gave up waiting. */
  timeouts: number
  waits: number
  waitMs: number
  waitMaxMs: number
}

export class BrokerStats {
  hits = 0
  steals = 0
  opens = 0
  failures = 0
  timeouts = 0
  waits = 0
  waitMs = 0
  waitMaxMs = 0

  waited(ms: number): void {
    this.waits++
    this.waitMs += ms
    if (ms > this.waitMaxMs) this.waitMaxMs = ms
  }
}
