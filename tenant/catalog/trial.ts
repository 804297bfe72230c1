/** Who may try a product: each customer once, and only what renews afterwards. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { isRenewing } from './cycle.js'
import type { Plan } from './plan.js'
import type { Product } from './product.js'

/** Days this customer may try the product with this plan; 0: none. Guests are shown what a new customer gets. Whoever once had it, in whatever state, has tried it. */
export async function trialDaysFor(customer: { readonly id: number } | null, product: Product, plan: Plan): Promise<number> {
  if (product.trialDays === 0 || !isRenewing(plan.billingCycle)) return 0
  if (!customer) return product.trialDays
  return (await tenantDb()('subscriptions').where({ user_id: customer.id, product_id: product.id }).first('id')) ? 0 : product.trialDays
}
