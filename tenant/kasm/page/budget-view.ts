/** How far a customer's own limits are used up, as a bar and in words. */
import type { Money } from '../../../shared/money/money.js'
import { budgetStatesOf } from '../budgets/budget-state.js'
import type { Workspace } from '../workspace.js'

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

export async function budgetsShown(workspace: Workspace, now: Date): Promise<BudgetView[]> {
  return (await budgetStatesOf(workspace, now)).map(({ budget, limit, spent, left, percent, level, period }) => ({
    label: budget.workspaceId === null ? 'All your workspaces' : 'This workspace', all: budget.workspaceId === null, limit, spent, left, percent, shown: Math.min(100, percent), level, until: period.end,
  }))
}
