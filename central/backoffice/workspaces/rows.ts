/** Workspaces as rows of a list: five queries, however many. Runs inside the tenant. */
import type { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { UsageSession } from '../../../tenant/kasm/metering/usage-session.js'
import { Workspace, type WorkspaceStatus } from '../../../tenant/kasm/workspace.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { Service } from '../../../tenant/services/service.js'

export interface WorkspaceRow {
  publicId: string
  name: string
  customer: string
  customerId: string
  status: WorkspaceStatus
  type: string
  template: string
  server: string
  region: string
  /** Null while it does not run. */
  runningSince: Date | null
  seconds: number | null
  cost: Money | null
  since: Date
  note: string | null
}

/** Id → what people call it. Servers that the tenant may no longer use keep their number. */
export async function serverNames(): Promise<Map<number, { label: string; region: string | null }>> {
  return new Map((await directory().providers(currentTenant(), 'kasm')).map((p) => [p.id, { label: p.label, region: p.region }]))
}

/** `developer_basic` → `Developer Basic`, as the shop calls the plan. */
export async function typeNames(): Promise<Map<string, string>> {
  return new Map((await Plan.query().where({ serviceType: 'kasm_workspace' }).orderBy('sortOrder')).map((p) => [p.kasmWorkspaceType ?? p.slug, p.name]))
}

export async function rowsOf(workspaces: readonly Workspace[], now: Date): Promise<WorkspaceRow[]> {
  const services = new Map((await Service.query().whereIn('id', workspaces.map((w) => w.serviceId))).map((s) => [s.id, s]))
  const people = new Map((await Customer.query().whereIn('id', workspaces.map((w) => w.userId))).map((c) => [c.id, c]))
  const runs = new Map((await UsageSession.query().whereNull('stoppedAt').whereIn('kasmWorkspaceId', workspaces.map((w) => w.id))).map((s) => [s.kasmWorkspaceId, s]))
  const [servers, types] = [await serverNames(), await typeNames()]
  return workspaces.map((w) => {
    const [service, person, run] = [services.get(w.serviceId)!, people.get(w.userId)!, runs.get(w.id)]
    const server = w.providerConnectionId === null ? undefined : servers.get(w.providerConnectionId)
    return {
      publicId: service.publicId, name: service.name, customer: person.email, customerId: person.publicId, status: w.status, type: types.get(w.workspaceType) ?? w.workspaceType, template: w.templateName,
      server: server?.label ?? (w.providerConnectionId === null ? 'Platform' : `Server ${w.providerConnectionId}`), region: w.region ?? server?.region ?? '',
      runningSince: run?.startedAt ?? null, seconds: run?.elapsedSeconds(now) ?? null, cost: run?.cost(now) ?? null, since: w.createdAt, note: w.statusMessage,
    }
  })
}
