import type { Plan } from '../catalog/plan.js'
import { isRenewing } from '../catalog/cycle.js'
import type { Product } from '../catalog/product.js'
import type { Customer } from '../customers/customer.js'
import { Subscription } from '../billing/subscriptions/subscription.js'

/** Days that this customer may try the product: once, and only what renews. Guests are shown what a new customer gets. */
export async function trialDaysFor(customer: Customer | null, product: Product, plan: Plan): Promise<number> {
  if (product.trialDays === 0 || !isRenewing(plan.billingCycle)) return 0
  if (!customer) return product.trialDays
  return (await Subscription.query().findOne({ userId: customer.id, productId: product.id })) ? 0 : product.trialDays
}
