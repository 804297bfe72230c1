/**
 * Turns the metered use of months that have ended into invoices. One transaction a month: draft, lines, slices, issue, credit; so a crash leaves a whole
 * invoice or none. Run it once or a thousand times, by one worker or by ten: the customer's row is locked, what is due is computed again from the meter,
 * and only the difference to what was billed becomes an invoice. No difference, no invoice.
 */
import type { Knex } from 'knex'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { monthOf, nextMonth, type Period } from '../../../shared/time/period.js'
import { formatRate } from '../../../shared/views/format.js'
import { carryOver, smallInvoices } from '../invoices/carry-over.js'
import { draftInvoice, type NewLine } from '../invoices/draft-invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import { Invoice } from '../invoices/invoice.js'
import { billedCustomer, type BilledCustomer } from '../invoices/parties.js'
import { planFactsOf } from './plan-facts.js'
import { dueSeconds, usageLines, type RunShare, type UsageLine } from './usage-lines.js'
import { usageSources, type UsageSource } from './usage-source.js'

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
      const lines = usageLines(await source.sessionsForPeriod(customer.id, month), month, dueSeconds)
      for (const currency of new Set(lines.map((l) => l.currency))) made.push(...await billLines(trx, source, customer, month, lines.filter((l) => l.currency === currency), now))
    }
    return made
  })
}

/** A month that was billed keeps its one invoice; what turned up later waits for the next month's. */
async function billLines(trx: Knex.Transaction, source: UsageSource, customer: BilledCustomer, month: Period, lines: readonly UsageLine[], now: Date): Promise<Invoice[]> {
  const currency = lines[0]!.currency
  const key = `usage:${customer.id}:${month.key}${source.kind === 'kasm' ? '' : `:${source.kind}`}${currency === customer.currency ? '' : `:${currency}`}`
  if (await Invoice.query().findOne({ businessKey: key }).select('id')) return []
  const small = await smallInvoices(trx, customer.id, currency)
  const plans = await planFactsOf(lines.map((line) => line.serviceId))
  const drafted = await draftInvoice(trx, {
    businessKey: key, userId: customer.id, kind: 'usage', currency, period: month, lines: lines.map((line) => ({ ...lineRow(line, key, source.kind, month, customer.locale), ...plans.get(line.serviceId) })),
  })
  const slices = lines.flatMap((line, i) => line.shares.map((share) => ({
    sessionId: share.run.sessionId, period: month, seconds: share.seconds, rateMicros: line.rateMicros, invoiceId: drafted.invoice.id, invoiceLineId: drafted.lines[i]!.id,
  })))
  await source.markBilled(slices)
  const invoice = await issueInvoice(drafted.invoice, now)
  await carryOver(trx, small, invoice, now)
  return [invoice]
}

function lineRow(line: UsageLine, invoiceKey: string, serviceType: string, month: Period, locale: string): NewLine {
  const runs = line.shares.length === 1 ? '1 run' : `${line.shares.length} runs`
  const minutes = new Intl.NumberFormat(locale).format(line.seconds / 60)
  return {
    businessKey: `${invoiceKey}:${line.serviceId}:${line.rateMicros}`, kind: 'usage', serviceId: line.serviceId, period: month, quantitySeconds: line.seconds, rateMicros: line.rateMicros,
    amountMinor: line.amount.minor, description: `${line.planName} "${line.serviceName}": ${runs}, ${minutes} min at ${formatRate({ micros: line.rateMicros, currency: line.currency, per: 'hour' }, locale)}`,
    detail: { serviceType, planName: line.planName, serviceName: line.serviceName, runs: line.shares.map((share) => runDetail(share, month)) },
  }
}

function runDetail({ run, seconds, ranSeconds }: RunShare, month: Period): { sessionId: number; start: string; stop: string | null; minutes: number; billedMinutes: number } {
  const stop = run.stoppedAt && run.stoppedAt <= month.end ? run.stoppedAt.toISOString() : null
  return { sessionId: run.sessionId, start: run.startedAt.toISOString(), stop, minutes: Math.floor(ranSeconds / 60), billedMinutes: seconds / 60 }
}

