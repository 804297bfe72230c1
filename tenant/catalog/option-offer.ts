/** The options of one plan: each with the choices that have a price on it. What has none is not offered there. */
import { OptionChoice, PlanOptionPrice, ProductOption } from './product-option.js'
import type { Plan } from './plan.js'

export interface Tier { readonly fromQuantity: number; readonly unitMicros: number; readonly setupMinor: number }
export interface ChoiceOffer {
  readonly choice: Pick<OptionChoice, 'id' | 'label' | 'code' | 'isDefault'>
  /** Ascending; the first begins at 1. */
  readonly tiers: readonly Tier[]
}
export interface OptionOffer {
  readonly option: Pick<ProductOption, 'id' | 'name' | 'hint' | 'kind' | 'code' | 'unit' | 'required' | 'minQuantity' | 'maxQuantity' | 'tierMode'>
  readonly choices: readonly ChoiceOffer[]
}

/** In their order. `retired`: also what is sold no more, for subscriptions that have it. */
export async function optionsOn(plan: Plan, { retired = false } = {}): Promise<OptionOffer[]> {
  if (plan.productId === null) return []
  const options = await ProductOption.query().where({ productId: plan.productId }).modify((q) => void (retired || q.where({ status: 'active' }))).orderBy('sortOrder').orderBy('id')
  if (options.length === 0) return []
  const choices = await OptionChoice.query().whereIn('optionId', options.map((o) => o.id)).modify((q) => void (retired || q.where({ status: 'active' }))).orderBy('sortOrder').orderBy('id')
  const prices = await PlanOptionPrice.query().where({ planId: plan.id }).orderBy('fromQuantity')
  return options.map((option) => ({
    option,
    choices: choices.filter((c) => c.optionId === option.id).map((choice) => ({ choice, tiers: prices.filter((p) => p.choiceId === choice.id) })).filter((c) => c.tiers.length > 0),
  })).filter((offer) => offer.choices.length > 0)
}
