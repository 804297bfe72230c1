/** One workspace at the desk. Runs inside the tenant. */
import type { Refusal } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { monthOf } from '../../../shared/time/period.js'
import { formatDuration } from '../../../shared/views/format.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { usageEvents } from '../../../tenant/kasm/metering/usage-event.js'
import { UsageSession } from '../../../tenant/kasm/metering/usage-session.js'
import { momentOf, reasonWords } from './event-words.js'
import { figuresOf, marginPercent } from './figures/figures.js'
import { rowsOf } from './rows.js'
import type { AtDesk } from './workspace-of.js'

const RUNS = 20

/** The one place that says what staff may do now: the page's buttons and the routes ask it. */
export function actsOf({ service, workspace }: AtDesk, now: Date): Readonly<Record<'forceStop' | 'restart' | 'retry' | 'archive', Refusal | null>> {
  return { forceStop: workspace.refusalToForceStop(now), restart: workspace.refusalToRestart(now, service), retry: service.refusalToRetry(), archive: workspace.refusalToArchive(now) }
}

export async function showPage(at: AtDesk, base: string, now: Date): Promise<{ name: string; readonly [more: string]: unknown }> {
  const { service, workspace } = at
  const [row] = await rowsOf([workspace], now)
  const customer = await Customer.findOwned<Customer>({ id: workspace.userId })
  const href = `${base}/workspaces/${service.publicId}`
  return {
    name: service.name, href, home: `${base}/workspaces`, row, status: workspace.status, note: workspace.statusMessage, failure: service.status === 'failed' ? service.failureReason : null,
    facts: [
      { label: 'Customer', value: `${customer.company ?? customer.name}, ${customer.email}`, href: `${base}/customers/${customer.publicId}` }, { label: 'Type', value: row!.type }, { label: 'Template', value: workspace.templateName },
      { label: 'Size', value: `${workspace.vcpu} vCPU, ${workspace.ramMb / 1024} GB RAM` }, { label: 'Server', value: [row!.server, row!.region].filter(Boolean).join(', ') }, { label: 'Ordered', at: workspace.createdAt },
      ...(workspace.lastStartedAt ? [{ label: 'Last started', at: workspace.lastStartedAt }] : []), ...(workspace.lastSeenAt ? [{ label: 'Last seen running', at: workspace.lastSeenAt }] : []),
      ...(workspace.keepUntil ? [{ label: 'Files kept until', at: workspace.keepUntil }] : []), ...(service.suspendedBy ? [{ label: 'Suspended by', value: service.suspendedBy }] : []),
      ...(workspace.kasmWorkspaceId ? [{ label: 'Desktop on the server', copy: workspace.kasmWorkspaceId }] : []),
    ],
    acts: Object.fromEntries(Object.entries(actsOf(at, now)).map(([name, refusal]) => [name, { able: refusal === null, why: refusal?.message ?? '' }])),
    figures: await moneyOf(at, now), runs: await runsOf(workspace.id, href, now), events: (await usageEvents({ workspaceId: workspace.id }, 30)).reverse().map(momentOf),
  }
}

/** The shop's month so far. */
async function moneyOf({ service }: AtDesk, now: Date): Promise<object> {
  const { total, unpriced } = await figuresOf(monthOf(now, currentTenant().timeZone), 'month', service.currency, now, { serviceId: service.id })
  return { ...total, ran: formatDuration(total.ran), billed: formatDuration(total.billed), percent: marginPercent(total), unpriced, loss: total.margin !== null && total.margin.minor < 0, rate: { micros: service.priceMicros, currency: service.currency, per: 'hour' } }
}

async function runsOf(workspaceId: number, href: string, now: Date): Promise<object[]> {
  const runs = await UsageSession.query().where({ kasmWorkspaceId: workspaceId }).orderBy('startedAt', 'desc').limit(RUNS)
  return runs.map((run) => ({
    id: run.id, startedAt: run.startedAt, stoppedAt: run.stoppedAt, by: reasonWords[run.startedBy] ?? run.startedBy, end: run.endReason ? reasonWords[run.endReason] ?? run.endReason : '', ran: formatDuration(run.elapsedSeconds(now)),
    billed: formatDuration(run.billableSeconds(now)), cost: run.cost(now), onBill: run.billedSeconds > 0, href: `${href}/runs/${run.id}`,
  }))
}
