/** What the page of a workspace shows first. Every cost comes from the meter's own methods, the ones the bill uses. */
import type { Money } from '../../../shared/money/money.js'
import { hourly, type Rate } from '../../../shared/money/rate.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Plan } from '../../catalog/plan.js'
import { paymentState, refusalToStart as refusalToPay } from '../../services/payment-readiness.js'
import type { Service } from '../../services/service.js'
import { budgetRefusal } from '../budgets/budget-state.js'
import { budgetsShown, type BudgetView } from './budget-view.js'
import { refusalToReveal } from '../credentials/reveal-credentials.js'
import { historyOf } from '../metering/history.js'
import { monthUse, type MonthUse } from '../metering/month-use.js'
import { vouchedFrom } from '../metering/moved-clock.js'
import { UsageSession } from '../metering/usage-session.js'
import { actionsOf, type Actions } from './actions.js'
import { momentsOf, type Moment } from './activity.js'
import { frameOf, type WorkspaceFrame } from './frame.js'
import { runView, type RunView } from './run-view.js'
import { plannedStop } from '../schedules/automatic-stop.js'
import { stepsOf, type Step } from '../setup-steps.js'
import type { Workspace } from '../workspace.js'

/** While it runs: what the tickers count on from. */
export interface LiveRun {
  startedAt: Date; now: Date; seconds: number; cost: Money; billedSeconds: number
  /** Begun quarter hours in which nobody saw it; not charged. */
  unchargedSeconds: number
  lastSeenAt: Date
  /** Longer than a sighting vouches for: the cost stands still. */
  unseenSince: Date | null
  nextQuarterAt: Date
}
export interface WorkspacePage extends WorkspaceFrame {
  facts: Array<{ label: string; value: string }>
  rate: Rate
  /** Good, bad or plain news about it, in one sentence. */
  message: string | null
  tone: 'info' | 'warn' | 'bad'
  live: LiveRun | null
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
  const { runs } = await historyOf(workspace, { size: SHOWN_RUNS }, now)
  const can = await actionsOf(service, workspace, now)
  return {
    ...frame, rate: hourly(service.priceMicros, service.currency), facts: factsOf(workspace, plan?.name ?? workspace.workspaceType), ...messageOf(service, workspace), live: await liveOf(workspace, now),
    month: await monthOfOne(service, now), budgets: await budgetsShown(workspace, now), blocked: can.start ? await blockOf(service, workspace, now) : null, can, planned: plannedOf(workspace),
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

async function liveOf(workspace: Workspace, now: Date): Promise<LiveRun | null> {
  const run = await UsageSession.openFor(workspace)
  if (!run) return null
  const seconds = run.elapsedSeconds(now)
  const lastSeenAt = vouchedFrom(run.lastSeenAt, Number(run.seenOffsetMs))
  return {
    startedAt: run.startedAt, now, seconds, cost: run.cost(now), billedSeconds: run.billableSeconds(now), unchargedSeconds: run.unchargedSeconds(lastSeenAt), lastSeenAt,
    unseenSince: run.unseenSince(now), nextQuarterAt: new Date(run.startedAt.getTime() + (Math.floor(seconds / 900) + 1) * 900_000),
  }
}

async function monthOfOne(service: Service, now: Date): Promise<WorkspacePage['month']> {
  const { period, of } = (await monthUse([service], now))!
  return { ...of.get(service.id)!, from: period.start, until: period.end, timeZone: currentTenant().timeZone }
}

async function blockOf(service: Service, workspace: Workspace, now: Date): Promise<WorkspacePage['blocked']> {
  const money = refusalToPay(await paymentState(workspace.userId, service.currency))
  if (money) return { text: money.message, href: '/credit', label: 'Add credit' }
  const budget = await budgetRefusal(workspace, now)
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
