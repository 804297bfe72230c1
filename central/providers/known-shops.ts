/** What the shops that are named at a server know of it. Only they are visited, and only for the names that were found. */
import { centralDb } from '../../shared/database/central-database.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { directory } from '../../shared/tenancy/directory.js'
import { visitFleet } from '../../shared/tenancy/fleet-visit.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { homeOf } from '../../tenant/kasm/provider/choose-connection.js'
import { slugOfUser } from '../../tenant/kasm/provider/user-name.js'
import type { ConnectionRow } from './connection.js'
import { slugsIn, type Found, type KnownShop, type KnownWorkspace } from './strangers.js'

interface Row { username: string; kasm_workspace_id: string | null; status: string; provider_connection_id: number | null }
const AT_ONCE = 500

/** By slug. On a reseller's own server only that reseller can be named; a dropped shop knows nothing any more. */
export async function knownShops(row: ConnectionRow, found: readonly Found[]): Promise<Map<string, KnownShop>> {
  const slugs = [...slugsIn(found)]
  const tenants = (await centralDb()('tenants').whereIn('slug', slugs).modify((q) => {
    if (row.tenant_id !== null) void q.where({ id: row.tenant_id })
  }).orderByRaw("status = 'dropped' desc").select('id', 'slug')) as Array<{ id: number; slug: string }>
  const shops = new Map<string, KnownShop>(tenants.map(({ id, slug }) => [slug, { tenantId: id, byName: new Map() }]))
  const visits = await runAsPlatform(() => visitFleet({ only: [...shops.keys()] }, (tenant) => workspacesOf(tenant, row, found)))
  for (const visit of visits) shops.set(visit.tenant.slug, { tenantId: visit.tenant.id, byName: visit.ok ? visit.value : null })
  return shops
}

async function workspacesOf(tenant: Tenant, row: ConnectionRow, found: readonly Found[]): Promise<Map<string, KnownWorkspace[]>> {
  const home = homeOf(await directory().providers(tenant, row.kind), null)?.id ?? null
  const names = [...new Set(found.flatMap(({ username }) => (username !== null && slugOfUser(username) === tenant.slug ? [username] : [])))]
  const byName = new Map<string, KnownWorkspace[]>()
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const rows = (await tenantDb()('kasm_workspaces').whereIn('username', names.slice(from, from + AT_ONCE))
      .select('username', 'kasm_workspace_id', 'status', 'provider_connection_id')) as Row[]
    for (const one of rows) byName.set(one.username, [...(byName.get(one.username) ?? []), { username: one.username, kasmWorkspaceId: one.kasm_workspace_id, status: one.status, here: (one.provider_connection_id ?? home) === row.id }])
  }
  return byName
}
