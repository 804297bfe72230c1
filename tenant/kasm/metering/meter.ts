/**
 * The meter's rules, pure. A run is billed in increments of 15 minutes from its start, rounded up; an increment belongs to the period in which it starts.
 * Everything counts in instants, so zones and changes of clocks cannot add or lose time. Page, receipt, bill and wholesale record all ask here.
 *
 * Time that nobody saw. A sighting is a poll that saw the desktop run, and the settling of its start. Two sightings up to three minutes apart vouch for the
 * time between them (a poll may be late). Further apart they leave a gap, and an increment that lies wholly within a gap is not billed: the grid of quarter
 * hours stays where the start has put it, so an increment that anybody saw, at whichever end, is billed whole. A wish to stop is no sighting: it ends the
 * run where it was uttered, and what lies between the last sighting and a wish that came later than three minutes is a gap which nobody saw the end of.
 * What a server ended by itself ends at the last sighting.
 *
 * Why this never takes anything back: the bill counts an open run up to its last sighting only. A later gap begins at that sighting, hence covers no increment
 * that had begun before it; so the seconds to bill before any instant only grow. The live figure of a page is what the receipt would say if the
 * customer stopped this moment; it follows the same rule, and says so when the desktop has not been seen for more than three minutes.
 */
import type { Span } from '../../../shared/time/period.js'

export const INCREMENT_SECONDS = 900
const INCREMENT_MS = INCREMENT_SECONDS * 1000
/** So far apart two sightings may be, and still vouch for the time between them. */
export const TRUST_MS = 180_000

/** From the last sighting before it to the first one after it; `seenAgain` is false where the run ended without one. */
export interface Gap extends Span {
  readonly seenAgain: boolean
}
export interface Run {
  readonly startedAt: Date
  /** Null while it runs. */
  readonly stoppedAt: Date | null
  /** In order, apart from each other. */
  readonly gaps?: readonly Gap[]
}
/** A run with its last sighting: what the meter knows while it goes on. */
export interface SeenRun extends Run {
  readonly lastSeenAt: Date
}

/** How many increments have begun when `ms` milliseconds have passed: at the very start none, one millisecond later the first. */
const begun = (ms: number): number => Math.max(0, Math.ceil(ms / INCREMENT_MS))

/** Numbers of the increments wholly within the gap: from the first that starts after the sighting before it, to the first that is seen again (excluded). */
function unseen(run: Run, gap: Gap, end: Date): { from: number; to: number } {
  const place = (instant: Date): number => Math.floor((instant.getTime() - run.startedAt.getTime()) / INCREMENT_MS)
  return { from: place(gap.start) + 1, to: gap.seenAgain && gap.end <= end ? place(gap.end) : Infinity }
}

/** Seconds of all seen increments that start before `instant`. A run that has not stopped is counted until `now`. Grows with `instant`, never shrinks. */
export function billableSecondsBefore(run: Run, instant: Date, now: Date): number {
  const end = run.stoppedAt ?? now
  const until = begun(Math.min(end.getTime(), instant.getTime()) - run.startedAt.getTime())
  let increments = until
  for (const gap of run.gaps ?? []) {
    const { from, to } = unseen(run, gap, end)
    increments -= Math.max(0, Math.min(to, until) - from)
  }
  return increments * INCREMENT_SECONDS
}

/** Seconds to bill for the whole run: 8 min → 15, 22 → 30, 65 → 75. */
export function billableSeconds(run: Run, now: Date): number {
  return billableSecondsBefore(run, run.stoppedAt ?? now, now)
}

/** Seconds of the seen increments that start within the period `[start, end)`. Over adjoining periods they add up to `billableSeconds`. */
export function billableSecondsIn(run: Run, period: Span, now: Date): number {
  return billableSecondsBefore(run, period.end, now) - billableSecondsBefore(run, period.start, now)
}

/** When the first billed increment of the run within the period starts; null when none does. */
export function firstIncrementIn(run: Run, period: Span, now: Date): Date | null {
  if (billableSecondsIn(run, period, now) === 0) return null
  const first = Math.max(0, Math.ceil((period.start.getTime() - run.startedAt.getTime()) / INCREMENT_MS))
  return incrementStart(run, nextSeen(run, first, run.stoppedAt ?? now))
}

/** When the increment begins that follows `seconds` billed ones: where a bill that has covered so much goes on. */
export function instantAfter(run: Run, seconds: number, now: Date): Date {
  const end = run.stoppedAt ?? now
  let number = seconds / INCREMENT_SECONDS
  for (const gap of run.gaps ?? []) {
    const { from, to } = unseen(run, gap, end)
    if (from <= number && to !== Infinity) number += Math.max(0, to - from)
  }
  return incrementStart(run, number)
}

const incrementStart = (run: Run, number: number): Date => new Date(run.startedAt.getTime() + number * INCREMENT_MS)

function nextSeen(run: Run, number: number, end: Date): number {
  let seen = number
  for (const gap of run.gaps ?? []) {
    const { from, to } = unseen(run, gap, end)
    if (seen >= from && seen < to) seen = to
  }
  return seen
}

/** What is certain of it: until it was last seen, where it still runs. Bills and wholesale records count this. */
export const certain = (run: SeenRun): Run => ({ startedAt: run.startedAt, stoppedAt: run.stoppedAt ?? run.lastSeenAt, gaps: run.gaps ?? [] })

/** The run as it would stand if the customer stopped it at `now`: the live figure. A closed run is what it is. */
export function stoppedNow(run: SeenRun, now: Date): Run {
  if (run.stoppedAt) return run
  const gap = gapBefore(run.lastSeenAt, now, false)
  return { startedAt: run.startedAt, stoppedAt: now, gaps: [...(run.gaps ?? []), ...(gap ? [gap] : [])] }
}

/** The gap that two sightings, or a sighting and a wish, leave between them; null when the first vouches for the time. */
export function gapBefore(lastSeenAt: Date, at: Date, seenAgain: boolean): Gap | null {
  return at.getTime() - lastSeenAt.getTime() > TRUST_MS ? { start: lastSeenAt, end: at, seenAgain } : null
}

/** Since when nobody has seen it run, once that is longer than a sighting vouches for; null while all is well, and for what has ended. */
export const unseenSince = (run: SeenRun, now: Date): Date | null => (run.stoppedAt === null && gapBefore(run.lastSeenAt, now, false) ? run.lastSeenAt : null)

/** Whole seconds between start and stop (or `now`), cut down. */
export function elapsedSeconds(run: Run, now: Date): number {
  return Math.max(0, Math.floor(((run.stoppedAt ?? now).getTime() - run.startedAt.getTime()) / 1000))
}

/** Of the increments that the run began, how many seconds are not charged because nobody saw the desktop in them. */
export function unchargedSeconds(run: Run, now: Date): number {
  return billableSeconds({ startedAt: run.startedAt, stoppedAt: run.stoppedAt }, now) - billableSeconds(run, now)
}
