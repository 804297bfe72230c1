/**
 * What billing must know of metered use, without knowing who meters it. Features that meter (kasm) implement this and call `registerUsageSource`
 * at load; billing never imports them. An implementation owns its meter: increments, rounding up, "we never bill what nobody saw".
 *
 * The bill is cumulative: due = seconds that began before the period's end − seconds billed so far. So an increment is billed in the period in which it
 * starts, one that becomes known late is billed with the next period, and none is ever billed twice, whatever happens to zones or anchors.
 */
import type { Period } from '../../../shared/time/period.js'

/** One run of one workspace, as the bill sees it. */
export interface UsageRun {
  readonly sessionId: number
  readonly serviceId: number
  readonly userId: number
  /** The customer's own name of the service, e.g. `api-box`. */
  readonly serviceName: string
  /** e.g. `Developer Basic`. */
  readonly planName: string
  readonly currency: string
  /** Frozen at the run's start; micro-units of the major unit per hour. */
  readonly rateMicros: number
  readonly startedAt: Date
  /** Null while it runs. */
  readonly stoppedAt: Date | null
  /** Seconds of this run that already stand on invoices, less what credit notes took back. */
  readonly billedSeconds: number
  /** Of these: what interim bills of the period that was asked for have taken. */
  readonly interimSeconds: number
  /** Pure: seconds of all whole increments that start before `instant` (and, for an open run, that somebody saw start). Grows with `instant`, never shrinks. */
  secondsBefore(instant: Date): number
  /** The same for a page that shows the cost right now: an open run counts as if it were stopped at `now`. Never used for a bill. */
  secondsSoFar(instant: Date, now: Date): number
  /** The same for a forecast: an open run counts as if it were seen running until then. */
  secondsIfKept(until: Date): number
  /** Pure: where the run goes on after so many billed seconds. */
  instantAfter(seconds: number): Date
}

/** What one run contributes to one invoice line; kasm stores it in `kasm_billed_slices`. */
export interface BilledSlice {
  readonly sessionId: number
  readonly period: Period
  readonly seconds: number
  readonly rateMicros: number
  readonly invoiceId: number
  readonly invoiceLineId: number
}

/** All methods run inside the tenant's work; reads see the open transaction when there is one. */
export interface UsageSource {
  /** `kasm`. */
  readonly kind: string
  /** Seconds come in whole multiples of this. */
  readonly incrementSeconds: number
  /** Customers with at least one run that started before `instant` and is open or not fully billed, with the start of their earliest such run; of one customer when asked. */
  customersToBill(instant: Date, userId?: number): Promise<Array<{ userId: number; since: Date }>>
  /** This customer's runs that started before `period.end` and either reach into the period or still hold unbilled seconds. Ordered by start, then id. */
  sessionsForPeriod(userId: number, period: Period): Promise<UsageRun[]>
  /** True while an open run that started before `period.end` was last seen before `period.end`: the meter has not caught up, the bill waits (up to three days). */
  lagsBehind(userId: number, period: Period): Promise<boolean>
  /** Called inside billing's transaction, once per slice; a unique key (session, period start) refuses a second time. */
  markBilled(slices: readonly BilledSlice[]): Promise<void>
  /** An invoice was voided and issued anew: what stood on its lines stands on others now. Inside billing's transaction; lines of other sources are none of its business. */
  moveBilled(moves: ReadonlyArray<{ fromLineId: number; toLineId: number; toInvoiceId: number }>): Promise<void>
}

const sources = new Map<string, UsageSource>()

/** Called once per process when the metering feature loads; again with the same kind replaces (tests). */
export function registerUsageSource(source: UsageSource): void {
  sources.set(source.kind, source)
}

export const usageSources = (): UsageSource[] => [...sources.values()]
