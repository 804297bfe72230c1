/**
 * The one way from central into a tenant: loads the tenant, says who comes and why, and runs the work there.
 * Openings enter before the tenant serves; suspended tenants may be entered by staff, dropped ones by nobody.
 */
import { centralDb } from '../../shared/database/central-database.js'
import { currentActor, withActor } from '../../shared/events/actor.js'
import { NotFound } from '../../shared/errors.js'
import { log } from '../../shared/log.js'
import { runAsPlatform, runInTenant } from '../../shared/tenancy/context.js'
import { tenantOf, tenantRows } from '../tenant-value.js'

/** `why` lands in the log with the actor: `backoffice`, `opening`, `prices`. */
export async function inTenantOf<T>(tenantId: number, why: string, fn: () => Promise<T>): Promise<T> {
  const row = await tenantRows(centralDb()).where('t.id', tenantId).whereNot('t.status', 'dropped').first()
  if (!row?.database_name) throw new NotFound('reseller')
  const tenant = tenantOf(row)
  const actor = currentActor()
  log().info({ enter: tenant.slug, why, actor: actor.kind }, 'central enters a tenant')
  return runAsPlatform(() => runInTenant(tenant, () => withActor(actor, fn)))
}
