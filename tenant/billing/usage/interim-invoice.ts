/**
 * Bills use before the month's end, once what stands on no invoice reaches the shop's limit: a customer is not trusted with more than that. It takes what is certain and
 * comes to whole cents; the month's own bill takes the rest. Run by two workers at once it makes one invoice: the customer's row is locked, and what is due is
 * computed again from the meter, so that a quarter hour is on one invoice only.
 */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { monthOf, type Period } from '../../../shared/time/period.js'
import { Invoice } from '../invoices/invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { billUsage } from './bill-usage.js'
import { restOfMonth } from './close-month.js'
import { dueSeconds, usageLines, wholeCents, type UsageLine } from './usage-lines.js'
import { usageSources, type UsageRun, type UsageSource } from './usage-source.js'
import { usageSettings } from './usage-settings.js'

interface Due { readonly source: UsageSource; readonly currency: string; readonly month: Period; readonly period: Period; readonly lines: readonly UsageLine[] }

/** Customers whose use has reached the limit. The timetable makes one job of each; none where the shop has set no limit. */
export async function customersOverTheLimit(now: Date): Promise<number[]> {
  if (!Object.keys((await usageSettings.read()).interim).length) return []
  const using = new Set((await Promise.all(usageSources().map((s) => s.customersToBill(now)))).flat().map((c) => c.userId))
  const over: number[] = []
  for (const userId of using) if ((await dueNow(userId, now)).length) over.push(userId)
  return over
}

/** Returns the invoices made by this call: one for each currency over its limit, none where nothing is over it (any more). */
export async function billInterim(userId: number, now = clock.now()): Promise<Invoice[]> {
  return tenantTransaction(async (trx) => {
    const customer = await billedCustomer(userId, true)
    const made: Invoice[] = []
    for (const due of await dueNow(userId, now)) {
      const invoice = await billUsage(trx, { ...due, customer, interim: `interim:${due.period.start.toISOString()}`, memo: 'Use of this month so far. The rest comes with the month’s own invoice.' }, now)
      if (invoice) made.push(invoice)
    }
    return made
  })
}

async function dueNow(userId: number, now: Date): Promise<Due[]> {
  const { interim } = await usageSettings.read()
  const { timeZone, billingAnchorDay } = await billedCustomer(userId)
  const month = monthOf(now, timeZone, billingAnchorDay)
  const found: Due[] = []
  for (const source of usageSources()) {
    const runs = await source.sessionsForPeriod(userId, { ...month, end: now })
    for (const currency of new Set(runs.map((run) => run.currency))) {
      const limit = interim[currency]
      const mine = runs.filter((run) => run.currency === currency)
      if (limit === undefined || await awaitsMonth(userId, mine, month)) continue
      const period = { ...(await restOfMonth(userId, currency, month)), end: now }
      const lines = usageLines(mine, period, dueSeconds)
      const part = wholeCents(lines, source.incrementSeconds)
      if (totalOf(lines, currency) >= limit && totalOf(part, currency) > 0) found.push({ source, currency, month, period, lines: part })
    }
  }
  return found
}

const totalOf = (lines: readonly UsageLine[], currency: string): number => Money.sum(lines.map((line) => line.amount), currency).minor

/** A month that has ended is billed first, by its own invoice. */
async function awaitsMonth(userId: number, runs: readonly UsageRun[], month: Period): Promise<boolean> {
  if (!runs.some((run) => run.secondsBefore(month.start) > run.billedSeconds)) return false
  return (await Invoice.query().where({ userId, kind: 'usage' }).where('periodEnd', '>=', month.start).select('id').first()) === undefined
}
