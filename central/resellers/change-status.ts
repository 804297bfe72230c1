/** Suspends, resumes, puts into maintenance and drops resellers. Shops notice within a second. */
import { centralDb } from '../../shared/database/central-database.js'
import { errnoOf } from '../../shared/database/database-busy.js'
import { drainTenant } from '../../shared/database/tenant-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { Refusal, refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { dropDatabase } from '../../shared/tenancy/databases.js'
import { releaseClaim } from '../../shared/tenancy/pending-pool.js'
import { clock } from '../../shared/time/clock.js'
import { windUpShop } from '../../tenant/kasm/wind-up-shop.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { bumpDirectory } from '../directory.js'
import { tenantOf, tenantRows } from '../tenant-value.js'
import type { Reseller } from './reseller.js'

async function move(reseller: Reseller, status: 'active' | 'suspended' | 'maintenance', patch: Record<string, unknown>, event: string): Promise<void> {
  await centralTransaction(async (trx) => {
    await reseller.become(status, patch)
    await bumpDirectory(trx)
    await record(event, { type: 'tenant', id: reseller.id }, patch, { tenantId: reseller.id })
  })
}

/** Its shop is closed to people; its customers' desktops are stopped within a minute (`kasm.stop-suspended`), files kept. */
export async function suspendReseller(reseller: Reseller, reason: string): Promise<void> {
  refuse(reseller.refusalToSuspend())
  await move(reseller, 'suspended', { suspendedAt: clock.real(), suspendReason: reason.slice(0, 255) }, 'reseller.suspended')
}

export async function resumeReseller(reseller: Reseller): Promise<void> {
  refuse(reseller.refusalToResume())
  await move(reseller, 'active', { suspendedAt: null, suspendReason: null }, 'reseller.resumed')
}

/** Visitors see a page that says "back soon"; jobs wait. */
export const startMaintenance = (reseller: Reseller): Promise<void> => move(reseller, 'maintenance', {}, 'reseller.maintenance-started')

/** No such database, no such table: nothing is left that could tell of workspaces; the report of strangers shows what their servers still have. */
const isLost = (error: unknown): boolean => [1049, 1146].includes(errnoOf(error) ?? errnoOf((error as Error).cause) ?? 0)

/** Nothing of its customers may run on with nobody to know whose it is. Throws Refusal while a server does not let go. */
async function windUp(reseller: Reseller): Promise<void> {
  const left = await inTenantOf(reseller.id, 'winding up', windUpShop).catch((error: unknown) => {
    if (isLost(error)) return 0
    throw error
  })
  if (left) throw new Refusal('reseller.workspaces-left', `${left} of its workspaces could not be removed, because their servers did not answer. Nothing else has been dropped. Look at the servers, then drop it again.`)
}

/**
 * Drops a reseller for good: its workspaces are removed at their servers, hosts are free again, database and accounts go, the row stays as a tombstone
 * for its bills.
 * Safe to repeat after a crash: the row says dropped first, so nobody is served while the database goes.
 */
export async function dropReseller(reseller: Reseller): Promise<void> {
  const row = await tenantRows(centralDb()).where('t.id', reseller.id).first()
  if (reseller.status !== 'dropped') {
    refuse(reseller.refusalToDrop())
    if (row?.database_name) await windUp(reseller)
    await centralTransaction(async (trx) => {
      await reseller.become('dropped', { droppedAt: clock.real() })
      await trx('tenant_domains').where({ tenant_id: reseller.id }).delete()
      await bumpDirectory(trx)
      await record('reseller.dropped', { type: 'tenant', id: reseller.id }, { slug: reseller.slug }, { tenantId: reseller.id })
    })
  }
  if (!row?.database_name || !row.server_id) return void (await releaseClaim(reseller.id))
  drainTenant(tenantOf(row))
  await dropDatabase({ serverId: row.server_id, database: row.database_name })
  await centralDb()('tenants').where({ id: reseller.id }).update({ database_name: null, database_user: null, database_password_sealed: null, migration_user: null, migration_password_sealed: null, updated_at: clock.real() })
  await centralDb()('migration_ledger').where({ tenant_id: reseller.id }).delete()
}
