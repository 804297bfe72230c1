/** What workspaces used and cost this month so far: billing's own sum, so that page and bill cannot differ. */
import type { Money } from '../../../shared/money/money.js'
import type { Period } from '../../../shared/time/period.js'
import { monthByService } from '../../billing/usage/month-so-far.js'

export interface MonthUse {
  readonly seconds: number
  readonly cost: Money
  /** What it will be at the period's end if what runs now keeps running. */
  readonly forecast: Money
}

/** By service id, of one customer's services; the month is the one the bill will be for. */
export async function monthUse(services: ReadonlyArray<{ id: number; userId: number; currency: string }>, now: Date): Promise<{ period: Period; of: ReadonlyMap<number, MonthUse> } | null> {
  if (!services[0]) return null
  const { period, of } = await monthByService(services[0].userId, services, now)
  return { period, of: new Map([...of].map(([id, { seconds, amount, forecast }]) => [id, { seconds, cost: amount, forecast }])) }
}
