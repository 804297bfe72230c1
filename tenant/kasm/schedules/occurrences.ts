/**
 * When a schedule starts and stops its workspace. Pure; everything beside the wall clock of its zone is an instant.
 * Days are those on which it begins: with a start, a stop that is not later the same day belongs to the next ("22:00–06:00").
 * A time that the clocks skip (02:30 in spring) is the first moment after the gap; one that comes twice (01:30 in autumn) is the first of the two.
 * A day that a zone skips altogether (Apia, 30 December 2011) has no start, and no stop of its own; a stop that belongs to the night before comes
 * at the first moment after it.
 */
import { IANAZone } from 'luxon'
import { localDateOf, type LocalDate } from '../../../shared/time/local-date.js'

export interface Hours {
  /** 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[]
  /** `HH:MM`; at least one of the two. */
  readonly startTime: string | null
  readonly stopTime: string | null
  readonly timeZone: string
}

/** A start that was missed is still done so long, where no stop ends its window. */
export const START_WINDOW_MS = 2 * 3_600_000
const HOUR_MS = 3_600_000
/** More than any offset, so that the offsets around a local time are found on both sides. */
const REACH_MS = 26 * HOUR_MS
/** Days to look ahead: a week, and one that a zone may skip on both ends. */
const AHEAD = 9

/** The first moment at or after this time on the clocks of the zone. */
export function momentOf(day: LocalDate, time: string, timeZone: string): Date {
  const zone = IANAZone.create(timeZone)
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const local = Date.UTC(day.year, day.month - 1, day.day, hour, minute)
  const offsetMs = (at: number) => zone.offset(at) * 60_000
  const candidates = [offsetMs(local - REACH_MS), offsetMs(local + REACH_MS)].map((offset) => local - offset)
  const real = candidates.filter((at) => at + offsetMs(at) === local)
  return new Date(real.length ? Math.min(...real) : changeBetween(Math.min(...candidates), Math.max(...candidates), offsetMs))
}

/** The instant at which the offset changes between two that have different ones. */
function changeBetween(from: number, to: number, offsetMs: (at: number) => number): number {
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMs(middle) === offsetMs(from)) low = middle
    else high = middle
  }
  return high
}

const shifted = (day: LocalDate, by: number): LocalDate => {
  const moved = new Date(Date.UTC(day.year, day.month - 1, day.day + by))
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() }
}
const weekday = (day: LocalDate): number => new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay() || 7
const same = (a: LocalDate, b: LocalDate): boolean => a.year === b.year && a.month === b.month && a.day === b.day
const isOvernight = (hours: Hours): boolean => hours.startTime !== null && hours.stopTime !== null && hours.stopTime <= hours.startTime

export interface Occurrence { readonly start: Date | null; readonly stop: Date | null }

/** What the schedule does on one of its days; null when that day does not exist, or is none of its days. */
export function onDay(hours: Hours, day: LocalDate): Occurrence | null {
  if (!hours.days.includes(weekday(day))) return null
  const first = momentOf(day, hours.startTime ?? hours.stopTime ?? '00:00', hours.timeZone)
  if (!same(localDateOf(first, hours.timeZone), day)) return null
  const stop = hours.stopTime === null ? null : momentOf(isOvernight(hours) ? shifted(day, 1) : day, hours.stopTime, hours.timeZone)
  return { start: hours.startTime === null ? null : first, stop }
}

function* daysFrom(hours: Hours, after: Date): Generator<Occurrence> {
  const today = localDateOf(after, hours.timeZone)
  for (let n = -2; n <= AHEAD; n++) {
    const occurrence = onDay(hours, shifted(today, n))
    if (occurrence) yield occurrence
  }
}

/** The next start and the next stop, each strictly after `now`; null where it has none. */
export function nextOf(hours: Hours, now: Date): Occurrence {
  const next = { start: null as Date | null, stop: null as Date | null }
  for (const { start, stop } of daysFrom(hours, now)) {
    if (start && start > now) next.start ??= start
    if (stop && stop > now) next.stop ??= stop
  }
  return next
}

/** The last of a kind at or before `now`, from the one at `from` on, which is one of the schedule's. */
export function lastOf(hours: Hours, kind: 'start' | 'stop', from: Date, now: Date): Date {
  let last = from
  for (const at of [...daysFrom(hours, now)].map((o) => o[kind])) if (at && at > last && at <= now) last = at
  return last
}

/** Until when a start that was missed is still done: its own stop, or two hours later. */
export function windowEnd(hours: Hours, start: Date): Date {
  const own = [...daysFrom(hours, start)].find((o) => o.start?.getTime() === start.getTime())
  return own?.stop ?? new Date(start.getTime() + START_WINDOW_MS)
}
