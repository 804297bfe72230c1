/** Does the server have what central says, and nothing more? Needs an administrator's connection. */
import { config } from '../../shared/config.js'
import type { Bundle } from '../../shared/database/migration-bundle.js'
import { centralRows } from '../../shared/database/migration-central.js'
import { errnoOf, quoteName, rowsOf, type AdminConnection } from '../../shared/database/migration-connection.js'
import { journalHash, readJournal, type JournalRow } from '../../shared/database/migration-journal.js'
import { usersOf } from '../../shared/tenancy/databases.js'
import type { AuditFinding } from './audit.js'
import type { TenantDetail } from './tenant-rows.js'

const unknownDatabase = 1049
const appRights = ['DELETE', 'INSERT', 'SELECT', 'UPDATE']

/** Rights that an account has, by the database part of each grant as the server keeps it. Null: no such account. */
async function grantsOf(connection: AdminConnection, user: string): Promise<Map<string, string[]> | null> {
  const rows = await rowsOf(connection, `show grants for ${connection.escape(user)}@'%'`).catch(() => null)
  if (!rows) return null
  const grants = new Map<string, string[]>()
  for (const row of rows) {
    const match = /^GRANT (.+?) ON (.+?)\.\* TO /.exec(String(Object.values(row)[0]))
    if (match && match[1] !== 'USAGE') grants.set(match[2]!.replaceAll('`', ''), match[1]!.split(', ').sort())
  }
  return grants
}

function grantFindings(finding: (check: string, message: string) => AuditFinding, database: string, user: string, grants: Map<string, string[]> | null, rights: readonly string[] | null): AuditFinding[] {
  if (!grants) return [finding('account.missing', `The account ${user} does not exist.`)]
  const found: AuditFinding[] = []
  const escaped = database.replace(/[\\_%]/g, '\\$&')
  for (const [name, has] of grants) {
    if (name.replace(/\\/g, '') !== database) found.push(finding('account.foreign-grant', `${user} has ${has.join(', ')} on ${name}, which is not its own database.`))
    else if (name !== escaped && name.includes('_')) found.push(finding('account.wide-grant', `${user}'s grant on ${name} does not escape "_": it opens other databases as well.`))
    else if (rights && has.join() !== rights.join()) found.push(finding('account.rights', `${user} has ${has.join(', ')} instead of ${rights.join(', ')}.`))
  }
  if (!grants.size) found.push(finding('account.no-grant', `${user} may do nothing in ${database}.`))
  return found
}

function schemaFindings(finding: (check: string, message: string) => AuditFinding, tenant: TenantDetail, journal: readonly JournalRow[], bundle: Bundle): AuditFinding[] {
  const found: AuditFinding[] = []
  const half = journal.find((r) => r.status !== 'done')
  if (half) found.push(finding('schema.half-done', `${half.name} did not finish${half.error ? `: ${half.error}` : ''}. Run: ezscale tenants resume --only ${tenant.slug}`))
  if (tenant.failure) found.push(finding('schema.failed', `${tenant.failure.file}, statement ${tenant.failure.step}: ${tenant.failure.error}`))
  else if (!half && tenant.ledgerHash !== null && journalHash(journal) !== tenant.ledgerHash) found.push(finding('schema.ledger', `The journal is at ${journal.at(-1)?.name ?? 'nothing'}, the ledger says ${tenant.schema}. Run: ezscale tenants repair --only ${tenant.slug}`))
  else if (tenant.ledgerHash === null && tenant.status !== 'opening') found.push(finding('schema.no-ledger', `The ledger knows nothing of it. Run: ezscale tenants resume --only ${tenant.slug}`))
  const strange = journal.find((r) => !bundle.files.some((f) => f.name === r.name))
  if (strange) found.push(finding('schema.ahead', `${strange.name} has run there, and this version does not have it.`))
  return found
}

/** One tenant's database, accounts and journal. */
export async function databaseFindings(connection: AdminConnection, tenant: TenantDetail, bundle: Bundle): Promise<AuditFinding[]> {
  const database = tenant.database!
  const finding = (check: string, message: string): AuditFinding => ({ tenant: tenant.slug, check, subject: database, message })
  try {
    await connection.query(`use ${quoteName(database)}`)
  } catch (error) {
    if (errnoOf(error) !== unknownDatabase) throw error
    return tenant.status === 'opening' ? [] : [finding('database.missing', `The tenant is ${tenant.status}, and its database does not exist on ${tenant.server}.`)]
  }
  if (tenant.status === 'opening') return []
  const { app_user: app, migration_user: migration } = { app_user: tenant.row.database_user, migration_user: tenant.row.migration_user }
  const accounts = app === null ? [finding('account.unnamed', 'The row names no account.')] : grantFindings(finding, database, String(app), await grantsOf(connection, String(app)), appRights)
  const ddl = migration === null ? [] : grantFindings(finding, database, String(migration), await grantsOf(connection, String(migration)), null)
  return [...accounts, ...ddl, ...schemaFindings(finding, tenant, await readJournal(connection), bundle)]
}

/** Databases and accounts of ours on a server that no row of central knows, and pool members without a database. */
export async function orphanFindings(connection: AdminConnection, serverId: number): Promise<AuditFinding[]> {
  const { TENANT_PREFIX, CENTRAL_DATABASE } = config()
  const like = `${TENANT_PREFIX.replace(/[\\_%]/g, '\\$&')}%`
  const tenants = await centralRows('select database_name as d from tenants where server_id = ? and database_name is not null', [serverId])
  const pool = (await centralRows('select database_name as d, status from pending_databases where server_id = ?', [serverId])).map((r) => ({ d: String(r.d), status: String(r.status) }))
  const known = new Set([...tenants.map((r) => String(r.d)), ...pool.map((r) => r.d)])
  const there = (await rowsOf(connection, 'select schema_name as d from information_schema.schemata where schema_name like ?', [like])).map((r) => String(r.d)).filter((d) => d !== CENTRAL_DATABASE && !/_scratch_[0-9a-f]{8}$/.test(d))
  const users = (await rowsOf(connection, 'select distinct user as u from mysql.user where user like ?', [like])).map((r) => String(r.u))
  const knownUsers = new Set([...known].flatMap((d) => Object.values(usersOf(d))))
  const finding = (check: string, subject: string, message: string): AuditFinding => ({ tenant: null, check, subject, message })
  return [
    ...there.filter((d) => !known.has(d)).map((d) => finding('database.orphan', d, 'No tenant and no pool row knows this database.')),
    ...users.filter((u) => !knownUsers.has(u)).map((u) => finding('account.orphan', u, 'This account belongs to no database that central knows.')),
    ...pool.filter((p) => p.status !== 'making' && !there.includes(p.d)).map((p) => finding('pool.missing', p.d, `The pool says ${p.status}, and the database does not exist.`)),
  ]
}
