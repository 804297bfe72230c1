/** How far a customer's own limits are used up, as a bar and in words. */
import type { Money } from '../../../shared/money/money.js'
import type { BudgetState } from '../budgets/budget-state.js'

export interface BudgetView {
  /** `This workspace` or `All workspaces`. */
  label: string
  all: boolean
  limit: Money
  spent: Money
  left: Money
  percent: number
  /** For the bar: at most 100. */
  shown: number
  level: 'ok' | 'warned' | 'over'
  until: Date
}

export function budgetView({ budget, limit, spent, left, percent, level, period }: BudgetState): BudgetView {
  const all = budget.workspaceId === null
  return { label: all ? 'All your workspaces' : 'This workspace', all, limit, spent, left, percent, shown: Math.min(100, percent), level, until: period.end }
}
