/** Who lives on a connection, asked of the shops themselves: for the preview of switching it off. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { directory } from '../../shared/tenancy/directory.js'
import { visitFleet } from '../../shared/tenancy/fleet-visit.js'
import { homeOf } from '../../tenant/kasm/provider/choose-connection.js'
import type { ConnectionRow } from './connection.js'

export interface ConnectionUse {
  readonly shops: ReadonlyArray<{ name: string; slug: string; workspaces: number; running: number }>
  readonly workspaces: number
  /** Shops that could not be asked. */
  readonly unknown: readonly string[]
}

/** A few shops at a time; those with nothing there are left out. */
export async function useOf(row: ConnectionRow): Promise<ConnectionUse> {
  const owner = row.tenant_id === null ? null : (await directory().all()).find((tenant) => tenant.id === row.tenant_id)
  if (owner === undefined) return { shops: [], workspaces: 0, unknown: [] }
  const visits = await runAsPlatform(() => visitFleet(owner ? { only: [owner.slug] } : {}, async (tenant) => {
    const isHome = homeOf(await directory().providers(tenant, row.kind), null)?.id === row.id
    const counts = (await tenantDb()('kasm_workspaces').whereNot('status', 'terminated').where((q) => {
      void q.where('provider_connection_id', row.id)
      if (isHome) void q.orWhereNull('provider_connection_id')
    }).groupBy('status').select('status').count({ n: '*' })) as Array<{ status: string; n: number }>
    const sum = (of: typeof counts) => of.reduce((total, { n }) => total + Number(n), 0)
    return { workspaces: sum(counts), running: sum(counts.filter(({ status }) => status === 'running')) }
  }))
  const shops = visits.flatMap((visit) => (visit.ok && visit.value.workspaces ? [{ name: visit.tenant.name, slug: visit.tenant.slug, ...visit.value }] : []))
  return {
    shops: shops.sort((a, b) => b.workspaces - a.workspaces || a.slug.localeCompare(b.slug)),
    workspaces: shops.reduce((sum, shop) => sum + shop.workspaces, 0), unknown: visits.filter((visit) => !visit.ok).map((visit) => visit.tenant.slug),
  }
}
