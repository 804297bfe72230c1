/**
 * Databases made ahead of time, so that opening a reseller waits for no DDL. Claiming is one conditional UPDATE.
 * making → ready → claimed; a member left `making` by a crash, or `broken`, is dropped by the next refill. Members migrate with the fleet.
 */
import { readBundle, type Bundle } from '../database/migration-bundle.js'
import { centralChange, centralRows } from '../database/migration-central.js'
import type { Row } from '../database/migration-connection.js'
import { DEADLOCK, repeating } from '../database/repeat.js'
import { log } from '../log.js'
import { seal, unseal } from '../security/encryption.js'
import { dropDatabase, newDatabaseName, provisionDatabase, usersOf, type ProvisionedDatabase } from './databases.js'

/** Where a pool member's passwords are sealed: they open for this database and column only. */
const place = (column: 'database_password' | 'migration_password', database: string): string => `central:pending_databases:${column}:${database}`

/** A member that has been `making` for longer than this was left by a crash. */
const makingMinutes = 10

function memberOf(row: Row): ProvisionedDatabase {
  const database = String(row.database_name)
  return {
    serverId: Number(row.server_id), database, user: String(row.database_user), password: unseal(String(row.database_password_sealed), place('database_password', database)),
    migrationUser: String(row.migration_user), migrationPassword: unseal(String(row.migration_password_sealed), place('migration_password', database)),
    head: row.schema_head === null ? null : String(row.schema_head), hash: String(row.schema_hash),
  }
}

async function makeOne(serverId: number, bundle: Bundle): Promise<void> {
  const database = newDatabaseName()
  const users = usersOf(database)
  // The row comes first: whatever happens next, nobody loses sight of the database.
  await centralChange(
    `insert into pending_databases (server_id, database_name, database_user, database_password_sealed, migration_user, migration_password_sealed, status, created_at, updated_at)
     values (?, ?, ?, '', ?, '', 'making', utc_timestamp(3), utc_timestamp(3))`, [serverId, database, users.app, users.migration])
  const made = await provisionDatabase({ serverId, database, bundle })
  await centralChange(
    `update pending_databases set status = 'ready', database_password_sealed = ?, migration_password_sealed = ?, schema_head = ?, schema_hash = ?, updated_at = utc_timestamp(3)
     where database_name = ? and status = 'making'`,
    [seal(made.password, place('database_password', database)), seal(made.migrationPassword, place('migration_password', database)), made.head, made.hash, database])
}

/** Drops what a crash or a failed migration left. Answers how many. */
export async function dropBroken(serverId: number): Promise<number> {
  const rows = await centralRows(
    `select database_name from pending_databases where server_id = ? and (status = 'broken' or (status = 'making' and updated_at < utc_timestamp(3) - interval ? minute))`, [serverId, makingMinutes])
  for (const row of rows) {
    await dropDatabase({ serverId, database: String(row.database_name) })
    await centralChange(`delete from pending_databases where database_name = ? and status in ('broken', 'making')`, [row.database_name])
  }
  return rows.length
}

/** Makes members until `size` are ready or being made. Answers how many were made. Stops at the first failure, which it throws after marking the member. */
export async function refillPool(serverId: number, size: number, bundle = readBundle('tenant')): Promise<number> {
  const dropped = await dropBroken(serverId)
  if (dropped) log().warn({ serverId, dropped }, 'dropped unfinished databases of the pool')
  const [row] = await centralRows(`select count(*) as n from pending_databases where server_id = ? and status in ('ready', 'making')`, [serverId])
  const missing = Math.max(0, size - Number(row?.n ?? 0))
  for (let i = 0; i < missing; i++) await makeOne(serverId, bundle)
  return missing
}

async function claimOnce(serverId: number, tenantId: number, hash: string): Promise<void> {
  await repeating([DEADLOCK], () => centralChange(
    `update pending_databases set status = 'claimed', claimed_by = ?, updated_at = utc_timestamp(3)
     where status = 'ready' and server_id = ? and schema_hash = ? order by id limit 1`, [tenantId, serverId, hash]))
}
async function claimed(tenantId: number): Promise<ProvisionedDatabase | null> {
  const [row] = await centralRows(`select * from pending_databases where claimed_by = ? and status = 'claimed' limit 1`, [tenantId])
  return row ? memberOf(row) : null
}

/**
 * A ready database at this version's schema, for this tenant alone; null when the pool has none (then provisionDatabase).
 * Safe to repeat: a second call answers the same database, until releaseClaim.
 */
export async function claimPending(serverId: number, tenantId: number, bundle = readBundle('tenant')): Promise<ProvisionedDatabase | null> {
  const before = await claimed(tenantId)
  if (before) return before
  await claimOnce(serverId, tenantId, bundle.hash)
  return claimed(tenantId)
}

/** The tenant's own row now holds name and passwords: the pool forgets the database. Safe to repeat. */
export async function releaseClaim(tenantId: number): Promise<void> {
  await centralChange(`delete from pending_databases where claimed_by = ? and status = 'claimed'`, [tenantId])
}

/** The account the fleet migrates a member with. */
export const pendingMigrationPassword = (sealed: string, database: string): string => unseal(sealed, place('migration_password', database))
