/** Shops full of workspaces for the figures of meter and month's end: one real row of each kind, multiplied by raw SQL. */
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { newPublicId } from '../../shared/security/token.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import { newCustomer } from '../../tenant/scenarios/billing-world.js'
import { UsageSession } from '../../tenant/kasm/metering/usage-session.js'
import { Workspace } from '../../tenant/kasm/workspace.js'
import { Service } from '../../tenant/services/service.js'
import { multiply } from './money-tenants.js'

export interface Filled {
  /** Ids are consecutive: customer `firstUser + i` owns workspace `firstWorkspace + i`. */
  readonly firstUser: number
  readonly firstWorkspace: number
  readonly firstSession: number
  readonly count: number
}
interface FirstRows { userId: number; serviceId: number; workspaceId: number; sessionId: number }

/** 32 hex digits, as the server names things; one expression for SQL and one for JavaScript. */
export const serverId = (kind: 'a' | 'b', shop: number, n: number): string => `${kind}${shop.toString(16).padStart(7, '0')}${n.toString(16).padStart(24, '0')}`
const serverIdSql = (kind: 'a' | 'b', shop: number): string => `concat('${kind}${shop.toString(16).padStart(7, '0')}', lpad(lower(hex(n.n)), 24, '0'))`

async function firstRows(): Promise<FirstRows> {
  const userId = await newCustomer({ currency: 'USD', time_zone: 'UTC' })
  const dated = { created_at: clock.now(), updated_at: clock.now() }
  const [planId] = (await tenantDb()('plans').insert({
    public_id: newPublicId(), slug: 'developer_basic', name: 'Developer Basic', service_type: 'kasm_workspace', billing_cycle: 'hourly', currency: 'USD', price_micros: 150_000,
    wholesale_sku: 'kasm.developer_basic', kasm_workspace_type: 'developer_basic', vcpu: 2, ram_mb: 4096, ...dated,
  })) as number[]
  const service = await Service.query().insertAndFetch({ publicId: newPublicId(), userId, planId: planId!, serviceType: 'kasm_workspace', name: 'api-box', status: 'active', currency: 'USD', priceMicros: 150_000 })
  const workspace = await Workspace.query().insertAndFetch({
    userId, serviceId: service.id, workspaceType: 'developer_basic', status: 'running', username: 'x', vcpu: 2, ramMb: 4096, templateName: 'Bench', startAttempts: 0,
    kasmWorkspaceId: serverId('a', 0, 0), kasmUserId: serverId('b', 0, 0), lastStartedAt: clock.now(), lastSeenAt: clock.now(), provisionedAt: clock.now(),
  })
  const session = await UsageSession.open(workspace, service, workspace.kasmWorkspaceId!, 'customer', clock.now())
  return { userId, serviceId: service.id, workspaceId: workspace.id, sessionId: session.id }
}

/** That many customers with a running workspace each, one open run each, on connection 1. `shop` keeps the server's ids apart. */
export async function fillWorkspaces(tenant: Tenant, shop: number, count: number): Promise<Filled> {
  const first = await runInTenant(tenant, firstRows)
  const span = (id: number): [number, number] => [id + 1, id + count]
  const shifted = (id: number): string => `n.n + ${id - first.userId}`
  await multiply(tenant, 'users', first.userId, span(first.userId), { id: 'n.n', public_id: `lpad(n.n, 20, 'u')`, email: `concat('w', n.n, '@example.com')` })
  await multiply(tenant, 'services', first.serviceId, span(first.userId), { id: shifted(first.serviceId), public_id: `lpad(n.n, 20, 's')`, user_id: 'n.n' })
  await multiply(tenant, 'kasm_workspaces', first.workspaceId, span(first.userId), {
    id: shifted(first.workspaceId), service_id: shifted(first.serviceId), user_id: 'n.n', username: `concat('${tenant.slug}-', n.n)`, kasm_workspace_id: serverIdSql('a', shop), kasm_user_id: serverIdSql('b', shop),
  })
  await multiply(tenant, 'kasm_usage_sessions', first.sessionId, span(first.userId), { id: shifted(first.sessionId), kasm_workspace_id: shifted(first.workspaceId) })
  return { firstUser: first.userId + 1, firstWorkspace: first.workspaceId + 1, firstSession: first.sessionId + 1, count }
}

/** `each` closed runs of 20 to 39 minutes for every workspace, 40 minutes apart, from the instant on: 1,000 of them fill a month. */
export async function fillRuns(tenant: Tenant, filled: Filled, each: number, from: string): Promise<void> {
  await runInTenant(tenant, async () => {
    for (const table of ['kasm_usage_events', 'kasm_usage_sessions']) await tenantDb()(table).delete()
    const workspace = filled.firstWorkspace - 1
    await tenantDb()('kasm_usage_sessions').insert({
      id: 1, kasm_workspace_id: workspace, started_at: new Date(from), stopped_at: new Date(Date.parse(from) + 60_000), last_seen_at: new Date(Date.parse(from) + 60_000), duration_seconds: 60, duration_billable_seconds: 900,
      billed_seconds: 900, cost_per_hour_micros: 150_000, currency: 'USD', total_cost_micros: 37_500, wholesale_sku: 'kasm.developer_basic', started_by: 'customer', end_reason: 'customer', created_at: clock.now(), updated_at: clock.now(),
    })
  })
  const run = `floor((n.n - 2) / ${filled.count})`
  const minutes = '(20 + n.n mod 20)'
  await multiply(tenant, 'kasm_usage_sessions', 1, [2, 1 + each * filled.count], {
    id: 'n.n', kasm_workspace_id: `${filled.firstWorkspace} + (n.n - 2) mod ${filled.count}`, billed_seconds: '0',
    started_at: `t.started_at + interval ${run} * 40 minute`, stopped_at: `t.started_at + interval ${run} * 40 + ${minutes} minute`, last_seen_at: `t.started_at + interval ${run} * 40 + ${minutes} minute`,
    duration_seconds: `${minutes} * 60`, duration_billable_seconds: `ceil(${minutes} / 15) * 900`, total_cost_micros: `ceil(${minutes} / 15) * 37500`,
  })
}
