/** What budgets have come to this month: by billing's own sum of the month so far, so that page, budget and bill cannot differ. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Refusal } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import type { Period } from '../../../shared/time/period.js'
import { customerMonth, type CustomerMonth } from '../../billing/usage/month-so-far.js'
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

/** Of these budgets of one customer, in their order. `known`: the month, where it was read already. */
export async function statesOf(userId: number, budgets: readonly Budget[], now = clock.now(), known?: CustomerMonth): Promise<BudgetState[]> {
  if (!budgets.length) return []
  const month = known ?? await customerMonth(userId, now)
  const workspaces = (await tenantDb()('kasm_workspaces').where({ user_id: userId }).select('id', 'service_id')) as Array<{ id: number; service_id: number }>
  return budgets.map((budget) => {
    const mine = workspaces.filter((w) => budget.workspaceId === null || budget.workspaceId === w.id)
    return stateOf(budget, Money.sum(mine.map((w) => month.of({ id: w.service_id, currency: budget.currency }).amount), budget.currency), month.period)
  })
}

function stateOf(budget: Budget, spent: Money, period: Period): BudgetState {
  const { limit } = budget
  return {
    budget, limit, spent, left: Money.of(Math.max(0, limit.minor - spent.minor), limit.currency), percent: percentOf(spent.minor, limit.minor), level: levelOf(spent.minor, limit.minor), period,
  }
}

/** The budgets that hold for this workspace: its customer's for all, and its own. */
export async function budgetStatesOf(workspace: Pick<Workspace, 'id' | 'userId'>, now = clock.now(), known?: CustomerMonth): Promise<BudgetState[]> {
  const budgets = (await Budget.of(workspace.userId)).filter((b) => b.workspaceId === null || b.workspaceId === workspace.id)
  return statesOf(workspace.userId, budgets, now, known)
}

/** Null when money that the customer has set aside allows it to start. Asked by the button, by start and by schedules. */
export async function budgetRefusal(workspace: Pick<Workspace, 'id' | 'userId'>, now = clock.now()): Promise<Refusal | null> {
  return refusalFrom(await budgetStatesOf(workspace, now), workspace.userId, now)
}

/** The same, of what was read already. */
export async function refusalFrom(states: readonly BudgetState[], userId: number, now: Date, known?: CustomerMonth): Promise<Refusal | null> {
  const over = states.find((state) => state.level === 'over')
  return over ? refusalOver(over.limit, over.budget.workspaceId === null) : refusalByCredit(userId, now, known)
}
