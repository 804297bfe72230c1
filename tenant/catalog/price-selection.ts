/** The price of an order or a change: the one method behind the shop's page, the cart, the review and every preview. */
import { FormErrors } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import { optionsOn } from './option-offer.js'
import { priceItems, type KeptPrices, type PricedItem, type Selection } from './price-items.js'
import type { Plan } from './plan.js'
import { Product } from './product.js'

export type { ChosenOption, KeptPrices, PricedItem, Selection } from './price-items.js'

export interface PricedSelection {
  readonly plan: Plan
  readonly product: Product
  readonly selection: Selection
  /** The plan first, then its options; they add up to `recurring` and `setup`. */
  readonly items: readonly PricedItem[]
  /** For one period; of a one-time plan the whole price; zero for metered and free plans. */
  readonly recurring: Money
  /** Once. */
  readonly setup: Money
}

/**
 * Throws FormErrors by field (`plan`, `quantity`, `option_<id>`, `options`) for what cannot be ordered: an option of another product, a quantity out of bounds,
 * a retired plan. With `kept` (a change of a running subscription) retired plans and options are priced too, at the prices the customer keeps.
 */
export async function priceSelection(plan: Plan, selection: Selection, kept?: KeptPrices): Promise<PricedSelection> {
  const product = plan.productId === null ? undefined : await Product.query().findById(plan.productId)
  if (!product || (!kept && (plan.status === 'retired' || product.status === 'retired'))) throw new FormErrors({ plan: 'This plan is not offered at the moment. Please choose another one.' })
  const options = await optionsOn(plan, { retired: kept !== undefined })
  const items = priceItems({ plan, product, options }, selection, kept)
  const sum = (part: 'amountMinor' | 'setupMinor'): Money => Money.sum(items.map((item) => Money.of(item[part], plan.currency)), plan.currency)
  return { plan, product, selection, items, recurring: sum('amountMinor'), setup: sum('setupMinor') }
}
