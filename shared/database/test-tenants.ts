/** For the tests of this folder: tenants with real databases and real grants, and nothing of ours in them. */
import { randomBytes } from 'node:crypto'
import { makeTenant, type Tenant } from '../tenancy/tenant.js'
import { adminConnection } from './servers.js'

/** Creates `count` tenants, each with the given tables. `drop` removes databases and users again. */
export async function makeTestTenants(count: number, tables: string[] = []): Promise<{ tenants: Tenant[]; drop: () => Promise<void> }> {
  const run = `kt${randomBytes(4).toString('hex')}`
  const tenants = Array.from({ length: count }, (_none, i) => testTenant(run, i + 1))
  const admin = await adminConnection(1)
  for (const { db } of tenants) {
    await admin.query(`create database \`${db.database}\` character set utf8mb4 collate utf8mb4_unicode_520_ci; create user '${db.user}'@'%' identified by '${db.password}';
      grant select, insert, update, delete on \`${db.database.replace(/_/g, '\\_')}\`.* to '${db.user}'@'%'`)
    for (const table of tables) await admin.query(`use \`${db.database}\`; ${table}`)
  }
  await admin.end()
  const drop = async () => {
    const cleaner = await adminConnection(1)
    for (const { db } of tenants) await cleaner.query(`drop database if exists \`${db.database}\`; drop user if exists '${db.user}'@'%'`)
    await cleaner.end()
  }
  return { tenants, drop }
}

function testTenant(run: string, n: number): Tenant {
  return makeTenant({
    id: n, uuid: `${run}-${n}`, generation: 1, slug: `${run}-${n}`, name: `Tenant ${n}`, status: 'active', house: false, sandbox: false, clockOffsetMs: 0,
    primaryHost: `${run}-${n}.localhost`, currency: 'USD', timeZone: 'America/New_York', locale: 'en-US',
    brand: {} as Tenant['brand'], db: { serverId: 1, database: `${run}_${n}`, user: `${run}_${n}`, password: `secret-${n}` },
  })
}
