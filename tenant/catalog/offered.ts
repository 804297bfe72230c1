/** What is on offer: products with the plans a customer of one currency can choose. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { cycleOrder } from './cycle.js'
import { Plan } from './plan.js'
import { Product, type ServiceType } from './product.js'

export interface Offered { readonly product: Product; readonly plans: readonly Plan[] }

const byCycle = (a: Plan, b: Plan): number => cycleOrder.indexOf(a.billingCycle) - cycleOrder.indexOf(b.billingCycle)

/** Active plans of a product in one currency, short cycles first. `also`: public id of a hidden plan whose link was followed. */
export async function plansOf(product: Pick<Product, 'id'>, currency: string, also?: string): Promise<Plan[]> {
  const plans = await Plan.query().where({ productId: product.id, currency }).where((either) => {
    void either.where({ status: 'active' })
    if (also) void either.orWhere({ status: 'hidden', public_id: also })
  })
  return plans.sort(byCycle)
}

/** Products of the shop with at least one active plan in the currency, in their order. Add-ons are offered with their products only. */
export async function offeredProducts(serviceType: ServiceType | undefined, currency: string): Promise<Offered[]> {
  const products = await Product.query().where({ status: 'active', kind: 'plan', ...(serviceType ? { serviceType } : {}) }).orderBy('sortOrder').orderBy('id')
  return withPlans(products, currency)
}

/** Add-ons that may be bought with, or later for, this product. */
export async function addonsOf(product: Pick<Product, 'id'>, currency: string): Promise<Offered[]> {
  const addons = await Product.query().join('product_addons as a', 'a.addon_id', 'products.id').where('a.product_id', product.id).where('products.status', 'active').where('products.kind', 'addon')
    .orderBy('a.sort_order').orderBy('products.id').select('products.*')
  return withPlans(addons, currency)
}

/**
 * The plan of each add-on that goes with a plan: of the same cycle when there is one, else monthly, else its first. One that follows its parent needs the
 * parent's cycle, or to be one-time or free: others could not be renewed together and are left out.
 */
export async function addonPlansOf(plan: Plan): Promise<Array<{ product: Product; plan: Plan }>> {
  if (plan.productId === null) return []
  const offered = await addonsOf({ id: plan.productId }, plan.currency)
  return offered.flatMap(({ product, plans }) => {
    const same = plans.find((p) => p.billingCycle === plan.billingCycle) ?? plans.find((p) => p.billingCycle === 'one-time' || p.billingCycle === 'free')
    const fitting = same ?? (product.followsParent ? undefined : plans.find((p) => p.billingCycle === 'monthly') ?? plans[0])
    return fitting ? [{ product, plan: fitting }] : []
  })
}

/** Service types and currencies that the shop sells at all: for its menu and its choice of currency. */
export async function shelves(): Promise<Array<{ serviceType: ServiceType; currency: string }>> {
  return (await tenantDb()('products as p').join('plans as l', 'l.product_id', 'p.id').where({ 'p.status': 'active', 'p.kind': 'plan', 'l.status': 'active' })
    .distinct('p.service_type as serviceType', 'l.currency as currency').orderBy('l.currency')) as Array<{ serviceType: ServiceType; currency: string }>
}

async function withPlans(products: readonly Product[], currency: string): Promise<Offered[]> {
  if (products.length === 0) return []
  const plans = await Plan.query().whereIn('productId', products.map((p) => p.id)).where({ status: 'active', currency })
  return products.map((product) => ({ product, plans: plans.filter((p) => p.productId === product.id).sort(byCycle) })).filter((o) => o.plans.length > 0)
}
