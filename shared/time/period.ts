/**
 * Billing periods: anchored, clamped, half-open `[start, end)`. Period N is computed from the anchor, never from the previous date, so a 31st that February
 * cut short returns in March. Boundaries are local midnights of a zone; across a daylight-saving change a day has 23 or 25 hours and nothing is lost.
 */
import { DateTime } from 'luxon'
import { localMidnight, localDateOf, daysInMonth, type LocalDate } from './local-date.js'

export interface Span {
  readonly start: Date
  /** First instant that no longer belongs to it. */
  readonly end: Date
}
export interface Period extends Span {
  /** Names the period in business keys: `2026-11` for months, `2026-11-05` for cycles. */
  readonly key: string
}

export const cycles = {
  weekly: { weeks: 1 }, monthly: { months: 1 }, quarterly: { months: 3 }, 'semi-annual': { months: 6 }, annual: { months: 12 }, biennial: { months: 24 }, triennial: { months: 36 },
} as const
/** Cycles that renew. `hourly` (metered), `one-time` and `free` have no periods. */
export type RenewingCycle = keyof typeof cycles
export type Cycle = RenewingCycle | 'hourly' | 'one-time' | 'free'

/** What never changes in a subscription: the local day of its first period, the day of the month it returns to, its zone and cycle. */
export interface Anchor {
  readonly startedOn: LocalDate
  /** 1 to 31; usually the day of `startedOn`. */
  readonly anchorDay: number
  readonly timeZone: string
  readonly cycle: RenewingCycle
}

export const contains = (span: Span, instant: Date): boolean => instant >= span.start && instant < span.end
export const secondsOf = (span: Span): number => (span.end.getTime() - span.start.getTime()) / 1000

/** Local day of boundary `n`: 0 is where the first period starts. */
export function boundary(anchor: Anchor, n: number): LocalDate {
  const step = cycles[anchor.cycle]
  if ('weeks' in step) {
    const day = DateTime.fromObject(anchor.startedOn, { zone: 'utc' }).plus({ weeks: step.weeks * n })
    return { year: day.year, month: day.month, day: day.day }
  }
  const months = anchor.startedOn.year * 12 + anchor.startedOn.month - 1 + step.months * n
  const [year, month] = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1]
  return { year, month, day: n === 0 ? anchor.startedOn.day : Math.min(anchor.anchorDay, daysInMonth(year, month)) }
}

/** Period number `n`, from 0. */
export function periodNumber(anchor: Anchor, n: number): Period {
  const [from, to] = [boundary(anchor, n), boundary(anchor, n + 1)]
  return { start: localMidnight(from, anchor.timeZone), end: localMidnight(to, anchor.timeZone), key: isoDay(from) }
}

/** The period that contains the instant; throws RangeError for an instant before the first. */
export function periodAt(anchor: Anchor, instant: Date): Period {
  const first = periodNumber(anchor, 0)
  if (instant < first.start) throw new RangeError('This instant lies before the first period.')
  const typical = anchor.cycle === 'weekly' ? 7 : cycles[anchor.cycle].months * 30.436875
  let n = Math.max(0, Math.floor((instant.getTime() - first.start.getTime()) / 86_400_000 / typical) - 1)
  while (periodNumber(anchor, n).end <= instant) n++
  return periodNumber(anchor, n)
}

/** The month-long period of a customer that contains the instant; `anchorDay` 1 gives calendar months. Its key is the month in which it starts. */
export function monthOf(instant: Date, timeZone: string, anchorDay = 1): Period {
  const today = localDateOf(instant, timeZone)
  const inThis = instant >= monthBoundary(today.year, today.month, timeZone, anchorDay)
  return monthStarting(today.year, inThis ? today.month : today.month - 1, timeZone, anchorDay)
}

/** The period that starts where this one ends. */
export function nextMonth(period: Period, timeZone: string, anchorDay = 1): Period {
  return monthOf(period.end, timeZone, anchorDay)
}

const isoDay = (d: LocalDate): string => `${d.year}-${String(d.month).padStart(2, '0')}-${String(d.day).padStart(2, '0')}`

function monthBoundary(year: number, month: number, timeZone: string, anchorDay: number): Date {
  const [y, m] = [year + Math.floor((month - 1) / 12), ((((month - 1) % 12) + 12) % 12) + 1]
  return localMidnight({ year: y, month: m, day: Math.min(anchorDay, daysInMonth(y, m)) }, timeZone)
}

function monthStarting(year: number, month: number, timeZone: string, anchorDay: number): Period {
  const [y, m] = [year + Math.floor((month - 1) / 12), ((((month - 1) % 12) + 12) % 12) + 1]
  return { start: monthBoundary(y, m, timeZone, anchorDay), end: monthBoundary(y, m + 1, timeZone, anchorDay), key: `${y}-${String(m).padStart(2, '0')}` }
}
