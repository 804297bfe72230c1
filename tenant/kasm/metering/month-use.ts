/** What workspaces used and cost this month so far: billing's own sum, so that page and bill cannot differ. */
import type { Money } from '../../../shared/money/money.js'
import type { Period } from '../../../shared/time/period.js'
import { customerMonth, type CustomerMonth } from '../../billing/usage/month-so-far.js'

export interface MonthUse {
  readonly seconds: number
  readonly cost: Money
  /** What it will be at the period's end if what runs now keeps running. */
  readonly forecast: Money
}

/** Of one service, of a month that was read already. */
export function useOf(month: CustomerMonth, service: { id: number; currency: string }): MonthUse {
  const { seconds, amount, forecast } = month.of(service)
  return { seconds, cost: amount, forecast }
}

/** By service id, of one customer's services; the month is the one the bill will be for. */
export async function monthUse(services: ReadonlyArray<{ id: number; userId: number; currency: string }>, now: Date): Promise<{ period: Period; of: ReadonlyMap<number, MonthUse> } | null> {
  if (!services[0]) return null
  const month = await customerMonth(services[0].userId, now)
  return { period: month.period, of: new Map(services.map((service) => [service.id, useOf(month, service)])) }
}
