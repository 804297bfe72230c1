/** Which days and currency a statement is asked for; whatever stands in the address bar, it is a statement. Days are the shop's. */
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { localDateOf, localMidnight, type LocalDate } from '../../../../shared/time/local-date.js'
import type { Span } from '../../../../shared/time/period.js'

export interface StatementWish {
  readonly span: Span
  readonly currency: string
  /** First and last day, `2026-11-30`. */
  readonly from: string
  readonly until: string
  /** The same wish for links. */
  readonly query: string
}

/** By default from the first of the month before this one until today. */
export function statementWish(asked: Readonly<Record<string, unknown>>, currencies: readonly string[], now: Date): StatementWish {
  const { timeZone } = currentTenant()
  const today = localDateOf(now, timeZone)
  const lastMonth = today.month === 1 ? { year: today.year - 1, month: 12, day: 1 } : { year: today.year, month: today.month - 1, day: 1 }
  const [from, until] = [dayOf(asked['from']) ?? lastMonth, dayOf(asked['until']) ?? today]
  const last = isoOf(until) < isoOf(from) ? from : until
  const currency = currencies.find((c) => c === asked['currency']) ?? currencies[0]!
  const words = { from: isoOf(from), until: isoOf(last), currency }
  return { ...words, span: { start: localMidnight(from, timeZone), end: localMidnight(dayAfter(last), timeZone) }, query: `?${new URLSearchParams(words)}` }
}

/** A real day from 1970 on, or null. */
export function dayOf(value: unknown): LocalDate | null {
  const match = typeof value === 'string' ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) : null
  if (!match) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? { year, month, day } : null
}

export const isoOf = ({ year, month, day }: LocalDate): string => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`

export function dayAfter({ year, month, day }: LocalDate): LocalDate {
  const next = new Date(Date.UTC(year, month - 1, day + 1))
  return { year: next.getUTCFullYear(), month: next.getUTCMonth() + 1, day: next.getUTCDate() }
}
