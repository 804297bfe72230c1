/** What a fleet command tells while it works and at its end. Stable: `--ndjson` prints these. */
import type { FleetMember } from './ledger.js'

export interface FleetFailure {
  /** Migration file; null when it failed before any. */
  readonly file: string | null
  /** Statement in the file, from 1, and how many it has. */
  readonly step: number | null
  readonly steps: number | null
  readonly sql: string | null
  /** Error number of the server; 0 when it did not answer. */
  readonly errno: number
  readonly message: string
}

export interface FleetResult {
  readonly tenant: string
  readonly kind: FleetMember['kind']
  readonly database: string
  /** unreachable: nothing is known to have changed, and trying later may help. */
  readonly status: 'done' | 'failed' | 'unreachable'
  readonly from: string | null
  readonly to: string | null
  readonly ms: number
  /** Files applied or taken back, or what was found. */
  readonly detail: readonly string[]
  readonly failure?: FleetFailure
}

export type FleetOutcome = 'finished' | 'up-to-date' | 'nothing-matched' | 'interrupted' | 'stopped' | 'dry-run'

export interface FleetSummary {
  readonly outcome: FleetOutcome
  /** Why it stopped before the end. */
  readonly reason?: string
  readonly matched: number
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly unreachable: number
  /** Not begun. */
  readonly left: number
  readonly ms: number
  readonly head: string | null
  readonly runId: number | null
  readonly results: readonly FleetResult[]
}

/** Told as things happen; every part may be missing. */
export interface Reporter {
  start?(total: number, what: string): void
  note?(text: string): void
  result?(result: FleetResult): void
  finish?(summary: FleetSummary): void
}
