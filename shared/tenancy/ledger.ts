/** Central's memory of where every tenant's schema stands. The journals inside the tenants are the truth; the ledger makes "who is behind?" one query. */
import { readBundle, type Bundle } from '../database/migration-bundle.js'
import { centralChange, centralRows } from '../database/migration-central.js'
import { format, quoteName, withAdmin, type Row } from '../database/migration-connection.js'
import { repairJournal } from '../database/migration-repair.js'
import { applyPending, type MigrationFailure } from '../database/migrator.js'
import { pendingMigrationPassword } from './pending-pool.js'
import { unseal } from '../security/encryption.js'

/** Which tenants a command is about. Slugs; `except` wins. Without `only`, all. */
export interface Selection {
  readonly only?: readonly string[]
  readonly except?: readonly string[]
  /** Leave the pool of pre-made databases out. */
  readonly withoutPool?: boolean
}

/** A tenant's database, or one of the pool, with what the ledger says. */
export interface FleetMember {
  readonly kind: 'tenant' | 'pool'
  readonly id: number
  /** For the pool: the database name. */
  readonly slug: string
  readonly name: string
  readonly status: string
  readonly serverId: number
  readonly database: string
  readonly migrationUser: string | null
  /** Opened only when it is needed. Null when none is stored. */
  readonly migrationPassword: () => string | null
  readonly head: string | null
  /** Hash of what has run, as Bundle.hash; null when unknown or failed. */
  readonly hash: string | null
  readonly behind: boolean
  readonly failed: boolean
  /** A run that died, or a lost connection, may have left a file here that ran and is not in the journal. */
  readonly doubtful: boolean
  readonly failure: { file: string | null; step: number | null; sql: string | null; code: string | null; message: string | null } | null
}

const text = (v: unknown): string | null => (v === null || v === undefined ? null : String(v))
const num = (v: unknown): number | null => (v === null || v === undefined ? null : Number(v))

function memberOf(row: Row): FleetMember {
  const [kind, database, sealed] = [row.kind === 'pool' ? 'pool' : 'tenant', String(row.database_name), text(row.migration_password_sealed)] as const
  const open = (): string | null => (!sealed ? null : kind === 'pool' ? pendingMigrationPassword(sealed, database) : unseal(sealed, `central:tenants:migration_password:${row.uuid}`))
  const failed = row.ledger_status === 'failed'
  return {
    kind, id: Number(row.id), slug: String(row.slug), name: String(row.name), status: String(row.status), serverId: Number(row.server_id), database,
    migrationUser: text(row.migration_user), migrationPassword: open, head: text(row.head), hash: text(row.hash), behind: Number(row.behind) === 1, failed, doubtful: Number(row.doubtful) === 1,
    failure: failed ? { file: text(row.failed_file), step: num(row.failed_step), sql: text(row.failed_sql), code: text(row.error_code), message: text(row.error) } : null,
  }
}

/** A tenant being opened counts once it has reached the ledger; before that the opening itself brings its schema. */
const hasSchema = `t.status <> 'dropped' and t.database_name is not null and (t.status <> 'opening' or l.tenant_id is not null)`
const behindSql = `(l.tenant_id is null or l.status <> 'done' or l.bundle_hash is null or l.bundle_hash <> ?)`

/**
 * The record of a run is the `started` mark of all its visits: written before the first, closed after the last. When one was never closed, whoever it has not reached in the ledger is
 * in doubt; and so is a visit that ended without an answer of the server (error 0).
 */
const died = `(select max(started_at) from migration_runs where status = 'running')`
const doubtfulSql = `coalesce(coalesce(l.updated_at, 0) < ${died} or (l.status = 'failed' and l.error_code = '0'), 0)`

function chosen(selection: Selection): string {
  const only = selection.only ? format(' and t.slug in (?)', [selection.only.length ? [...selection.only] : ['']]) : ''
  return only + (selection.except?.length ? format(' and t.slug not in (?)', [[...selection.except]]) : '')
}

export interface FleetView {
  /** Tenants that the selection names, behind or not. */
  readonly matched: number
  readonly members: readonly FleetMember[]
}

/** The selected tenants (and the pool, unless `only` names some), in ONE query however many there are. `behindOnly` leaves out those at the bundle's hash. */
export async function fleetView(selection: Selection, bundle: Bundle = readBundle('tenant'), behindOnly = false): Promise<FleetView> {
  const where = hasSchema + chosen(selection)
  const behind = format(behindSql, [bundle.hash])
  const poolBehind = format('p.schema_hash <> ?', [bundle.hash])
  const withPool = !selection.withoutPool && !selection.only
  const sql = `select 'sum' as kind, count(*) as id, '' as uuid, '' as slug, '' as name, '' as status, null as server_id, null as database_name, null as migration_user,
      null as migration_password_sealed, null as head, null as hash, 0 as behind, 0 as doubtful, null as ledger_status, null as failed_file, null as failed_step, null as failed_sql, null as error_code, null as error
      from tenants t left join migration_ledger l on l.tenant_id = t.id where ${where}
    union all select 'tenant', t.id, t.uuid, t.slug, t.name, t.status, t.server_id, t.database_name, t.migration_user, t.migration_password_sealed, l.head, l.bundle_hash,
      ${behind}, ${doubtfulSql}, l.status, l.failed_file, l.failed_step, l.failed_sql, l.error_code, l.error
      from tenants t left join migration_ledger l on l.tenant_id = t.id where ${where} ${behindOnly ? `and ${behind}` : ''}
    ${withPool ? `union all select 'pool', p.id, '', p.database_name, 'pre-made database', p.status, p.server_id, p.database_name, p.migration_user, p.migration_password_sealed, p.schema_head, p.schema_hash,
      ${poolBehind}, coalesce(p.updated_at < ${died}, 0), null, null, null, null, null, null from pending_databases p where p.status = 'ready' ${behindOnly ? `and ${poolBehind}` : ''}` : ''}`
  const rows = await centralRows(sql)
  const sum = rows.find((r) => r.kind === 'sum')
  return { matched: Number(sum?.id ?? 0), members: rows.filter((r) => r.kind !== 'sum').map(memberOf).sort((a, b) => (a.kind === b.kind ? (a.slug < b.slug ? -1 : 1) : a.kind === 'tenant' ? -1 : 1)) }
}

/** What a visit found, for the ledger. */
export interface LedgerEntry {
  readonly member: Pick<FleetMember, 'kind' | 'id'>
  readonly head: string | null
  readonly hash: string | null
  readonly runId: number | null
  readonly ms: number
  readonly failure?: (Pick<MigrationFailure, 'file' | 'step' | 'sql' | 'errno'> & { message: string }) | undefined
}

function tenantValues(entry: LedgerEntry): string {
  const f = entry.failure
  return format('(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, utc_timestamp(3))', [
    entry.member.id, entry.head, entry.hash, f ? 'failed' : 'done', f?.file ?? null, f?.step ?? null, f?.sql ?? null, f ? String(f.errno) : null,
    f ? f.message.slice(0, 1000) : null, entry.runId, Math.round(entry.ms)])
}
const columns = ['head', 'bundle_hash', 'status', 'failed_file', 'failed_step', 'failed_sql', 'error_code', 'error', 'run_id', 'duration_ms', 'updated_at']

/** Writes many entries in one statement. Losing a batch to a crash is harmless: the journals say the same, and the next run looks there. */
export async function writeLedger(entries: readonly LedgerEntry[]): Promise<void> {
  const tenants = entries.filter((e) => e.member.kind === 'tenant')
  if (tenants.length) {
    await centralChange(`insert into migration_ledger (tenant_id, ${columns.join(', ')}) values ${tenants.map(tenantValues).join(', ')}
      on duplicate key update ${columns.map((c) => `${c} = values(${c})`).join(', ')}`)
  }
  for (const { member, failure, head, hash } of entries.filter((e) => e.member.kind === 'pool')) {
    if (failure) await centralChange(`update pending_databases set status = 'broken', error = ?, updated_at = utc_timestamp(3) where id = ? and status = 'ready'`, [failure.message.slice(0, 500), member.id])
    else await centralChange('update pending_databases set schema_head = ?, schema_hash = ?, updated_at = utc_timestamp(3) where id = ?', [head, hash, member.id])
  }
}

/** One tenant's database to the head of this version, and the ledger told. For openings; the fleet has its own way. Safe to repeat. */
export async function bringToHead(tenant: { id: number; serverId: number; database: string }, bundle: Bundle = readBundle('tenant')): Promise<{ head: string | null; hash: string }> {
  const begun = performance.now()
  const { head, hash } = await withAdmin(tenant.serverId, async (connection) => {
    await connection.query(`use ${quoteName(tenant.database)}`)
    await repairJournal(connection, bundle)
    return applyPending(connection, bundle)
  })
  await writeLedger([{ member: { kind: 'tenant', id: tenant.id }, head, hash, runId: null, ms: performance.now() - begun }])
  return { head, hash }
}
