/** A reseller sets its own price. New services are sold at it; running services keep theirs. */
import { FormErrors, Refusal } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { Plan } from './plan.js'

/** $1,000 an hour: above it somebody has mistyped. */
const highestMicros = 1_000_000_000
/** Four decimals: a quarter hour of any such price is a whole number of micro-units. */
const stepMicros = 100

/** Throws FormErrors for an impossible price. A price below cost is allowed and said: `belowCost`. */
export async function setPlanPrice(plan: Plan, priceMicros: number): Promise<{ belowCost: boolean }> {
  if (!Number.isSafeInteger(priceMicros) || priceMicros < 0 || priceMicros > highestMicros) throw new FormErrors({ price: 'Enter a price between 0 and 1,000 an hour.' }, { price: priceMicros / 1_000_000 })
  if (priceMicros % stepMicros !== 0) throw new FormErrors({ price: 'A price has at most four decimals.' }, { price: priceMicros / 1_000_000 })
  await tenantTransaction(async () => {
    const before = plan.priceMicros
    if (before === priceMicros) return
    const changed = await Plan.query().patch({ priceMicros, version: plan.version + 1 }).where({ id: plan.id, version: plan.version })
    if (changed === 0) throw new Refusal('plan.moved', 'Somebody has changed this plan in the meantime. Please look at it again.')
    plan.$set({ priceMicros, version: plan.version + 1 })
    await record('plan.price-changed', plan, { before, after: priceMicros, currency: plan.currency, belowCost: plan.isBelowCost })
  })
  return { belowCost: plan.isBelowCost }
}
