/** Brings the catalogue to the shops: a job for each one whose copy differs. The copy's digest is written after the copy, so a job that dies is due again. */
import { z } from 'zod'
import { centralDb } from '../../shared/database/central-database.js'
import { defineJob } from '../../shared/jobs/job.js'
import { clock } from '../../shared/time/clock.js'
import { receiveTemplates, type Received } from '../../tenant/kasm/templates/receive-templates.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { readCatalogue, type Catalogue } from './catalogue.js'

/** Shops that have a database and are open to somebody; an opening one gets its copy from its own steps. */
const reachable = ['active', 'trial', 'suspended', 'maintenance']

/** One shop now. Null: it has everything already, or nothing is curated. Throws what went wrong there, after noting it. */
export async function deliverTemplates(tenantId: number): Promise<Received | null> {
  const catalogue = await readCatalogue()
  const digest = catalogue.digestOf(tenantId)
  const known = (await centralDb()('template_deliveries').where({ tenant_id: tenantId }).first('digest')) as { digest: string | null } | undefined
  if (catalogue.size === 0 || known?.digest === digest) return null
  try {
    const received = await inTenantOf(tenantId, 'workspace templates', () => receiveTemplates(catalogue.of(tenantId)))
    await note(tenantId, { digest, delivered_at: clock.real(), last_error: null })
    return received
  } catch (error) {
    await note(tenantId, { last_error: (error instanceof Error ? error.message : String(error)).slice(0, 500) })
    throw error
  }
}

async function note(tenantId: number, facts: object): Promise<void> {
  const now = clock.real()
  const row = { ...facts, tried_at: now, updated_at: now }
  await centralDb()('template_deliveries').insert({ tenant_id: tenantId, ...row }).onConflict('tenant_id').merge(row)
}

export const deliverTemplatesJob = defineJob({
  name: 'templates.deliver', scope: 'central', version: 1, attempts: 5, backoffSeconds: 30,
  payload: z.object({ tenantId: z.number().int() }),
  handler: async ({ tenantId }) => void (await deliverTemplates(tenantId)),
})

export interface Delivery { tenantId: number; slug: string; name: string; deliveredAt: Date | null; error: string | null }

/** Shops whose copy differs from the catalogue. */
export async function shopsBehind(catalogue?: Catalogue): Promise<Delivery[]> {
  const { size, digestOf } = catalogue ?? await readCatalogue()
  if (size === 0) return []
  const shops = (await centralDb()('tenants as t').leftJoin('template_deliveries as d', 'd.tenant_id', 't.id').whereIn('t.status', reachable).orderBy('t.slug')
    .select('t.id as tenantId', 't.slug', 't.name', 'd.digest', 'd.delivered_at as deliveredAt', 'd.last_error as error')) as Array<Delivery & { digest: string | null }>
  return shops.filter((s) => s.digest !== digestOf(s.tenantId))
}

/** Queues a job for every shop that is behind; answers how many. After a change of the catalogue, and from the timetable. */
export async function offerTemplates(): Promise<number> {
  const behind = await shopsBehind()
  for (const { tenantId } of behind) await deliverTemplatesJob.enqueue({ tenantId }, { key: `templates:${tenantId}` })
  return behind.length
}
