/** What budgets have come to this month: by billing's own sum of the month so far, so that page, budget and bill cannot differ. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Refusal } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import type { Period } from '../../../shared/time/period.js'
import { monthByService } from '../../billing/usage/month-so-far.js'
import type { Workspace } from '../workspace.js'
import { Budget } from './budget.js'
import { levelOf, percentOf, refusalOver, type BudgetLevel } from './budget-rule.js'
import { refusalByCredit } from './low-credit-rule.js'

export interface BudgetState {
  readonly budget: Budget
  readonly limit: Money
  readonly spent: Money
  /** Zero or more. */
  readonly left: Money
  readonly percent: number
  readonly level: BudgetLevel
  /** The month of the bill. */
  readonly period: Period
}

/** Of these budgets of one customer, in their order. */
export async function statesOf(userId: number, budgets: readonly Budget[], now = clock.now()): Promise<BudgetState[]> {
  if (!budgets.length) return []
  const workspaces = (await tenantDb()('kasm_workspaces').where({ user_id: userId }).select('id', 'service_id')) as Array<{ id: number; service_id: number }>
  const states: BudgetState[] = []
  for (const currency of new Set(budgets.map((b) => b.currency))) {
    const { period, of } = await monthByService(userId, workspaces.map((w) => ({ id: w.service_id, currency })), now)
    for (const budget of budgets.filter((b) => b.currency === currency)) {
      const mine = workspaces.filter((w) => budget.workspaceId === null || budget.workspaceId === w.id)
      states.push(stateOf(budget, Money.sum(mine.map((w) => of.get(w.service_id)!.amount), currency), period))
    }
  }
  return budgets.map((budget) => states.find((state) => state.budget === budget)!)
}

function stateOf(budget: Budget, spent: Money, period: Period): BudgetState {
  const { limit } = budget
  return {
    budget, limit, spent, left: Money.of(Math.max(0, limit.minor - spent.minor), limit.currency), percent: percentOf(spent.minor, limit.minor), level: levelOf(spent.minor, limit.minor), period,
  }
}

/** The budgets that hold for this workspace: its customer's for all, and its own. */
export async function budgetStatesOf(workspace: Pick<Workspace, 'id' | 'userId'>, now = clock.now()): Promise<BudgetState[]> {
  const budgets = (await Budget.of(workspace.userId)).filter((b) => b.workspaceId === null || b.workspaceId === workspace.id)
  return statesOf(workspace.userId, budgets, now)
}

/** Null when money that the customer has set aside allows it to start. Asked by the button, by start and by schedules. */
export async function budgetRefusal(workspace: Pick<Workspace, 'id' | 'userId'>, now = clock.now()): Promise<Refusal | null> {
  const over = (await budgetStatesOf(workspace, now)).find((state) => state.level === 'over')
  return over ? refusalOver(over.limit, over.budget.workspaceId === null) : refusalByCredit(workspace.userId, now)
}
