/** What the customer's month has come to: the bill's own method, asked early. Months begin at midnight in the shop's zone, on every page as on the bill. */
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { monthOf, type Period } from '../../../shared/time/period.js'
import { billedCustomer } from '../invoices/parties.js'
import { expectedSeconds, openSeconds, runningSeconds, usageLines, type UsageLine } from './usage-lines.js'
import { usageSources, type UsageRun } from './usage-source.js'

export interface MonthSoFar {
  readonly period: Period
  readonly lines: readonly UsageLine[]
  /** Billed seconds, whole increments. */
  readonly seconds: number
  readonly amount: Money
  /** Of `amount`, what no interim bill has taken yet. */
  readonly unbilled: Money
}

/** Of one customer, or of one of their services, in the customer's own currency. */
export async function monthSoFar(userId: number, now = clock.now(), serviceId?: number): Promise<MonthSoFar> {
  const { currency, period, runs } = await runsOfMonth(userId, now)
  const mine = runs.filter((r) => r.currency === currency && (serviceId === undefined || r.serviceId === serviceId))
  return { period, ...summed(mine, period, now, currency), unbilled: totalOf(usageLines(mine, period, openSeconds(now)), currency) }
}

export interface ServiceMonth {
  readonly seconds: number
  readonly amount: Money
  /** What it will be at the month's end if what runs now keeps running. */
  readonly forecast: Money
}

/** A customer's month, its runs read once for all who ask of them. */
export interface CustomerMonth {
  readonly period: Period
  /** Of one of their services, in the service's own currency; zero where it was not used. */
  of(service: { readonly id: number; readonly currency: string }): ServiceMonth
  /** All use that stands on no invoice yet, of this month and of earlier ones, in the customer's own currency; before tax. */
  unbilled(): Money
}

export async function customerMonth(userId: number, now = clock.now()): Promise<CustomerMonth> {
  const { period, runs, currency: own } = await runsOfMonth(userId, now)
  const open = (run: UsageRun): number => Math.max(0, run.secondsSoFar(period.end, now) - run.billedSeconds)
  return {
    period,
    of({ id, currency }) {
      const mine = runs.filter((r) => r.serviceId === id && r.currency === currency)
      const { seconds, amount } = summed(mine, period, now, currency)
      return { seconds, amount, forecast: totalOf(usageLines(mine, period, expectedSeconds(now)), currency) }
    },
    unbilled: () => totalOf(usageLines(runs.filter((r) => r.currency === own), period, open), own),
  }
}

async function runsOfMonth(userId: number, now: Date): Promise<{ period: Period; runs: UsageRun[]; currency: string }> {
  const { timeZone, billingAnchorDay, currency } = await billedCustomer(userId)
  const period = monthOf(now, timeZone, billingAnchorDay)
  return { period, currency, runs: (await Promise.all(usageSources().map((s) => s.sessionsForPeriod(userId, period)))).flat() }
}

function summed(runs: readonly UsageRun[], period: Period, now: Date, currency: string): Pick<MonthSoFar, 'lines' | 'seconds' | 'amount'> {
  const lines = usageLines(runs, period, runningSeconds(now))
  return { lines, seconds: lines.reduce((sum, l) => sum + l.seconds, 0), amount: totalOf(lines, currency) }
}

const totalOf = (lines: readonly UsageLine[], currency: string): Money => Money.sum(lines.map((l) => l.amount), currency)
