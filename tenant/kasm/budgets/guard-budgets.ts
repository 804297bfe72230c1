/**
 * The minute's look at budgets: warns once from 80 %, and stops what runs from 100 %, files kept. What is told is told once a month and limit, by compare and
 * set; what is stopped goes by the state alone, so a stop that was lost, or a workspace that was still starting, is stopped a minute later.
 */
import { refusalIn } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Service } from '../../services/service.js'
import { stopWorkspace } from '../stop-workspace.js'
import { Workspace } from '../workspace.js'
import { Budget } from './budget.js'
import { statesOf, type BudgetState } from './budget-state.js'

export async function guardBudgets(now: Date): Promise<void> {
  for (const userId of await usersToGuard()) {
    for (const state of await statesOf(userId, await Budget.of(userId), now)) await guard(state, now)
  }
}

/** Customers with a budget and something that runs. */
async function usersToGuard(): Promise<number[]> {
  return (await tenantDb()('kasm_budgets as b').join('kasm_workspaces as w', 'w.user_id', 'b.user_id').where('w.status', 'running').distinct('b.user_id').orderBy('b.user_id').pluck('b.user_id')) as number[]
}

async function guard(state: BudgetState, now: Date): Promise<void> {
  if (state.level === 'ok') return
  if (state.level === 'warned') return void (await tellOnce(state, 'warned_for', 'workspace.budget-warned'))
  await tellOnce(state, 'stopped_for', 'workspace.budget-stopped')
  await stopAll(await runningUnder(state.budget), now)
}

/** The mark and the event in one transaction: whoever sets the mark tells it. */
async function tellOnce({ budget, spent, limit, percent, period }: BudgetState, mark: 'warned_for' | 'stopped_for', event: string): Promise<void> {
  await tenantTransaction(async () => {
    const free = tenantDb()('kasm_budgets').where({ id: budget.id, limit_minor: budget.limitMinor }).where((q) => void q.whereNull(mark).orWhere(mark, '<', period.start))
    if (!(await free.update({ [mark]: period.start }))) return
    const all = budget.workspaceId === null
    const workspace = all ? null : await Workspace.findOwned({ id: budget.workspaceId! })
    const data = { budgetId: budget.id, scope: all ? 'all' : 'workspace', workspace: workspace && (await Service.findOwned({ id: workspace.serviceId })).name, spent: plain(spent), limit: plain(limit), percent }
    await record(event, workspace ?? { type: 'kasm_workspaces', id: null }, data, { userId: budget.userId })
  })
}

const plain = ({ minor, currency }: { minor: number; currency: string }) => ({ minor, currency })

async function runningUnder(budget: Budget): Promise<Workspace[]> {
  const running = Workspace.query().where({ userId: budget.userId, status: 'running' }).orderBy('id')
  return budget.workspaceId === null ? running : running.where('id', budget.workspaceId)
}

/** Those that somebody else has just moved are left to them. */
export async function stopAll(workspaces: readonly Workspace[], now: Date): Promise<void> {
  for (const workspace of workspaces) await refusalIn(() => stopWorkspace(workspace, now, 'budget'))
}
