/** What the customer's month has come to: the bill's own method, asked early. */
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { monthOf, type Period } from '../../../shared/time/period.js'
import { billedCustomer } from '../invoices/parties.js'
import { runningSeconds, usageLines, type UsageLine } from './usage-lines.js'
import { usageSources } from './usage-source.js'

export interface MonthSoFar {
  readonly period: Period
  readonly lines: readonly UsageLine[]
  /** Billed seconds, whole increments. */
  readonly seconds: number
  readonly amount: Money
}

/** Of one customer, or of one of their services, in the customer's own currency. */
export async function monthSoFar(userId: number, now = clock.now(), serviceId?: number): Promise<MonthSoFar> {
  const { timeZone, billingAnchorDay, currency } = await billedCustomer(userId)
  const period = monthOf(now, timeZone, billingAnchorDay)
  const runs = (await Promise.all(usageSources().map((s) => s.sessionsForPeriod(userId, period)))).flat().filter((r) => r.currency === currency && (serviceId === undefined || r.serviceId === serviceId))
  const lines = usageLines(runs, period, runningSeconds(now))
  return { period, lines, seconds: lines.reduce((sum, l) => sum + l.seconds, 0), amount: Money.sum(lines.map((l) => l.amount), currency) }
}
