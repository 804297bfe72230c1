/** Central's side of the contract in shared/tenancy/directory.ts. */
import type { Knex } from 'knex'
import { config } from '../shared/config.js'
import { centralDb } from '../shared/database/central-database.js'
import { Refusal } from '../shared/errors.js'
import type { Directory, HostAnswer } from '../shared/tenancy/directory.js'
import type { Tenant } from '../shared/tenancy/tenant.js'
import { clock } from '../shared/time/clock.js'
import { asCentral } from '../shared/tenancy/as-central.js'
import { tenantOf, tenantRows } from './tenant-value.js'
import { reportTrouble } from './console/troubles.js'
import { reportWorkspaces } from './console/workspace-counts.js'
import { providersOf } from './providers/connection.js'
import { noteProvider } from './providers/health.js'
import { pricesFor } from './wholesale/price-list.js'
import { recordSale, recordSubscription, recordUsage, usageOf } from './wholesale/record-usage.js'

/** Tells every process to forget what it remembers of tenants, hosts and brands. Call it in the transaction of the change. */
export async function bumpDirectory(db: Knex = centralDb()): Promise<void> {
  await db.raw('insert into directory_versions (id, version) values (1, 1) on duplicate key update version = version + 1')
}

async function one(column: 't.slug' | 't.uuid' | 't.id', value: string | number): Promise<Tenant | null> {
  const row = await tenantRows(centralDb()).where(column, value).whereNot('t.status', 'dropped').first()
  return row ? tenantOf(row) : null
}

async function findByHost(host: string): Promise<HostAnswer | null> {
  const { PLATFORM_DOMAIN } = config()
  if (host === PLATFORM_DOMAIN) return { kind: 'platform' }
  if (host === `admin.${PLATFORM_DOMAIN}`) return { kind: 'console' }
  const domain = (await centralDb()('tenant_domains').where({ domain: host }).whereNotNull('verified_at').first('tenant_id', 'type')) as { tenant_id: number; type: string } | undefined
  if (!domain) return null
  const tenant = await one('t.id', domain.tenant_id)
  return tenant && tenant.status !== 'opening' ? { kind: 'tenant', tenant, alias: domain.type === 'alias' } : null
}

async function setClock(tenant: Tenant, offsetMs: number): Promise<Tenant> {
  if (config().NODE_ENV === 'production') throw new Refusal('clock.production', 'Clocks are never moved in production.')
  if (!tenant.sandbox) throw new Refusal('clock.not-sandbox', `${tenant.slug} is not a sandbox: only a sandbox has a clock of its own.`)
  const moved = await centralDb()('tenants').where({ id: tenant.id }).where('clock_offset_ms', '<=', offsetMs).update({ clock_offset_ms: offsetMs, updated_at: clock.real() })
  if (moved === 0) throw new Refusal('clock.backwards', 'A sandbox clock only moves forward.')
  await bumpDirectory()
  clock.move(tenant.uuid, offsetMs)
  return (await one('t.id', tenant.id))!
}

const serving = ['active', 'trial', 'suspended', 'maintenance']

export const centralDirectory: Directory = {
  findByHost: (host) => asCentral(() => findByHost(host)),
  findBySlug: (slug) => asCentral(() => one('t.slug', slug)),
  findByUuid: (uuid) => asCentral(() => one('t.uuid', uuid)),
  all: () => asCentral(async () => (await tenantRows(centralDb()).whereIn('t.status', serving).orderBy('t.slug')).map(tenantOf)),
  version: () => asCentral(async () => Number(((await centralDb()('directory_versions').where({ id: 1 }).first('version')) as { version: number } | undefined)?.version ?? 0)),
  provider: (tenant, kind) => asCentral(async () => (await providersOf(tenant.id, kind)).find((connection) => connection.active) ?? null),
  providers: (tenant, kind) => asCentral(() => providersOf(tenant.id, kind)),
  noteProvider: (connectionId, outcome) => asCentral(() => noteProvider(connectionId, outcome)),
  wholesalePrices: (tenant) => asCentral(() => pricesFor(tenant.id, clock.real())),
  recordUsage: (tenant, records) => asCentral(() => recordUsage(tenant, records)),
  usageOf: (tenant) => asCentral(() => usageOf(tenant)),
  recordSubscription: (tenant, subscription) => asCentral(() => recordSubscription(tenant, subscription)),
  recordSale: (tenant, sale) => asCentral(() => recordSale(tenant, sale)),
  reportTrouble: (tenant, trouble) => asCentral(() => reportTrouble(tenant, trouble)),
  reportWorkspaces: (tenant, counts) => asCentral(() => reportWorkspaces(tenant, counts)),
  setClock: (tenant, offsetMs) => asCentral(() => setClock(tenant, offsetMs)),
}
