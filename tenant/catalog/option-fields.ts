/** The inputs of a plan's options, as the view `tenant/catalog/_options` shows them: on the product's page and wherever a selection is changed. */
import { optionsOn, type OptionOffer } from './option-offer.js'
import type { Plan } from './plan.js'
import { tierText } from './price-label.js'
import { firstSelection, selectionFields, type Fields } from './read-selection.js'

export interface OptionField {
  readonly name: string
  readonly kind: 'select' | 'quantity' | 'checkbox'
  readonly label: string
  readonly hint: string
  readonly required: boolean
  readonly value: string
  readonly choices: ReadonlyArray<{ value: string; label: string }>
  readonly unit: string
  readonly limits: Record<string, number | string>
  readonly error: string | undefined
}

/** `fields`: what was typed or is chosen now; null for a fresh form with the defaults. `retired`: as in optionsOn(). */
export async function optionFields(plan: Plan, fields: Fields | null, locale: string, errors: Readonly<Record<string, string>> = {}, { retired = false } = {}): Promise<OptionField[]> {
  const offers = await optionsOn(plan, { retired })
  const values: Fields = fields ?? selectionFields(firstSelection(offers), offers)
  return offers.map((offer) => fieldOf(offer, plan, values, locale, errors))
}

function fieldOf({ option, choices }: OptionOffer, plan: Plan, values: Fields, locale: string, errors: Readonly<Record<string, string>>): OptionField {
  const name = `option_${option.id}`
  const quantity = option.kind === 'quantity'
  const cost = (i: number): string => tierText(choices[i]!.tiers, plan, { mode: option.tierMode, each: quantity }, locale)
  const given = values[name]
  return {
    name, kind: option.kind, label: option.name, required: option.required, unit: option.unit, value: typeof given === 'string' ? given : '', error: errors[name],
    hint: [option.hint, option.kind === 'select' ? '' : cost(0)].filter(Boolean).join(' '),
    choices: option.kind === 'select' ? choices.map(({ choice }, i) => ({ value: String(choice.id), label: cost(i) ? `${choice.label} (+${cost(i)})` : choice.label })) : [],
    limits: quantity ? { min: option.minQuantity, max: option.maxQuantity, step: 1 } : {},
  }
}
