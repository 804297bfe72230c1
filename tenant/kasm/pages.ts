/** What the page of a workspace shows. Every cost comes from the meter's own methods, the ones the bill uses. */
import type { Money } from '../../shared/money/money.js'
import { amountOf, hourly, type Rate } from '../../shared/money/rate.js'
import { Plan } from '../catalog/plan.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import type { Service } from '../services/service.js'
import { monthUse, type MonthUse } from './metering/month-use.js'
import { stepsOf, type Step } from './setup-steps.js'
import { UsageSession } from './metering/usage-session.js'
import type { Workspace } from './workspace.js'

export interface RunView { startedAt: Date; stoppedAt: Date | null; seconds: number; billedSeconds: number; cost: Money; why: string | null }
export interface WorkspacePage {
  href: string
  name: string
  state: string
  facts: Array<{ label: string; value: string }>
  rate: Rate
  /** Good, bad or plain news about it, in one sentence. */
  message: string | null
  tone: 'info' | 'warn' | 'bad'
  /** While it runs. */
  live: { startedAt: Date; now: Date; seconds: number; cost: Money; billedSeconds: number } | null
  /** Days are the shop's, as on the bill. */
  month: MonthUse & { from: Date; until: Date; timeZone: string }
  can: { start: boolean; stop: boolean; launch: boolean; terminate: boolean }
  /** Set-up so far; empty once it ran for the first time. */
  steps: Step[]
  runs: RunView[]
  moreRuns: boolean
  /** When the page should look again: `every 3s`; null when nothing moves. */
  look: string | null
}
const SHOWN_RUNS = 50

export async function workspacePage(service: Service, workspace: Workspace, now: Date): Promise<WorkspacePage> {
  const plan = await Plan.query().findById(service.planId)
  const runs = await UsageSession.query().where('kasmWorkspaceId', workspace.id).orderBy('startedAt', 'desc').limit(SHOWN_RUNS + 1)
  const open = runs.find((r) => r.stoppedAt === null)
  return {
    href: `/services/${service.publicId}`, name: service.name, state: shownState(service, workspace), rate: hourly(service.priceMicros, service.currency),
    facts: factsOf(workspace, plan?.name ?? workspace.workspaceType), ...messageOf(service, workspace),
    live: open ? { startedAt: open.startedAt, now, seconds: open.elapsedSeconds(now), cost: open.cost(now), billedSeconds: open.billableSeconds(now) } : null,
    month: await monthOfOne(service, now), can: actionsOf(service, workspace, now), steps: stepsOf(workspace),
    runs: runs.slice(0, SHOWN_RUNS).map((r) => runView(r, now)), moreRuns: runs.length > SHOWN_RUNS, look: lookAgain(workspace),
  }
}

const shownState = (service: Service, workspace: Workspace): string => (service.status === 'suspended' || service.status === 'terminated' ? service.status : workspace.status)

function factsOf(workspace: Workspace, plan: string): WorkspacePage['facts'] {
  return [{ label: 'Plan', value: plan }, { label: 'Template', value: workspace.templateName }, { label: 'Size', value: `${workspace.vcpu} vCPU · ${workspace.ramMb / 1024} GB RAM` }]
}

function messageOf(service: Service, workspace: Workspace): Pick<WorkspacePage, 'message' | 'tone'> {
  const refusal = service.status === 'suspended' ? service.refusalToUse() : null
  if (refusal) return { message: refusal.message, tone: 'warn' }
  return { message: workspace.statusMessage, tone: workspace.status === 'failed' ? 'bad' : workspace.isWaiting ? 'warn' : 'info' }
}

function actionsOf(service: Service, workspace: Workspace, now: Date): WorkspacePage['can'] {
  return {
    start: !workspace.refusalToStart(now, service), stop: !workspace.refusalToStop(now), launch: !workspace.refusalToLaunch(now, service), terminate: !workspace.refusalToTerminate(now),
  }
}

async function monthOfOne(service: Service, now: Date): Promise<WorkspacePage['month']> {
  const { period, of } = (await monthUse([service], now))!
  return { ...of.get(service.id)!, from: period.start, until: period.end, timeZone: currentTenant().timeZone }
}

const reasons: Record<string, string> = { customer: 'You', provider: 'It ended by itself', terminated: 'Removal', suspended: 'Suspension' }
function runView(run: UsageSession, now: Date): RunView {
  const billedSeconds = run.billableSeconds(now)
  return { startedAt: run.startedAt, stoppedAt: run.stoppedAt, seconds: run.elapsedSeconds(now), billedSeconds, cost: amountOf(run.rate, billedSeconds), why: run.endReason ? (reasons[run.endReason] ?? null) : null }
}

function lookAgain(workspace: Workspace): string | null {
  if (workspace.isWaiting) return workspace.startAttempts > 2 ? 'every 15s' : 'every 3s'
  return workspace.status === 'running' ? 'every 20s' : null
}
