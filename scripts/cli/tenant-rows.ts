/** What the commands show of tenants, from central in one query. */
import { centralRows } from '../../shared/database/migration-central.js'
import { readBundle, type Bundle } from '../../shared/database/migration-bundle.js'
import type { Row } from '../../shared/database/migration-connection.js'
import { NothingMatched, noTenant } from './exit-codes.js'
import type { SelectionFlags } from './options.js'

export interface TenantLine {
  readonly slug: string
  readonly name: string
  readonly status: string
  readonly database: string | null
  /** Name of the database server. */
  readonly server: string | null
  /** Last migration that has run. */
  readonly schema: string | null
  readonly behind: boolean
  readonly domains: readonly string[]
}
export interface TenantDetail extends TenantLine {
  readonly id: number
  readonly uuid: string
  readonly serverId: number | null
  readonly ledgerStatus: string | null
  readonly ledgerHash: string | null
  readonly failure: { file: string; step: number; sql: string; code: string; error: string } | null
  readonly row: Row
}

const text = (v: unknown): string | null => (v === null || v === undefined ? null : String(v))

function detailOf(row: Row, bundle: Bundle): TenantDetail {
  const failed = row.ledger_status === 'failed'
  return {
    slug: String(row.slug), name: String(row.name), status: String(row.status), database: text(row.database_name), server: text(row.server_name), schema: text(row.head),
    behind: row.status !== 'dropped' && (row.ledger_status !== 'done' || row.bundle_hash !== bundle.hash), domains: row.domains ? String(row.domains).split(' ') : [],
    id: Number(row.id), uuid: String(row.uuid), serverId: row.server_id === null ? null : Number(row.server_id), ledgerStatus: text(row.ledger_status), ledgerHash: text(row.bundle_hash),
    failure: failed ? { file: String(row.failed_file), step: Number(row.failed_step), sql: String(row.failed_sql), code: String(row.error_code), error: String(row.error) } : null, row,
  }
}

/** Dropped tenants only on request. Primary domain first. */
export async function tenantDetails(flags: SelectionFlags = {}, bundle = readBundle('tenant')): Promise<TenantDetail[]> {
  const rows = await centralRows(
    `select t.*, s.name as server_name, l.head, l.bundle_hash, l.status as ledger_status, l.failed_file, l.failed_step, l.failed_sql, l.error_code, l.error, d.domains
     from tenants t left join database_servers s on s.id = t.server_id left join migration_ledger l on l.tenant_id = t.id
     left join (select tenant_id, group_concat(domain order by type <> 'primary', domain separator ' ') as domains from tenant_domains group by tenant_id) d on d.tenant_id = t.id
     ${flags.dropped ? '' : `where t.status <> 'dropped'`} order by t.slug, t.id`)
  return rows.map((row) => detailOf(row, bundle)).filter((t) => (!flags.only || flags.only.includes(t.slug)) && !flags.except?.includes(t.slug) && (!flags.behind || t.behind))
}

/** The line that `--json` prints: stable. */
export const lineOf = ({ slug, name, status, database, server, schema, behind, domains }: TenantDetail): TenantLine => ({ slug, name, status, database, server, schema, behind, domains })

/** Refuses names that nobody has, before anything is done: a slip of the pen must not pass for a tenant that was visited, or for one that was spared. */
export async function checkNames(flags: SelectionFlags): Promise<void> {
  const given = [...new Set([...(flags.only ?? []), ...(flags.except ?? [])])]
  if (!given.length) return
  const rows = await centralRows('select slug, status from tenants where slug in (?)', [given])
  const known = (slug: string): boolean => rows.some((r) => r.slug === slug && (r.status !== 'dropped' || flags.dropped || !flags.only?.includes(slug)))
  const unknown = given.filter((slug) => !known(slug))
  if (unknown.length) throw new NothingMatched(`There is no tenant ${unknown.map((slug) => `"${slug}"`).join(', ')}. Nothing was done. See: ezscale tenants list`)
}

/** One live tenant by its short name; throws NothingMatched. */
export async function tenantBySlug(slug: string): Promise<TenantDetail> {
  const [found] = await tenantDetails({ only: [slug] })
  if (!found) throw noTenant(slug)
  return found
}
