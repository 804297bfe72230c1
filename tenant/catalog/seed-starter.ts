/** Prepares a believable catalogue in a new shop: everything hidden, in the shop's currency. Safe to repeat: what is there already stays as the reseller made it. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { exponentOf, microsPerMinor } from '../../shared/money/currency.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import type { Cycle } from '../../shared/time/period.js'
import { addPlan } from './add-plan.js'
import { monthsOf } from './cycle.js'
import type { Plan } from './plan.js'
import { OptionChoice, PlanOptionPrice, ProductOption } from './product-option.js'
import { Product } from './product.js'
import { setAddons } from './save-product.js'
import { starterProducts, type StarterOption, type StarterProduct } from './starter-products.js'

/** Runs inside the tenant. Returns how many products it added. */
export async function seedStarter({ currency }: Pick<Tenant, 'currency'>): Promise<number> {
  const ids = new Map((await Product.query().select('id', 'slug')).map((p) => [p.slug, p.id]))
  let added = 0
  for (const [sortOrder, starter] of starterProducts.entries()) {
    if (ids.has(starter.slug)) continue
    await tenantTransaction(async () => {
      const product = await addStarter(starter, currency, 100 + sortOrder)
      await setAddons(product, (starter.addons ?? []).flatMap((slug) => ids.get(slug) ?? []))
      ids.set(starter.slug, product.id)
    })
    added++
  }
  return added
}

async function addStarter(starter: StarterProduct, currency: string, sortOrder: number): Promise<Product> {
  const { slug, name, description, features, kind = 'plan', serviceType, trialDays = 0, stockLimit = null, maxQuantity = 1, followsParent = true } = starter
  const product = await Product.query().insertAndFetch({ publicId: newPublicId(), slug, name, description, features: [...features], kind, serviceType, status: 'hidden', trialDays, stockLimit, maxQuantity, followsParent, sortOrder })
  const plans: Plan[] = []
  for (const cycle of starter.cycles) {
    const setupFeeMinor = wholeMinor(starter.setup ?? 0, currency) / microsPerMinor(currency)
    plans.push(await addPlan(product, { cycle, currency, priceMicros: wholeMinor(priceFor(starter.monthly, cycle), currency), setupFeeMinor }))
  }
  for (const [order, option] of (starter.options ?? []).entries()) await addOptionOf(product, plans, option, order)
  return product
}

async function addOptionOf(product: Product, plans: readonly Plan[], option: StarterOption, sortOrder: number): Promise<void> {
  const { name, code, kind, hint = '', unit = '', required = false, min = 0, max = 1, tierMode = 'volume' } = option
  const { id: optionId } = await ProductOption.query().insertAndFetch({ productId: product.id, name, code, kind, hint, unit, required, minQuantity: min, maxQuantity: max, tierMode, status: 'active', sortOrder })
  for (const [order, choice] of option.choices.entries()) {
    const { id: choiceId } = await OptionChoice.query().insertAndFetch({ optionId, label: choice.label, code: choice.code, isDefault: kind === 'select' && order === 0, status: 'active', sortOrder: order })
    for (const plan of plans) {
      for (const [fromQuantity, price] of choice.tiers) await PlanOptionPrice.query().insert({ planId: plan.id, choiceId, fromQuantity, unitMicros: wholeMinor(priceFor(price, plan.billingCycle), plan.currency), setupMinor: 0 })
    }
  }
}

/** A year costs ten months: two are free. */
function priceFor(monthly: number, cycle: Cycle): number {
  const months = monthsOf(cycle)?.of ?? 1
  return months % 12 === 0 ? (monthly * months * 10) / 12 : monthly * months
}

/** Micro-units of a figure, whole in the currency. Where the currency has no decimals the figures are a hundred times larger: 5 becomes ¥500. */
function wholeMinor(figure: number, currency: string): number {
  const micros = Math.round(figure * 1_000_000) * (exponentOf(currency) === 0 ? 100 : 1)
  return Math.round(micros / microsPerMinor(currency)) * microsPerMinor(currency)
}
