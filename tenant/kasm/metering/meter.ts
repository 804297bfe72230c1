/**
 * The meter's rules, pure. A run is billed in increments of 15 minutes from its start, rounded up; an increment belongs to the period in which it starts.
 * Everything counts in instants, so zones and changes of clocks cannot add or lose time. Page, bill and wholesale record all ask here.
 */
import type { Span } from '../../../shared/time/period.js'

export const INCREMENT_SECONDS = 900
const INCREMENT_MS = INCREMENT_SECONDS * 1000

export interface Run {
  readonly startedAt: Date
  /** Null while it runs. */
  readonly stoppedAt: Date | null
}

/** How many increments have begun when `ms` milliseconds have passed: at the very start none, one millisecond later the first. */
const begun = (ms: number): number => Math.max(0, Math.ceil(ms / INCREMENT_MS))

/** Seconds of all increments that start before `instant`. A run that has not stopped is counted until `now`. Grows with `instant`, never shrinks. */
export function billableSecondsBefore(run: Run, instant: Date, now: Date): number {
  const end = run.stoppedAt ?? now
  const until = Math.min(end.getTime(), instant.getTime())
  return begun(until - run.startedAt.getTime()) * INCREMENT_SECONDS
}

/** Seconds to bill for the whole run: 8 min → 15, 22 → 30, 65 → 75. */
export function billableSeconds(run: Run, now: Date): number {
  return billableSecondsBefore(run, run.stoppedAt ?? now, now)
}

/** Seconds of the increments that start within the period `[start, end)`. Over adjoining periods they add up to `billableSeconds`. */
export function billableSecondsIn(run: Run, period: Span, now: Date): number {
  return billableSecondsBefore(run, period.end, now) - billableSecondsBefore(run, period.start, now)
}

/** When the first increment of the run within the period starts; null when none does. */
export function firstIncrementIn(run: Run, period: Span, now: Date): Date | null {
  if (billableSecondsIn(run, period, now) === 0) return null
  return new Date(run.startedAt.getTime() + billableSecondsBefore(run, period.start, now) * 1000)
}

/** Whole seconds between start and stop (or `now`), cut down. */
export function elapsedSeconds(run: Run, now: Date): number {
  return Math.max(0, Math.floor(((run.stoppedAt ?? now).getTime() - run.startedAt.getTime()) / 1000))
}
