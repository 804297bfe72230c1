/**
 * A tenant's database: made, opened to exactly two accounts, and dropped.
 * `app` account: select, insert, update, delete. `migration` account: also DDL. Both on this one schema and nothing else.
 * Everything here may be repeated after a crash at any point.
 */
import { randomBytes } from 'node:crypto'
import { config } from '../config.js'
import { readBundle, type Bundle } from '../database/migration-bundle.js'
import { quoteName, rowsOf, withAdmin, type AdminConnection } from '../database/migration-connection.js'
import { applyPending } from '../database/migrator.js'
import { newToken } from '../security/token.js'
import { applySnapshot } from './snapshot.js'

/** Passwords in clear: seal them before you store them, never log them. */
export interface ProvisionedDatabase {
  readonly serverId: number
  readonly database: string
  readonly user: string
  readonly password: string
  readonly migrationUser: string
  readonly migrationPassword: string
  /** Last migration and hash of all that ran; what goes into the ledger. */
  readonly head: string | null
  readonly hash: string
}

const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'
/** An opaque name: it tells nothing of the tenant, so a renamed reseller keeps it. */
export function newDatabaseName(): string {
  return config().TENANT_PREFIX + [...randomBytes(12)].map((b) => alphabet[b % alphabet.length]).join('')
}
/** At most 29 characters: MySQL allows 32. */
export const usersOf = (database: string): { app: string; migration: string } => ({ app: `${database}_a`, migration: `${database}_m` })

/** Refuses names that are not ours: nothing here may ever touch central or a stranger's schema. */
export function checkTenantName(database: string): void {
  const { TENANT_PREFIX, CENTRAL_DATABASE } = config()
  if (!database.startsWith(TENANT_PREFIX) || database === CENTRAL_DATABASE || !/^[a-z0-9_]{1,30}$/.test(database)) {
    throw new Error(`"${database}" is not the name of a tenant database (${TENANT_PREFIX}…, at most 30 of a-z 0-9 _)`)
  }
}

interface Flavour { mariadb: boolean; literalGrants: boolean }
async function flavourOf(connection: AdminConnection): Promise<Flavour> {
  const [row] = await rowsOf(connection, 'select version() as version')
  const mariadb = /mariadb/i.test(String(row?.version))
  const [revokes] = mariadb ? [] : await rowsOf(connection, `show variables like 'partial_revokes'`)
  return { mariadb, literalGrants: revokes?.Value === 'ON' }
}

/** `_` and `%` are wildcards in the database part of a grant: `t_a` would also open `txa`. */
const grantName = (database: string, literal: boolean): string => quoteName(literal ? database : database.replace(/[\\_%]/g, '\\$&'))

async function makeUser(connection: AdminConnection, flavour: Flavour, account: { user: string; password: string; database: string; rights: string; most: number }): Promise<void> {
  const who = `${connection.escape(account.user)}@'%'`
  const secret = connection.escape(account.password)
  // MariaDB's native method switches accounts in one round trip; MySQL 9 no longer has it.
  const identified = flavour.mariadb ? `identified via mysql_native_password using password(${secret})` : `identified by ${secret}`
  await connection.query(`create user if not exists ${who} ${identified} with max_user_connections ${account.most};
    alter user ${who} ${identified} with max_user_connections ${account.most};
    grant ${account.rights} on ${grantName(account.database, flavour.literalGrants)}.* to ${who}`)
}

const appRights = 'select, insert, update, delete'
const migrationRights = `${appRights}, create, alter, drop, index, references`

/** Both accounts of a database with new passwords; accounts that exist get the new password. */
export async function makeUsers(connection: AdminConnection, database: string): Promise<Pick<ProvisionedDatabase, 'user' | 'password' | 'migrationUser' | 'migrationPassword'>> {
  const { app, migration } = usersOf(database)
  const [password, migrationPassword] = [newToken(), newToken()]
  const flavour = await flavourOf(connection)
  // The broker's budget is the rule; this only stops a program that has lost count. Several processes and a deploy's overlap fit in.
  const most = Math.max(64, config().TENANT_CONNECTIONS * 4)
  await makeUser(connection, flavour, { user: app, password, database, rights: appRights, most })
  await makeUser(connection, flavour, { user: migration, password: migrationPassword, database, rights: migrationRights, most: 16 })
  return { user: app, password, migrationUser: migration, migrationPassword }
}

/** The database with the schema of the bundle: from the snapshot when it is fresh, else by replaying. */
export async function fillSchema(connection: AdminConnection, database: string, bundle: Bundle): Promise<{ head: string | null; hash: string }> {
  await connection.query(`create database if not exists ${quoteName(database)} character set utf8mb4 collate utf8mb4_unicode_520_ci; use ${quoteName(database)}`)
  await applySnapshot(connection, bundle)
  const { head, hash } = await applyPending(connection, bundle)
  return { head, hash }
}

/**
 * Creates the database, its schema and its accounts. Give the `database` that an earlier attempt stored: it is completed, and its accounts get new passwords.
 * Store the name before you call, so that a crash leaves no database that nobody knows.
 */
export async function provisionDatabase(wish: { serverId: number; database?: string; bundle?: Bundle }): Promise<ProvisionedDatabase> {
  const database = wish.database ?? newDatabaseName()
  checkTenantName(database)
  return withAdmin(wish.serverId, async (connection) => {
    const schema = await fillSchema(connection, database, wish.bundle ?? readBundle('tenant'))
    return { serverId: wish.serverId, database, ...(await makeUsers(connection, database)), ...schema }
  })
}

/** Database and both accounts; what is gone already is fine. There is no way back: callers have asked before. */
export async function dropDatabase(what: { serverId: number; database: string }): Promise<void> {
  checkTenantName(what.database)
  const { app, migration } = usersOf(what.database)
  await withAdmin(what.serverId, async (connection) => {
    await connection.query(`drop database if exists ${quoteName(what.database)}; drop user if exists '${app}'@'%'; drop user if exists '${migration}'@'%'`)
  })
}
