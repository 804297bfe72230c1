/** What the page of a workspace shows first. Every cost comes from the meter's own methods, the ones the bill uses. */
import { hourly, type Rate } from '../../../shared/money/rate.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { customerMonth, type CustomerMonth } from '../../billing/usage/month-so-far.js'
import { Plan } from '../../catalog/plan.js'
import { paymentState, refusalToStart as refusalToPay } from '../../services/payment-readiness.js'
import type { Service } from '../../services/service.js'
import { budgetStatesOf, refusalFrom, type BudgetState } from '../budgets/budget-state.js'
import { budgetView, type BudgetView } from './budget-view.js'
import { refusalToReveal } from '../credentials/reveal-credentials.js'
import { lastRuns } from '../metering/history.js'
import { useOf, type MonthUse } from '../metering/month-use.js'
import type { OpenRun } from '../metering/open-run.js'
import { actionsOf, type Actions } from './actions.js'
import { momentsOf, type Moment } from './activity.js'
import { frameOf, type WorkspaceFrame } from './frame.js'
import { runView, type RunView } from './run-view.js'
import { plannedStop } from '../schedules/automatic-stop.js'
import { stepsOf, type Step } from '../setup-steps.js'
import type { Workspace } from '../workspace.js'

export interface WorkspacePage extends WorkspaceFrame {
  facts: Array<{ label: string; value: string }>
  rate: Rate
  /** Good, bad or plain news about it, in one sentence. */
  message: string | null
  tone: 'info' | 'warn' | 'bad'
  /** While it runs: what the tickers count on from. */
  live: (OpenRun & { now: Date }) | null
  /** Days are the shop's, as on the bill. */
  month: MonthUse & { from: Date; until: Date; timeZone: string }
  budgets: BudgetView[]
  /** Why it cannot be started although its state allows it: money, or a budget. */
  blocked: { text: string; href: string; label: string } | null
  can: Actions
  /** An automatic stop that was announced. */
  planned: { at: Date; idle: boolean } | null
  keepUntil: Date | null
  /** Set-up so far; empty once it ran for the first time. */
  steps: Step[]
  runs: RunView[]
  moments: Moment[]
  /** When the page should look again: `every 3s`; null when nothing moves. */
  look: string | null
}
const SHOWN_RUNS = 3
const SHOWN_MOMENTS = 5

export async function workspacePage(service: Service, workspace: Workspace, now: Date): Promise<WorkspacePage> {
  const plan = await Plan.query().findById(service.planId)
  const frame = frameOf(service, workspace, 'overview')
  const { runs, open } = await lastRuns(workspace, SHOWN_RUNS, now)
  const can = await actionsOf(service, workspace, now)
  const month = await customerMonth(workspace.userId, now)
  const budgets = await budgetStatesOf(workspace, now, month)
  return {
    ...frame, rate: hourly(service.priceMicros, service.currency), facts: factsOf(workspace, plan?.name ?? workspace.workspaceType), ...messageOf(service, workspace),
    live: open && { ...open, now }, month: { ...useOf(month, service), from: month.period.start, until: month.period.end, timeZone: currentTenant().timeZone },
    budgets: budgets.map(budgetView), blocked: can.start ? await blockOf(service, workspace, { budgets, month }, now) : null, can, planned: plannedOf(workspace),
    keepUntil: workspace.status === 'archived' || workspace.nextWish === 'archive' ? workspace.keepUntil : null, steps: stepsOf(workspace, now),
    runs: runs.map((r) => runView(r, frame.href)), moments: await momentsOf(service, workspace, SHOWN_MOMENTS), look: lookAgain(workspace),
  }
}

/** For the login's own card, which is never swapped by the page's refresh. */
export const showsCredentials = (service: Service, workspace: Workspace): boolean => refusalToReveal(workspace, service) === null

function factsOf(workspace: Workspace, plan: string): WorkspacePage['facts'] {
  const place = workspace.region ? [{ label: 'Region', value: workspace.region }] : []
  return [{ label: 'Plan', value: plan }, { label: 'Template', value: workspace.templateName }, { label: 'Size', value: `${workspace.vcpu} vCPU · ${workspace.ramMb / 1024} GB RAM` }, ...place]
}

function messageOf(service: Service, workspace: Workspace): Pick<WorkspacePage, 'message' | 'tone'> {
  const refusal = service.status === 'suspended' ? service.refusalToUse() : null
  if (refusal) return { message: refusal.message, tone: 'warn' }
  return { message: workspace.statusMessage, tone: workspace.status === 'failed' ? 'bad' : workspace.isWaiting ? 'warn' : 'info' }
}

type Spending = { budgets: readonly BudgetState[]; month: CustomerMonth }

async function blockOf(service: Service, workspace: Workspace, { budgets, month }: Spending, now: Date): Promise<WorkspacePage['blocked']> {
  const money = refusalToPay(await paymentState(workspace.userId, service.currency))
  if (money) return { text: money.message, href: '/credit', label: 'Add credit' }
  const budget = await refusalFrom(budgets, workspace.userId, now, month)
  return budget ? { text: budget.message, href: `/services/${service.publicId}/usage#budget`, label: 'Change the budget' } : null
}

function plannedOf(workspace: Workspace): WorkspacePage['planned'] {
  const planned = plannedStop(workspace)
  return planned && { at: planned.at, idle: planned.why === 'idle' }
}

function lookAgain(workspace: Workspace): string | null {
  if (workspace.isWaiting) return workspace.startAttempts > 2 ? 'every 15s' : 'every 3s'
  return workspace.status === 'running' ? 'every 20s' : null
}
