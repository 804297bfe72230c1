/** What pricing must know of metered services: their plan and product (coupons may be bound to them) and how they are taxed. */
import { tenantDb } from '../../../shared/database/tenant-database.js'

export interface PlanFacts {
  readonly planId: number
  readonly productId: number | null
  readonly taxClass: string | null
}

/** By service id. */
export async function planFactsOf(serviceIds: readonly number[]): Promise<ReadonlyMap<number, PlanFacts>> {
  const rows = (await tenantDb()('services as s').join('plans as p', 'p.id', 's.plan_id').leftJoin('products as d', 'd.id', 'p.product_id').whereIn('s.id', [...new Set(serviceIds)])
    .select('s.id', 'p.id as planId', 'p.product_id as productId', 'd.tax_class as taxClass')) as Array<PlanFacts & { id: number }>
  return new Map(rows.map(({ id, planId, productId, taxClass }) => [id, { planId, productId, taxClass }]))
}
