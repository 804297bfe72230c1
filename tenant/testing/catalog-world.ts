/** For tests: products with plans and options in one line. Runs inside the tenant. */
import { Money } from '../../shared/money/money.js'
import { microsPerMinor } from '../../shared/money/currency.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Cycle } from '../../shared/time/period.js'
import { addPlan } from '../catalog/add-plan.js'
import type { Plan } from '../catalog/plan.js'
import { parseMicros } from '../catalog/price-rules.js'
import { OptionChoice, PlanOptionPrice, ProductOption, type OptionKind, type TierMode } from '../catalog/product-option.js'
import { Product } from '../catalog/product.js'

/** Amounts as people write them: `5.00`. */
export interface TestPlan { cycle: Cycle; currency?: string; price: string; setup?: string }
export interface TestOption {
  name: string
  kind?: OptionKind
  required?: boolean
  min?: number
  max?: number
  tierMode?: TierMode
  /** Unit price on every plan: from quantity → price. Several choices for a select. */
  choices: Record<string, Record<number, string>>
}

export interface TestProduct { product: Product; plans: Plan[]; plan: Plan; option(name: string, choice?: string): { optionId: number; choiceId: number } }

/** An active VPS with these plans (default: 5.00 USD a month) and options; `more` overrides any column of the product. */
export async function newProduct(more: Partial<Product> = {}, plans: readonly TestPlan[] = [{ cycle: 'monthly', price: '5.00' }], options: readonly TestOption[] = []): Promise<TestProduct> {
  const id = newPublicId()
  const product = await Product.query().insertAndFetch({ publicId: id, slug: `p-${id}`, name: 'VPS S', description: 'A small server.', features: ['1 vCPU'], kind: 'plan', serviceType: 'vps', status: 'active', maxQuantity: 10, ...more } as Partial<Product>)
  const made: Plan[] = []
  for (const { cycle, currency = 'USD', price, setup = '0' } of plans) made.push(await addPlan(product, { cycle, currency, priceMicros: Money.parse(price, currency)!.minor * microsPerMinor(currency), setupFeeMinor: Money.parse(setup, currency)!.minor }))
  const ids = new Map<string, { optionId: number; choiceId: number }>()
  for (const option of options) await addTestOption(product, made, option, ids)
  return { product, plans: made, plan: made[0]!, option: (name, choice) => ids.get(choice === undefined ? name : `${name}/${choice}`)! }
}

async function addTestOption(product: Product, plans: readonly Plan[], { name, kind = 'select', required = false, min = 0, max = 1000, tierMode = 'volume', choices }: TestOption, ids: Map<string, { optionId: number; choiceId: number }>): Promise<void> {
  const { id: optionId } = await ProductOption.query().insertAndFetch({ productId: product.id, name, hint: '', unit: '', code: name.toLowerCase(), kind, required, minQuantity: min, maxQuantity: kind === 'quantity' ? max : 1, tierMode, status: 'active', sortOrder: ids.size })
  for (const [order, [label, tiers]] of Object.entries(choices).entries()) {
    const { id: choiceId } = await OptionChoice.query().insertAndFetch({ optionId, label, code: label.toLowerCase(), isDefault: order === 0 && kind === 'select', status: 'active', sortOrder: order })
    ids.set(`${name}/${label}`, { optionId, choiceId })
    if (!ids.has(name)) ids.set(name, { optionId, choiceId })
    for (const plan of plans) for (const [from, price] of Object.entries(tiers)) await PlanOptionPrice.query().insert({ planId: plan.id, choiceId, fromQuantity: Number(from), unitMicros: parseMicros(price)!, setupMinor: 0 })
  }
}
