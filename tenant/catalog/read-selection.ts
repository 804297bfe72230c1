/**
 * What the form of a product sends → a selection. Fields: `plan` (public id), `quantity`, `option_<id>` (select: id of the choice; quantity: a number, 0 or
 * empty for none; checkbox: any text when ticked) and `addon_<plan public id>` for each add-on bought with it. Nothing is trusted: priceSelection() checks ids.
 */
import { FormErrors } from '../../shared/errors.js'
import { optionsOn, type OptionOffer } from './option-offer.js'
import type { Plan } from './plan.js'
import type { ChosenOption, Selection } from './price-items.js'

export type Fields = Readonly<Record<string, unknown>>

const text = (fields: Fields, name: string): string => (typeof fields[name] === 'string' ? fields[name].trim() : '')
/** −1 stands for "no number": the bounds refuse it with their own sentence. */
const number = (given: string): number => (/^\d{1,9}$/.test(given) ? Number(given) : -1)

/** The selection for this plan. Throws FormErrors when a field names an option that is not offered with it. `retired`: as in optionsOn(). */
export async function readSelection(plan: Plan, fields: Fields, { retired = false } = {}): Promise<Selection> {
  const offers = await optionsOn(plan, { retired })
  const known = new Set(offers.map((o) => `option_${o.option.id}`))
  const foreign = Object.keys(fields).some((name) => name.startsWith('option_') && !known.has(name) && text(fields, name) !== '')
  if (foreign) throw new FormErrors({ options: 'One of these options is not offered with this plan. Please choose again.' })
  return { quantity: text(fields, 'quantity') === '' ? 1 : number(text(fields, 'quantity')), options: offers.flatMap((offer) => chosenOf(offer, text(fields, `option_${offer.option.id}`))) }
}

function chosenOf({ option, choices }: OptionOffer, given: string): ChosenOption[] {
  if (given === '') return []
  const only = choices[0]!.choice.id
  if (option.kind === 'select') return [{ optionId: option.id, choiceId: number(given), quantity: 1 }]
  if (option.kind === 'checkbox') return [{ optionId: option.id, choiceId: only, quantity: 1 }]
  return given === '0' ? [] : [{ optionId: option.id, choiceId: only, quantity: number(given) }]
}

/** The choices a product page begins with: defaults of selects that must be answered, and the least of each quantity. */
export function firstSelection(offers: readonly OptionOffer[]): Selection {
  return { quantity: 1, options: offers.flatMap(({ option, choices }) => {
    const preset = choices.find((c) => c.choice.isDefault) ?? (option.required ? choices[0] : undefined)
    if (option.kind === 'quantity') return option.minQuantity > 0 ? [{ optionId: option.id, choiceId: choices[0]!.choice.id, quantity: option.minQuantity }] : []
    return preset ? [{ optionId: option.id, choiceId: preset.choice.id, quantity: 1 }] : []
  }) }
}

/** A selection as the fields that would send it: for hidden inputs and to show a form again. */
export function selectionFields(selection: Selection, offers: readonly OptionOffer[]): Record<string, string> {
  const kinds = new Map(offers.map((o) => [o.option.id, o.option.kind]))
  return Object.fromEntries([['quantity', String(selection.quantity)], ...selection.options.map((o) => [`option_${o.optionId}`, kinds.get(o.optionId) === 'quantity' ? String(o.quantity) : String(o.choiceId)] as const)])
}

/** Public ids of the add-on plans that were ticked. At most 20; each must be in addonPlansOf(). */
export function readAddons(fields: Fields): string[] {
  return Object.keys(fields).flatMap((name) => (/^addon_[a-z0-9]{20}$/.test(name) && text(fields, name) !== '' ? [name.slice(6)] : [])).slice(0, 20)
}
