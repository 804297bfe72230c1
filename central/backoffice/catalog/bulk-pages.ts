/** What an act on many products would do, line by line. Runs inside the tenant. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { cycleNames } from '../../../tenant/catalog/cycle.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { priceText } from '../../../tenant/catalog/price-label.js'
import { changedByPercent } from '../../../tenant/catalog/price-rules.js'
import type { Product } from '../../../tenant/catalog/product.js'
import { hundredthsOf, type BulkWish } from './forms.js'
import { holdersOf } from './holders.js'
import { statusLabel } from './pages.js'

export const newPriceOf = (plan: Plan, { percent, rounding }: BulkWish): number => changedByPercent(plan.priceMicros, hundredthsOf(percent ?? '0'), rounding ?? 'minor', plan.billingCycle, plan.currency)

const titles = { active: 'Publish products', hidden: 'Hide products', retired: 'Retire products', price: 'Change prices' } as const
const effects = {
  active: 'These appear in the shop. A product without a price stays invisible until it has one.', hidden: 'These leave the shop’s pages. Their direct links still sell them; customers who have them keep them.',
  retired: 'These are sold no more, not even through their links. Customers who have them keep them, with renewals and changes.', price: 'New orders pay the new prices. Existing customers keep theirs.',
} as const
const rules = { minor: 'Each new price is rounded to the smallest unit of its currency, halves up; hourly prices to four decimals.', whole: 'Each new price is rounded to a whole unit of its currency, halves up; hourly prices to four decimals.' } as const

export async function bulkPreview(products: readonly Product[], wish: BulkWish) {
  const plans = await Plan.query().whereIn('productId', products.map((p) => p.id)).whereNot({ status: 'retired' })
  return {
    title: titles[wish.act], text: effects[wish.act], price: wish.act === 'price', rule: wish.act === 'price' ? rules[wish.rounding ?? 'minor'] : '', retire: wish.act === 'retired', act: wish.act, percent: wish.percent ?? '', rounding: wish.rounding ?? 'minor',
    products: products.map((p) => ({ publicId: p.publicId, name: p.name, status: p.status, statusLabel: statusLabel(p.status), already: p.status === wish.act, unpriced: !plans.some((plan) => plan.productId === p.id && plan.status === 'active') })),
    prices: wish.act === 'price' ? await priceRows(products, plans, wish) : [],
  }
}

async function priceRows(products: readonly Product[], plans: readonly Plan[], wish: BulkWish) {
  const { locale } = currentTenant()
  const holders = await holdersOf(plans.map((p) => p.id))
  return products.flatMap((product) => plans.filter((p) => p.productId === product.id).map((plan) => {
    const after = Plan.fromJson({ ...plan.$toJson(), priceMicros: newPriceOf(plan, wish) }, { skipValidation: true })
    return { publicId: plan.publicId, version: plan.version, product: product.name, cycle: `${cycleNames[plan.billingCycle]}, ${plan.currency}`, before: priceText(plan, locale), after: priceText(after, locale), same: after.priceMicros === plan.priceMicros, belowCost: after.isBelowCost, holders: holders.get(plan.id) ?? 0 }
  }))
}
