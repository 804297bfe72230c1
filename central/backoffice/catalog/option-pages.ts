/** One option at the desk: its facts, its choices and the table of prices, a row a plan. Everything runs inside the tenant. */
import { FormErrors } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { cycleNames, cycleOrder } from '../../../tenant/catalog/cycle.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { OptionChoice, PlanOptionPrice, type ProductOption } from '../../../tenant/catalog/product-option.js'
import type { Tier } from '../../../tenant/catalog/option-offer.js'
import { microsText } from '../../../tenant/catalog/price-rules.js'
import type { Product } from '../../../tenant/catalog/product.js'
import { minorOf } from './forms.js'

type Input = Readonly<Record<string, unknown>>
type Errors = Readonly<Record<string, string>>
/** Tiers that a quantity may have; two empty ones are always there to be filled. */
const mostTiers = 8
export const newOptionInput: Input = { kind: 'select', min: '0', max: '10', tier_mode: 'volume' }

export async function optionView(product: Product, option: ProductOption, base: string, input: Input | null, errors: Errors = {}) {
  const choices = await OptionChoice.query().where({ optionId: option.id, status: 'active' }).orderBy('sortOrder').orderBy('id')
  const plans = (await Plan.query().where({ productId: product.id }).whereNot({ status: 'retired' })).sort((a, b) => a.currency.localeCompare(b.currency) || cycleOrder.indexOf(a.billingCycle) - cycleOrder.indexOf(b.billingCycle))
  const prices = await PlanOptionPrice.query().whereIn('choiceId', choices.map((c) => c.id)).orderBy('fromQuantity')
  const href = `${base}/products/${product.publicId}`
  const facts = { name: option.name, hint: option.hint, unit: option.unit, required: option.required ? 'on' : '', min: String(option.minQuantity), max: String(option.maxQuantity), tier_mode: option.tierMode, sort: String(option.sortOrder) }
  return {
    title: option.name, href: `${href}/options/${option.id}`, crumbs: [{ href: `${base}/products`, label: 'Products' }, { href, label: product.name }, { label: option.name }],
    option: { kind: option.kind, quantity: option.kind === 'quantity', select: option.kind === 'select', retired: option.status === 'retired', code: option.code }, input: { ...facts, ...input }, required: (input ?? facts)['required'] === 'on',
    modes: [{ value: 'volume', label: 'The whole number at the price it reaches' }, { value: 'graduated', label: 'Each unit at the price of its own step' }],
    choices: choices.map((c) => ({ name: `label_${c.id}`, label: String(input?.[`label_${c.id}`] ?? c.label), code: c.code, preset: c.isDefault })), blanks: ['new_1', 'new_2', 'new_3'], ...priceTable(option, choices, plans, prices, input, errors),
  }
}

/** Columns: the choices of a select, the steps of a quantity, or the one price of a tick. */
function priceTable(option: ProductOption, choices: readonly OptionChoice[], plans: readonly Plan[], prices: readonly PlanOptionPrice[], input: Input | null, errors: Errors) {
  const froms = [...new Set(prices.map((p) => p.fromQuantity))].sort((a, b) => a - b)
  const steps = option.kind === 'quantity' ? [...(froms.length > 0 ? froms : [1]), null, null].slice(0, mostTiers) : [1]
  const columns = choices.flatMap((choice) => steps.map((from, step) => ({ choice, step, from })))
  const nameOf = (choice: OptionChoice, step: number): string => (option.kind === 'quantity' ? `Step ${step + 1}` : choice.label)
  const typed = (name: string, value: string): string => String(input?.[name] ?? value)
  return {
    heads: columns.map(({ choice, step }) => nameOf(choice, step)),
    steps: option.kind === 'quantity' ? steps.slice(1).map((from, i) => ({ name: `from_${i + 1}`, label: `Step ${i + 2} counts from`, value: typed(`from_${i + 1}`, from === null ? '' : String(from)), error: errors[`from_${i + 1}`] })) : [],
    rows: plans.map((plan) => ({
      label: `${cycleNames[plan.billingCycle]} in ${plan.currency}`, currency: plan.currency,
      cells: columns.map(({ choice, step, from }) => {
        const price = prices.find((p) => p.planId === plan.id && p.choiceId === choice.id && p.fromQuantity === from)
        const [unit, setup] = [`unit_${choice.id}_${step}_${plan.id}`, `setup_${choice.id}_${step}_${plan.id}`]
        return { what: nameOf(choice, step), unit: { name: unit, value: typed(unit, price ? microsText(price.unitMicros, plan.currency) : '') }, setup: { name: setup, value: typed(setup, price && price.setupMinor > 0 ? Money.of(price.setupMinor, plan.currency).toString() : '') } }
      }),
    })),
  }
}

/** The tiers that were typed for a choice on a plan; an empty price is no tier. Throws FormErrors when a step has a price and no number. */
export function tiersFrom(given: Readonly<Record<string, number | undefined>>, choice: OptionChoice, plan: Plan): Tier[] {
  return Array.from({ length: mostTiers }, (_none, step): Tier[] => {
    const unitMicros = given[`unit_${choice.id}_${step}_${plan.id}`]
    if (unitMicros === undefined) return []
    const fromQuantity = step === 0 ? 1 : given[`from_${step}`]
    if (fromQuantity === undefined) throw new FormErrors({ [`from_${step}`]: `Enter from which number on the price of step ${step + 1} counts.` })
    return [{ fromQuantity, unitMicros, setupMinor: minorOf(given[`setup_${choice.id}_${step}_${plan.id}`], plan.currency) }]
  }).flat()
}
