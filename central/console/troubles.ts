/** What tenants report to staff: services that could not be set up and the like. One row a trouble, so that a page over all resellers is one query. */
import { centralDb } from '../../shared/database/central-database.js'
import type { Trouble } from '../../shared/tenancy/directory.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { clock } from '../../shared/time/clock.js'

export async function reportTrouble(tenant: Tenant, trouble: Trouble): Promise<void> {
  const now = clock.real()
  const facts = { title: trouble.title.slice(0, 160), detail: trouble.detail.slice(0, 500), code: trouble.code?.slice(0, 64) ?? null, closed_at: trouble.open ? null : now, updated_at: now }
  if (!trouble.open) return void (await centralDb()('troubles').where({ tenant_id: tenant.id, record_key: trouble.key }).whereNull('closed_at').update(facts))
  await centralDb()('troubles').insert({ tenant_id: tenant.id, record_key: trouble.key, opened_at: now, ...facts }).onConflict(['tenant_id', 'record_key']).merge(facts)
}

export interface OpenTrouble { id: number; tenantId: number; key: string; title: string; detail: string; code: string | null; openedAt: Date; reseller: string; slug: string }

const open = () => centralDb()('troubles as x').join('tenants as t', 't.id', 'x.tenant_id').whereNull('x.closed_at').whereNot('t.status', 'dropped').orderBy('x.opened_at')
  .select('x.id', 'x.tenant_id as tenantId', 'x.record_key as key', 'x.title', 'x.detail', 'x.code', 'x.opened_at as openedAt', 't.name as reseller', 't.slug')

/** Oldest first. */
export async function openTroubles(limit = 100): Promise<OpenTrouble[]> {
  return (await open().limit(limit)) as OpenTrouble[]
}

/** Those of these that still wait. */
export async function troublesWith(ids: readonly number[]): Promise<OpenTrouble[]> {
  return (await open().whereIn('x.id', [...ids])) as OpenTrouble[]
}

export const countTroubles = async (): Promise<number> => Number(((await centralDb()('troubles').whereNull('closed_at').count({ n: '*' }).first()) as { n: number }).n)
