/** A thin Knex for each tenant over the broker of its server. The handle belongs to the tenant it was made for, wherever it is awaited. */
import type { Knex } from 'knex'
import { config } from '../config.js'
import { currentTenant, currentWorkOrNull, WrongTenant, type Work } from '../tenancy/context.js'
import { tenantKey, type Tenant } from '../tenancy/tenant.js'
import { Broker } from './broker.js'
import type { BrokerSnapshot } from './broker-stats.js'
import { thinKnex } from './knex-facade.js'
import { Lease } from './lease.js'
import { physicalOf, type Account, type RawConnection } from './physical.js'
import { serverOf } from './servers.js'
import { openTransaction } from './transaction-scope.js'

/** Handles kept ready. */
const MAX_FACADES = 5000
const LEASE_SLOT = Symbol('lease')

const brokers = new Map<number, Broker>()
const facades = new Map<string, { db: Knex; used: boolean }>()

/** The broker of a database server, made on first use. */
export function brokerOf(serverId: number): Broker {
  let broker = brokers.get(serverId)
  if (!broker) {
    const { host, port } = serverOf(serverId)
    broker = new Broker({ host, port, budget: config().TENANT_CONNECTIONS, strict: config().NODE_ENV === 'test' })
    brokers.set(serverId, broker)
  }
  return broker
}

/** Gauges and counters of every broker, by server. */
export function brokerSnapshots(): Array<{ serverId: number } & BrokerSnapshot> {
  return [...brokers].map(([serverId, broker]) => ({ serverId, ...broker.snapshot() }))
}

const accounts = new WeakMap<Tenant, Account>()
function accountOf(tenant: Tenant): Account {
  let account = accounts.get(tenant)
  if (!account) {
    const { user, password, database } = tenant.db
    accounts.set(tenant, (account = { key: tenantKey(tenant), user, password, database }))
  }
  return account
}

/** The lease of a unit of work, made on first use. */
export function leaseOf(work: Work, tenant: Tenant): Lease {
  let lease = work.slots.get(LEASE_SLOT) as Lease | undefined
  if (!lease) {
    const made = new Lease(brokerOf(tenant.db.serverId), accountOf(tenant))
    lease = made
    work.slots.set(LEASE_SLOT, made)
    work.onEnd.push(() => made.end())
  }
  return lease
}

/** Which connection may a query of this tenant use here? Kernel code outside any tenant goes past the lease. */
function acquire(tenant: Tenant, key: string): Promise<RawConnection> {
  const work = currentWorkOrNull()
  if (work?.tenant) {
    if (tenantKey(work.tenant) !== key) return Promise.reject(new WrongTenant(`A query of ${tenant.slug} was awaited in a unit of work of ${work.tenant.slug}.`))
    return leaseOf(work, tenant).acquire()
  }
  const broker = brokerOf(tenant.db.serverId)
  return broker.acquire(accountOf(tenant)).then((p) => {
    p.holder = broker
    return p.raw
  })
}

function makeFacade(tenant: Tenant): Knex {
  const key = tenantKey(tenant)
  return thinKnex(key, {
    acquire: () => ({ promise: acquire(tenant, key) }),
    release(raw: RawConnection) {
      const p = physicalOf(raw)
      p?.holder?.release(p)
      return p?.holder !== undefined
    },
    destroy: () => Promise.resolve(),
  }, tenant.db.database)
}

function facadeOf(tenant: Tenant): Knex {
  const key = tenantKey(tenant)
  const known = facades.get(key)
  if (known) {
    known.used = true
    return known.db
  }
  if (facades.size >= MAX_FACADES) forgetOne()
  const db = makeFacade(tenant)
  facades.set(key, { db, used: false })
  return db
}

/** The oldest that was not used since we last came by. */
function forgetOne(): void {
  for (const [key, facade] of facades) {
    facades.delete(key)
    if (!facade.used) return
    facade.used = false
    facades.set(key, facade)
  }
}

/** The current tenant's database: its open transaction when the code is inside one. Throws NoTenant outside a tenant's work. */
export function tenantDb(): Knex {
  const tenant = currentTenant()
  return openTransaction(tenantKey(tenant)) ?? facadeOf(tenant)
}

/** Kernel code only (fleet, reports over tenants): a tenant's database from central's or nobody's work. From another tenant's work it throws WrongTenant. */
export function tenantDbOf(tenant: Tenant): Knex {
  const inside = currentWorkOrNull()?.tenant
  if (inside && tenantKey(inside) !== tenantKey(tenant)) throw new WrongTenant(`A unit of work of ${inside.slug} may not read ${tenant.slug}.`)
  return openTransaction(tenantKey(tenant)) ?? facadeOf(tenant)
}

/** Gives the connection of this unit of work back early, before something slow. The next query leases again. */
export function releaseLease(): void {
  (currentWorkOrNull()?.slots.get(LEASE_SLOT) as Lease | undefined)?.giveBack()
}

/** Closes a tenant's connections: unused ones now, used ones when they come back. For dropped, moved and suspended tenants. */
export function drainTenant(tenant: Tenant): void {
  brokers.get(tenant.db.serverId)?.drain(tenantKey(tenant))
  facades.delete(tenantKey(tenant))
}

/** Shutdown and tests. */
export function closeTenantDatabases(): void {
  for (const broker of brokers.values()) broker.close()
  brokers.clear()
  facades.clear()
}
