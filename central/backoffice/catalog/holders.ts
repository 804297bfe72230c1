/** How many customers have a plan now, and so keep its price when it changes. */
import { tenantDb } from '../../../shared/database/tenant-database.js'

interface Counted { plan_id: number; n: number | string }

/** By plan; plans that nobody has are missing. Runs inside the tenant. Metered services have no subscription and are counted by themselves. */
export async function holdersOf(planIds: readonly number[]): Promise<Map<number, number>> {
  if (planIds.length === 0) return new Map()
  const ids = [...planIds]
  const subscribed = (await tenantDb()('subscriptions').whereIn('plan_id', ids).whereNot('status', 'ended').groupBy('plan_id').select('plan_id').countDistinct({ n: 'user_id' })) as unknown as Counted[]
  const metered = (await tenantDb()('services').whereIn('plan_id', ids).whereNull('subscription_id').whereNot('status', 'terminated').groupBy('plan_id').select('plan_id').countDistinct({ n: 'user_id' })) as unknown as Counted[]
  const holders = new Map<number, number>()
  for (const { plan_id: id, n } of [...subscribed, ...metered]) holders.set(Number(id), (holders.get(Number(id)) ?? 0) + Number(n))
  return holders
}
