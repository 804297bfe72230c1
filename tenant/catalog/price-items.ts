/**
 * What a selection costs, as pure arithmetic. Every item is unit price × quantity, rounded once to whole minor units; the sum of the items is the price.
 * So each line explains itself: nothing is added, rounded or discounted behind it.
 */
import { FormErrors } from '../../shared/errors.js'
import type { Money } from '../../shared/money/money.js'
import { roundToMoney } from '../../shared/money/rate.js'
import type { ChoiceOffer, OptionOffer, Tier } from './option-offer.js'
import type { Plan } from './plan.js'
import type { Product } from './product.js'

/** What a customer chose. An option that is not chosen is left out; `quantity` of an option counts for one of the product. */
export interface Selection { readonly quantity: number; readonly options: readonly ChosenOption[] }
export interface ChosenOption { readonly optionId: number; readonly choiceId: number; readonly quantity: number }

export interface PricedItem {
  readonly kind: 'plan' | 'option'
  readonly label: string
  /** Units in all: of an option, its quantity times that of the product. */
  readonly quantity: number
  /** Micro-units of the major unit, for one unit and one period (one hour of metered plans). */
  readonly unitMicros: number
  /** unitMicros × quantity, rounded once; 0 for metered plans, which are billed by use. */
  readonly amountMinor: number
  /** Once, with the first period. */
  readonly setupMinor: number
  readonly optionId?: number
  readonly choiceId?: number
  /** Quantities the price counts for: `11–50`, `51+`. Only of options with tiers. */
  readonly tier?: string
}

/** Prices an existing customer keeps although the list has changed: of the plan, and of choices without tiers. */
export interface KeptPrices { readonly priceMicros: number; readonly optionMicros?: ReadonlyMap<number, number> }
export interface Offer { readonly plan: Plan; readonly product: Product; readonly options: readonly OptionOffer[] }

/** Throws FormErrors by field (`quantity`, `option_<id>`, `options`) for choices that are not on offer. */
export function priceItems({ plan, product, options }: Offer, selection: Selection, kept?: KeptPrices): PricedItem[] {
  assertPossible(product, options, selection)
  const { quantity } = selection
  try {
    const first: PricedItem = { kind: 'plan', label: plan.name, ...priced(plan, kept?.priceMicros ?? plan.priceMicros, quantity), setupMinor: times(plan.setupFeeMinor, quantity) }
    return [first, ...options.flatMap((offer) => {
      const chosen = selection.options.find((o) => o.optionId === offer.option.id)
      return chosen ? optionItems(plan, offer, chosen, quantity, kept) : []
    })]
  } catch (error) {
    if (error instanceof RangeError) throw new FormErrors({ quantity: 'This is more than can be ordered at once. Please choose a smaller quantity.' })
    throw error
  }
}

function optionItems(plan: Plan, { option, choices }: OptionOffer, chosen: ChosenOption, quantity: number, kept?: KeptPrices): PricedItem[] {
  const { choice, tiers } = choices.find((c) => c.choice.id === chosen.choiceId)!
  const label = option.kind === 'select' ? `${option.name}: ${choice.label}` : option.name
  const keptMicros = tiers.length === 1 ? kept?.optionMicros?.get(choice.id) : undefined
  return unitsByTier(tiers, chosen.quantity, option.tierMode).map(({ tier, units, span }) => ({
    kind: 'option', label, ...priced(plan, keptMicros ?? tier.unitMicros, units * quantity), setupMinor: times(tier.setupMinor, units * quantity), optionId: option.id, choiceId: choice.id, ...(tiers.length > 1 ? { tier: span } : {}),
  }))
}

/** Which tier prices how many of `quantity` units. volume: all by the tier that the quantity reaches; graduated: each unit by its own. */
export function unitsByTier(tiers: readonly Tier[], quantity: number, mode: 'volume' | 'graduated'): Array<{ tier: Tier; units: number; span: string }> {
  const spans = tiers.map((tier, i) => ({ tier, from: tier.fromQuantity, to: tiers[i + 1] ? tiers[i + 1]!.fromQuantity - 1 : Infinity }))
  const reached = spans.filter((s) => s.from <= quantity)
  const counted = mode === 'volume' ? reached.slice(-1).map((s) => ({ ...s, units: quantity })) : reached.map((s) => ({ ...s, units: Math.min(quantity, s.to) - s.from + 1 }))
  return counted.map(({ tier, units, from, to }) => ({ tier, units, span: to === Infinity ? `${from}+` : from === to ? `${from}` : `${from}–${to}` }))
}

function priced(plan: Plan, unitMicros: number, quantity: number): Pick<PricedItem, 'quantity' | 'unitMicros' | 'amountMinor'> {
  const billedAhead = !plan.isMetered && plan.billingCycle !== 'free'
  return { quantity, unitMicros, amountMinor: billedAhead ? amountFor(unitMicros, quantity, plan.currency).minor : 0 }
}

/** Units at a price finer than a minor unit, rounded once. Throws RangeError beyond 2^53 minor units. */
export const amountFor = (unitMicros: number, quantity: number, currency: string): Money => roundToMoney(BigInt(unitMicros) * BigInt(quantity), currency)

function times(minor: number, quantity: number): number {
  const product = minor * quantity
  if (!Number.isSafeInteger(product)) throw new RangeError('This amount is too large.')
  return product
}

const whole = (n: number, least: number, most: number): boolean => Number.isSafeInteger(n) && n >= least && n <= most

function assertPossible(product: Product, offers: readonly OptionOffer[], { quantity, options }: Selection): void {
  const faults: Record<string, string> = {}
  if (!whole(quantity, 1, product.maxQuantity)) faults['quantity'] = product.maxQuantity === 1 ? 'Only one can be ordered at a time.' : `Enter a quantity between 1 and ${product.maxQuantity}.`
  for (const { optionId } of options) if (!offers.some((o) => o.option.id === optionId)) faults['options'] = 'One of these options is not offered with this plan. Please choose again.'
  for (const offer of offers) {
    const fault = faultOf(offer, options.filter((o) => o.optionId === offer.option.id))
    if (fault) faults[`option_${offer.option.id}`] = fault
  }
  if (Object.keys(faults).length > 0) throw new FormErrors(faults)
}

function faultOf({ option, choices }: OptionOffer, chosen: readonly ChosenOption[]): string | null {
  const least = option.kind === 'quantity' ? option.minQuantity : 0
  const [first, second] = chosen
  if (second) return `Choose ${option.name} once.`
  if (!first) return option.required || least > 0 ? `Choose ${option.name}.` : null
  if (!choices.some((c: ChoiceOffer) => c.choice.id === first.choiceId)) return `This choice of ${option.name} is not offered with this plan.`
  if (option.kind !== 'quantity') return first.quantity === 1 ? null : `${option.name} can be chosen once.`
  return whole(first.quantity, Math.max(1, least), option.maxQuantity) ? null : `Enter a number between ${least} and ${option.maxQuantity} for ${option.name}.`
}
