/** Days as people in a zone see them: no time, no zone of their own. */
import { DateTime } from 'luxon'

export interface LocalDate {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
}

/** Throws RangeError for a zone that the IANA database does not know. */
export function localDateOf(instant: Date, timeZone: string): LocalDate {
  const local = DateTime.fromJSDate(instant, { zone: timeZone })
  if (!local.isValid) throw new RangeError(`"${timeZone}" is not a time zone.`)
  return { year: local.year, month: local.month, day: local.day }
}

/**
 * The first instant of a local day. Where daylight saving skips midnight (Beirut, Havana) it is the first instant after the gap; where midnight comes twice,
 * the earlier one; where the whole day is missing (Apia, 30 December 2011) the start of the next.
 */
export function localMidnight(day: LocalDate, timeZone: string): Date {
  const noon = DateTime.fromObject({ ...day, hour: 12 }, { zone: timeZone })
  if (!noon.isValid) throw new RangeError(`${day.year}-${day.month}-${day.day} in "${timeZone}" is not a date.`)
  const midnight = noon.startOf('day')
  const earlier = [120, 60, 30].map((minutes) => midnight.minus({ minutes })).find((t) => t.day === midnight.day)
  return (earlier ?? midnight).toJSDate()
}

export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

/** A real day from 1970 on, or null. */
export function dayOf(value: unknown): LocalDate | null {
  const match = typeof value === 'string' ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) : null
  if (!match) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? { year, month, day } : null
}

/** `2026-11-30`. */
export const isoOf = ({ year, month, day }: LocalDate): string => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`

/** `days` later (or earlier), in the calendar. */
export function dayAfter({ year, month, day }: LocalDate, days = 1): LocalDate {
  const next = new Date(Date.UTC(year, month - 1, day + days))
  return { year: next.getUTCFullYear(), month: next.getUTCMonth() + 1, day: next.getUTCDate() }
}
