/**
 * A world for tests: a central database and two tenants, acme and globex, of this process only; an in-memory directory; a set clock.
 * `const world = useWorld()` at the top of a describe. Everything is dropped at the end.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { overrideConfig } from '../config.js'
import { closeDatabases } from '../database/central-database.js'
import { readBundle } from '../database/migration-bundle.js'
import { openAdmin, quoteName, rowsOf, type AdminConnection } from '../database/migration-connection.js'
import { applyPending } from '../database/migrator.js'
import { dropDatabase, provisionDatabase } from '../tenancy/databases.js'
import { runInTenant } from '../tenancy/context.js'
import { stopResolving } from '../tenancy/resolve-host.js'
import { plugDirectory } from '../tenancy/directory.js'
import { makeTenant, type Tenant } from '../tenancy/tenant.js'
import { clock } from '../time/clock.js'
import { MemoryDirectory } from './memory-directory.js'

const kept = new Set(['schema_journal', 'directory_versions'])

/** Names that no other run uses: the suite may share a server. */
export function useOwnNames(): { prefix: string; central: string } {
  const run = randomBytes(3).toString('hex')
  stopResolving()
  const names = { prefix: `t${run}_`, central: `c${run}_central` }
  overrideConfig({
    CENTRAL_DATABASE: names.central, TENANT_PREFIX: names.prefix, NODE_ENV: 'test', ALLOW_PRIVATE_OUTSIDE: true, PORT: 3000, TENANT_CONNECTIONS: 12, CENTRAL_CONNECTIONS: 6,
    PLATFORM_DOMAIN: 'ezscale.localhost', LOG_LEVEL: 'silent',
  })
  return names
}

/** Makes and migrates this run's central database. */
export async function makeCentral(admin: AdminConnection, name: string): Promise<void> {
  await admin.query(`create database ${quoteName(name)} character set utf8mb4 collate utf8mb4_unicode_520_ci; use ${quoteName(name)}`)
  await applyPending(admin, readBundle('central'))
  await admin.query('insert into directory_versions (id, version) values (1, 1)')
}

/** Drops central and every tenant database and account of this run. */
export async function dropRun(admin: AdminConnection, names: { prefix: string; central: string }): Promise<void> {
  // Nobody may open the old database again between two worlds.
  stopResolving()
  await closeDatabases()
  await admin.query(`drop database if exists ${quoteName(names.central)}`)
  const like = `${names.prefix.replaceAll('_', '\\_')}%`
  for (const row of await rowsOf(admin, 'select schema_name as name from information_schema.schemata where schema_name like ?', [like])) await admin.query(`drop database ${quoteName(String(row['name']))}`)
  for (const row of await rowsOf(admin, 'select user as name from mysql.user where user like ?', [like])) await admin.query(`drop user ${admin.escape(String(row['name']))}@'%'`)
}

/** Deletes all rows of a schema, whatever refers to whatever. */
export async function emptySchema(admin: AdminConnection, database: string): Promise<void> {
  const tables = await rowsOf(admin, `select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE'`, [database])
  const deletes = tables.map((t) => String(t['name'])).filter((t) => !kept.has(t)).map((t) => `delete from ${quoteName(database)}.${quoteName(t)}`)
  await admin.query(`set foreign_key_checks = 0; ${deletes.join('; ')}; set foreign_key_checks = 1`)
}

/** A tenant value over a fresh database. */
export async function makeTestTenant(slug: string, id: number, more: Partial<Tenant> = {}): Promise<Tenant> {
  const made = await provisionDatabase({ serverId: 1 })
  const name = slug[0]!.toUpperCase() + slug.slice(1)
  return makeTenant({
    id, uuid: randomUUID(), generation: 1, slug, name, status: 'active', house: false, sandbox: false, clockOffsetMs: 0, primaryHost: `${slug}.localhost`, currency: 'USD', timeZone: 'UTC', locale: 'en',
    brand: { companyName: `${name} Hosting`, primaryColor: '#0f766e', secondaryColor: '#0f172a', logoUrl: null, faviconUrl: null, supportEmail: `help@${slug}.example`, supportPhone: null, fromEmail: null,
      fromName: `${name} Hosting`, legalName: `${name} Hosting Ltd.`, legalAddress: ['1 Harbour Street', 'Porttown'], taxId: null, version: 'v1' },
    db: { serverId: 1, database: made.database, user: made.user, password: made.password }, ...more,
  })
}

export interface World {
  acme: Tenant
  globex: Tenant
  directory: MemoryDirectory
  /** Runs as this tenant. */
  as<T>(tenant: Tenant, fn: () => T | Promise<T>): Promise<T>
  /** Deletes all rows of central and both tenants and forgets what was reported. */
  clean(): Promise<void>
  /** One hash over all rows of a tenant: equal before and after means untouched. */
  checksum(tenant: Tenant): Promise<string>
  /** An administrator's connection, for looking behind the scenes. */
  admin: AdminConnection
}

/** Sets the instant that every clock of this process shows; without an argument time flows again. */
export const setClock = (instant?: Date | string): void => clock.set(instant)

async function checksumOf(admin: AdminConnection, database: string): Promise<string> {
  const tables = await rowsOf(admin, `select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' order by 1`, [database])
  const sums = await rowsOf(admin, `checksum table ${tables.map((t) => `${quoteName(database)}.${quoteName(String(t['name']))}`).join(', ')}`)
  return sums.map((row) => row['Checksum']).join(':')
}

/** Mocha hooks of a describe: world before, drop after, clean clock in between. */
export function useWorld(): World {
  const world = { directory: new MemoryDirectory() } as World
  let names: ReturnType<typeof useOwnNames>
  before(async function () {
    this.timeout(60_000)
    names = useOwnNames()
    world.admin = await openAdmin(1)
    await makeCentral(world.admin, names.central)
    world.acme = await makeTestTenant('acme', 1)
    world.globex = await makeTestTenant('globex', 2)
    world.directory.put(world.acme)
    world.directory.put(world.globex)
    plugDirectory(world.directory)
  })
  after(async function () {
    this.timeout(60_000)
    clock.set()
    await dropRun(world.admin, names)
    await world.admin.end()
  })
  afterEach(() => clock.set())
  world.as = (tenant, fn) => runInTenant(tenant, fn)
  world.clean = async () => {
    world.directory.forget()
    for (const schema of [world.acme.db.database, world.globex.db.database, names.central]) await emptySchema(world.admin, schema)
  }
  world.checksum = (tenant) => checksumOf(world.admin, tenant.db.database)
  return world
}

/** Drops a test tenant's database for real, as an accident would. */
export const loseDatabase = (tenant: Tenant): Promise<void> => dropDatabase({ serverId: tenant.db.serverId, database: tenant.db.database })
