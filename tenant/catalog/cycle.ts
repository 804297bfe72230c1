/** The cycles a plan may have: what they are called and how they compare. */
import type { Money } from '../../shared/money/money.js'
import { cycles, type Cycle, type RenewingCycle } from '../../shared/time/period.js'

/** From short to long; the order of every price table. */
export const cycleOrder = ['free', 'one-time', 'hourly', 'weekly', 'monthly', 'quarterly', 'semi-annual', 'annual', 'biennial', 'triennial'] as const satisfies readonly Cycle[]

export const cycleNames: Readonly<Record<Cycle, string>> = {
  free: 'Free', 'one-time': 'One-time', hourly: 'Hourly', weekly: 'Weekly', monthly: 'Monthly', quarterly: 'Quarterly', 'semi-annual': 'Every six months', annual: 'Yearly', biennial: 'Every two years', triennial: 'Every three years',
}
/** After a price: `$5.00 a month`. */
export const cycleUnits: Readonly<Record<Cycle, string>> = {
  free: '', 'one-time': 'once', hourly: 'an hour', weekly: 'a week', monthly: 'a month', quarterly: 'a quarter', 'semi-annual': 'every six months', annual: 'a year', biennial: 'every two years', triennial: 'every three years',
}

export const isCycle = (text: string): text is Cycle => (cycleOrder as readonly string[]).includes(text)
export const isRenewing = (cycle: Cycle): cycle is RenewingCycle => cycle in cycles

/** Length of a renewing cycle as a fraction of months: a week is 12/52 of one. Null for those that do not renew. */
export function monthsOf(cycle: Cycle): { of: number; per: number } | null {
  if (!isRenewing(cycle)) return null
  const step = cycles[cycle]
  return 'weeks' in step ? { of: step.weeks * 12, per: 52 } : { of: step.months, per: 1 }
}

/** Whole percent that this price saves against paying monthly for as long, cut down; 0 when it saves nothing. Both in one currency. */
export function savingPercent(price: Money, cycle: Cycle, monthly: Money): number {
  const length = monthsOf(cycle)
  if (!length || monthly.minor <= 0 || price.currency !== monthly.currency) return 0
  const [asMonths, own] = [BigInt(monthly.minor) * BigInt(length.of), BigInt(price.minor) * BigInt(length.per)]
  return own >= asMonths ? 0 : Number(((asMonths - own) * 100n) / asMonths)
}
