/** For tests of the fleet: a central database and many tiny tenants of this process only, with a bundle of migrations in a temporary folder. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { config, overrideConfig } from '../config.js'
import { closeDatabases } from '../database/central-database.js'
import { forgetBundles, readBundle, type Bundle } from '../database/migration-bundle.js'
import { centralChange, centralRows, migrateCentral } from '../database/migration-central.js'
import { openAdmin, quoteName, rowsOf, withAdmin, type AdminConnection, type Row } from '../database/migration-connection.js'
import { seal } from '../security/encryption.js'
import { fillSchema, newDatabaseName, provisionDatabase, type ProvisionedDatabase } from '../tenancy/databases.js'
import { fanOut } from '../tenancy/fleet-visit.js'
import { writeLedger } from '../tenancy/ledger.js'

/** A folder of migrations that a test may write to. */
export class TemporaryBundle {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ezscale-migrations-'))
  constructor(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }
  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, `${name}.sql`), text)
  }
  remove(name: string): void {
    rmSync(path.join(this.folder, `${name}.sql`))
  }
  /** As a process that starts now reads it. */
  read(): Bundle {
    forgetBundles()
    return readBundle('tenant', this.folder)
  }
  end(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** An empty database for one test. */
export async function scratchDatabase(): Promise<{ name: string; connection: AdminConnection; end: () => Promise<void> }> {
  const name = `${config().TENANT_PREFIX}${randomBytes(5).toString('hex')}`
  const connection = await openAdmin(1)
  await connection.query(`create database ${quoteName(name)} character set utf8mb4 collate utf8mb4_unicode_520_ci; use ${quoteName(name)}`)
  return { name, connection, end: () => connection.query(`drop database if exists ${quoteName(name)}`).then(() => connection.end()) }
}

export interface TestFleet {
  readonly bundle: TemporaryBundle
  readonly slugs: string[]
  /** Environment of a child process that works on this fleet. */
  readonly env: Record<string, string>
  databaseOf(slug: string): string
  /** Statement inside one tenant's database, as administrator. */
  inside(slug: string, sql: string): Promise<Row[]>
  /** How many tenants have this table. */
  having(table: string): Promise<number>
  end(): Promise<void>
}

/** Without accounts a tenant is made in a third of the time; the fleet visits it as administrator. */
async function makeDatabase(bundle: Bundle, accounts: boolean): Promise<ProvisionedDatabase> {
  if (accounts) return provisionDatabase({ serverId: 1, bundle })
  const database = newDatabaseName()
  const schema = await withAdmin(1, (c) => fillSchema(c, database, bundle))
  return { serverId: 1, database, user: 'none', password: '', migrationUser: 'none', migrationPassword: '', ...schema }
}

async function addTenant(slug: string, bundle: Bundle, accounts: boolean): Promise<string> {
  const uuid = randomUUID()
  const made = await makeDatabase(bundle, accounts)
  const { insertId } = await centralChange(
    `insert into tenants (uuid, slug, name, status, owner_name, owner_email, server_id, database_name, database_user, database_password_sealed, migration_user, migration_password_sealed,
     currency, time_zone, locale, created_at, updated_at) values (?, ?, ?, 'active', 'Ann', 'ann@example.com', 1, ?, ?, ?, ?, ?, 'USD', 'UTC', 'en', utc_timestamp(3), utc_timestamp(3))`,
    [uuid, slug, slug, made.database, made.user, seal(made.password, `central:tenants:database_password:${uuid}`), made.migrationUser, seal(made.migrationPassword, `central:tenants:migration_password:${uuid}`)])
  await writeLedger([{ member: { kind: 'tenant', id: insertId }, head: made.head, hash: made.hash, runId: null, ms: 0 }])
  return made.database
}

async function dropEverything(prefix: string, central: string): Promise<void> {
  await closeDatabases()
  await withAdmin(1, async (connection) => {
    const names = (await rowsOf(connection, 'show databases')).map((r) => String(Object.values(r)[0])).filter((n) => n.startsWith(prefix) || n === central)
    const users = (await rowsOf(connection, 'select user as u from mysql.user where user like ?', [`${prefix.replaceAll('_', '\\_')}%`])).map((r) => `'${r.u}'@'%'`)
    for (const name of names) await connection.query(`drop database if exists ${quoteName(name)}`)
    if (users.length) await connection.query(`drop user if exists ${users.join(', ')}`)
  })
}

/** Makes central and `count` tenants called t001… at the head of `files`. Call `end` in an after hook. */
export async function makeFleet(count: number, files: Record<string, string>, accounts = true): Promise<TestFleet> {
  const tag = randomBytes(3).toString('hex')
  const [central, prefix] = [`ft${tag}_central`, `ft${tag}_`]
  overrideConfig({ CENTRAL_DATABASE: central, TENANT_PREFIX: prefix })
  await migrateCentral()
  await centralChange(`insert into database_servers (id, name, host, port, admin_user, created_at, updated_at) values (1, 'first', 'localhost', 3306, 'root', utc_timestamp(3), utc_timestamp(3))`)
  const bundle = new TemporaryBundle(files)
  const first = bundle.read()
  const databases = new Map<string, string>()
  const slugs = Array.from({ length: count }, (_v, i) => `t${String(i + 1).padStart(3, '0')}`)
  await fanOut(slugs, async (slug) => void databases.set(slug, await addTenant(slug, first, accounts)))
  const { DATABASE_URL, MASTER_KEY } = config()
  const databaseOf = (slug: string): string => databases.get(slug)!
  return {
    bundle, slugs, databaseOf,
    env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, DATABASE_URL, MASTER_KEY, CENTRAL_DATABASE: central, TENANT_PREFIX: prefix, LOG_LEVEL: 'silent' },
    inside: (slug, sql) => withAdmin(1, (c) => rowsOf(c, sql), databaseOf(slug)),
    having: async (table) => Number((await centralRows('select count(*) as n from information_schema.tables where table_schema like ? and table_name = ?', [`${prefix.replaceAll('_', '\\_')}%`, table]))[0]?.n),
    end: () => dropEverything(prefix, central).finally(() => bundle.end()),
  }
}
