/** How far a budget is used up. Pure; amounts are those that the page shows and the bill will hold, in minor units. */
import { Refusal } from '../../../shared/errors.js'
import type { Money } from '../../../shared/money/money.js'
import { formatMoney } from '../../../shared/views/format.js'

/** `warned`: from 80 %. `over`: from 100 %. */
export type BudgetLevel = 'ok' | 'warned' | 'over'

export function levelOf(spentMinor: number, limitMinor: number): BudgetLevel {
  if (spentMinor >= limitMinor) return 'over'
  return BigInt(spentMinor) * 5n >= BigInt(limitMinor) * 4n ? 'warned' : 'ok'
}

/** Cut down: 99 stays 99 until the limit is reached. */
export const percentOf = (spentMinor: number, limitMinor: number): number => Number((BigInt(spentMinor) * 100n) / BigInt(limitMinor))

/** Starting while over a budget. */
export function refusalOver(limit: Money, all: boolean): Refusal {
  const whose = all ? 'Your budget for all workspaces' : 'The budget of this workspace'
  return new Refusal('workspace.over-budget', `${whose} (${formatMoney(limit.minor, limit.currency)} this month) is used up. Raise or remove the budget to start it again.`)
}
