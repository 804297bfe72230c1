/** Which time a usage page speaks of: a billing month of the shop's zone, or days that the customer chose. Pure. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { dayAfter, dayOf, localDateOf, localMidnight } from '../../../shared/time/local-date.js'
import { monthOf, nextMonth, type Period, type Span } from '../../../shared/time/period.js'

export interface UsageWish { month?: string | undefined; from?: string | undefined; to?: string | undefined; by?: string | undefined }
export interface UsageSpan extends Span {
  /** Key of a month; null for own days. */
  readonly month: string | null
}
const MOST_MONTHS = 36
const MOST_DAYS = 400

/** From the month of `since` to that of `now`, newest first; at most three years. */
export function monthsSince(since: Date, now: Date, anchorDay: number): Period[] {
  const { timeZone } = currentTenant()
  const months: Period[] = []
  for (let month = monthOf(since, timeZone, anchorDay); month.start <= now; month = nextMonth(month, timeZone, anchorDay)) months.push(month)
  return months.slice(-MOST_MONTHS).reverse()
}

/** Own days are both included, at most 400 of them; what makes no sense falls back to the month of now. */
export function spanOf(wish: UsageWish, months: readonly Period[]): UsageSpan {
  const known = months.find((m) => m.key === wish.month)
  if (known) return { start: known.start, end: known.end, month: known.key }
  const [from, to] = [dayOf(wish.from), dayOf(wish.to)]
  if (from || to) {
    const { timeZone } = currentTenant()
    const start = from ? localMidnight(from, timeZone) : months.at(-1)!.start
    const wished = to ? localMidnight(dayAfter(to), timeZone) : months[0]!.end
    const most = localMidnight(dayAfter(localDateOf(start, timeZone), MOST_DAYS), timeZone)
    const end = wished < most ? wished : most
    if (end > start) return { start, end, month: null }
  }
  const [now] = months
  return { start: now!.start, end: now!.end, month: now!.key }
}
