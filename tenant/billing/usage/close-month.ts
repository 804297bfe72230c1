/**
 * Turns the metered use of months that have ended into invoices. One transaction a month: draft, lines, slices, issue, credit; so a crash leaves a whole
 * invoice or none. Run it once or a thousand times, by one worker or by ten: the customer's row is locked, what is due is computed again from the meter,
 * and only the difference to what was billed becomes an invoice. No difference, no invoice.
 */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { monthOf, nextMonth, type Period } from '../../../shared/time/period.js'
import { Invoice } from '../invoices/invoice.js'
import { billedCustomer, type BilledCustomer } from '../invoices/parties.js'
import { billUsage } from './bill-usage.js'
import { dueSeconds, usageLines } from './usage-lines.js'
import { usageSources } from './usage-source.js'

/** Late use may still arrive for so long after a month has ended. */
export const graceMs = 3_600_000
/** So long a bill waits for a meter that lags behind; then it bills what was seen, and the rest comes with the next. */
export const longestLagMs = 3 * 86_400_000

/** Bills every month of the customer that ended before `now` minus the grace hour and was not billed yet, oldest first. Returns the invoices made by this call. */
export async function closeEndedMonths(userId: number, now = clock.now()): Promise<Invoice[]> {
  const customer = await billedCustomer(userId)
  const since = await firstUnbilled(userId, now)
  const made: Invoice[] = []
  if (!since) return made
  for (let month = monthOf(since, customer.timeZone, customer.billingAnchorDay); isDue(month, now); month = nextMonth(month, customer.timeZone, customer.billingAnchorDay)) {
    if (await mustWait(userId, month, now)) break
    made.push(...await closeMonth(customer, month, now))
  }
  return made
}

export const isDue = (month: Period, now: Date): boolean => month.end.getTime() + graceMs <= now.getTime()

/** Customers with an ended month that may hold unbilled use. The timetable makes one job of each. */
export async function customersWithEndedMonths(now: Date): Promise<number[]> {
  const due = new Set<number>()
  for (const source of usageSources()) for (const { userId, since } of await source.customersToBill(new Date(now.getTime() - graceMs))) {
    if (due.has(userId)) continue
    const { timeZone, billingAnchorDay } = await billedCustomer(userId)
    if (isDue(monthOf(await notBefore(since, userId), timeZone, billingAnchorDay), now)) due.add(userId)
  }
  return [...due]
}

async function firstUnbilled(userId: number, now: Date): Promise<Date | undefined> {
  const all = await Promise.all(usageSources().map((s) => s.customersToBill(now, userId)))
  const since = all.flat().map((c) => c.since).sort((a, b) => a.getTime() - b.getTime())[0]
  return since && notBefore(since, userId)
}

/** The latest usage invoice covered everything known until its period's end: older months need no second look. */
async function notBefore(since: Date, userId: number): Promise<Date> {
  const last = await Invoice.query().where({ userId, kind: 'usage' }).whereNotNull('periodEnd').orderBy('periodEnd', 'desc').select('periodEnd').first()
  return last?.periodEnd && last.periodEnd > since ? last.periodEnd : since
}

async function mustWait(userId: number, month: Period, now: Date): Promise<boolean> {
  if (now.getTime() >= month.end.getTime() + longestLagMs) return false
  return (await Promise.all(usageSources().map((s) => s.lagsBehind(userId, month)))).some(Boolean)
}

/** One month, one transaction. An invoice for each currency (one, for nearly everybody). */
async function closeMonth(customer: BilledCustomer, month: Period, now: Date): Promise<Invoice[]> {
  return tenantTransaction(async (trx) => {
    await billedCustomer(customer.id, true)
    const made: Invoice[] = []
    for (const source of usageSources()) {
      const runs = await source.sessionsForPeriod(customer.id, month)
      for (const currency of new Set(usageLines(runs, month, dueSeconds).map((l) => l.currency))) {
        const period = await restOfMonth(customer.id, currency, month)
        const lines = usageLines(runs.filter((run) => run.currency === currency), period, dueSeconds)
        const invoice = await billUsage(trx, { source, customer, month, period, lines }, now)
        if (invoice) made.push(invoice)
      }
    }
    return made
  })
}

/** The part of a month that no interim invoice has covered. */
export async function restOfMonth(userId: number, currency: string, month: Period): Promise<Period> {
  const last = await Invoice.query().where({ userId, currency, kind: 'usage' }).where('periodStart', '>=', month.start).where('periodEnd', '<', month.end).orderBy('periodEnd', 'desc').select('periodEnd').first()
  return last?.periodEnd ? { ...month, start: last.periodEnd } : month
}
