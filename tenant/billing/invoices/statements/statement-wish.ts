/** Which days and currency a statement is asked for; whatever stands in the address bar, it is a statement. Days are the shop's. */
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { dayAfter, dayOf, isoOf, localDateOf, localMidnight } from '../../../../shared/time/local-date.js'
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
