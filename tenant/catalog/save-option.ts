/** A reseller lays out the options of a product and what they cost on each of its plans. */
import { FormErrors, NotFound } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import { nextVersion } from './change-price.js'
import type { Tier } from './option-offer.js'
import { Plan } from './plan.js'
import { faultOfUnit } from './price-rules.js'
import { OptionChoice, PlanOptionPrice, ProductOption } from './product-option.js'
import type { Product } from './product.js'

export type OptionFacts = Pick<ProductOption, 'name' | 'hint' | 'kind' | 'unit' | 'required' | 'minQuantity' | 'maxQuantity' | 'tierMode' | 'sortOrder'>
/** `id` null: a new one. A label left empty retires the choice: who has it, keeps it. */
export interface ChoiceFacts { readonly id: number | null; readonly label: string; readonly isDefault: boolean }

/** Letters and digits of the label; a counter when that name is taken. */
export function codeFor(label: string, taken: ReadonlySet<string>): string {
  const base = label.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 56) || 'choice'
  let code = base
  for (let n = 2; taken.has(code); n++) code = `${base}-${n}`
  return code
}

/** A quantity and a checkbox get their one choice at once. Throws FormErrors (`max`). */
export async function addOption(product: Product, facts: OptionFacts, labels: readonly string[] = []): Promise<ProductOption> {
  assertBounds(facts)
  return tenantTransaction(async () => {
    const taken = new Set((await ProductOption.query().where({ productId: product.id }).select('code')).map((o) => o.code))
    const option = await ProductOption.query().insertAndFetch({ ...facts, productId: product.id, code: codeFor(facts.name, taken), status: 'active' })
    const wanted = facts.kind === 'select' ? labels : [facts.unit || facts.name]
    await saveChoices(option, wanted.map((label, i) => ({ id: null, label, isDefault: facts.kind === 'select' && i === 0 })))
    await record('product.option-added', { type: 'products', id: product.id }, { option: option.name })
    return option
  })
}

/** Its kind stays: a quantity does not become a tick. Throws FormErrors (`max`). */
export async function changeOption(option: ProductOption, facts: Omit<OptionFacts, 'kind'>): Promise<void> {
  assertBounds({ ...facts, kind: option.kind })
  await option.$query().patch(facts)
}

/** Retired options are not offered any more; subscriptions keep them. */
export async function setOptionStatus(option: ProductOption, status: ProductOption['status']): Promise<void> {
  await tenantTransaction(async () => {
    await option.$query().patch({ status })
    await record(`product.option-${status === 'active' ? 'offered' : 'retired'}`, { type: 'products', id: option.productId }, { option: option.name })
  })
}

/** Throws NotFound for a choice of another option. */
export async function saveChoices(option: ProductOption, choices: readonly ChoiceFacts[]): Promise<void> {
  await tenantTransaction(async () => {
    const known = new Map((await OptionChoice.query().where({ optionId: option.id })).map((c) => [c.id, c]))
    const taken = new Set([...known.values()].map((c) => c.code))
    for (const [sortOrder, { id, label, isDefault }] of choices.entries()) {
      if (id !== null && !known.has(id)) throw new NotFound('choice')
      if (id !== null) await OptionChoice.query().patch(label === '' ? { status: 'retired', isDefault: false } : { label, isDefault, sortOrder, status: 'active' }).where({ id, optionId: option.id })
      else if (label !== '') {
        const code = codeFor(label, taken)
        taken.add(code)
        await OptionChoice.query().insert({ optionId: option.id, label, code, isDefault, sortOrder, status: 'active' })
      }
    }
  })
}

/**
 * What a choice costs on a plan; no tiers: it is not offered there. A change is a new version of the plan: orders that were shown the old price are refused.
 * Throws FormErrors (`price`) for tiers that do not begin at 1, repeat or cost less than nothing; NotFound for a choice of another product.
 */
export async function setOptionPrices(plan: Plan, choice: OptionChoice, tiers: readonly Tier[], now = clock.now()): Promise<void> {
  const fault = faultOfTiers(tiers)
  if (fault) throw new FormErrors({ price: fault })
  const option = await ProductOption.query().findById(choice.optionId)
  if (option?.productId !== plan.productId) throw new NotFound('choice')
  await tenantTransaction(async () => {
    const before = await PlanOptionPrice.query().where({ planId: plan.id, choiceId: choice.id }).orderBy('fromQuantity')
    if (textOf(before) === textOf(tiers)) return
    await PlanOptionPrice.query().delete().where({ planId: plan.id, choiceId: choice.id })
    for (const { fromQuantity, unitMicros, setupMinor } of tiers) await PlanOptionPrice.query().insert({ planId: plan.id, choiceId: choice.id, fromQuantity, unitMicros, setupMinor })
    await nextVersion(plan, { priceMicros: plan.priceMicros, setupFeeMinor: plan.setupFeeMinor }, now)
    await record('plan.option-price-changed', plan, { choice: choice.label, before: textOf(before), after: textOf(tiers), currency: plan.currency })
  })
}

const textOf = (tiers: readonly Tier[]): string => tiers.map((t) => `${t.fromQuantity}+: ${t.unitMicros}${t.setupMinor ? ` and ${t.setupMinor} once` : ''}`).join('; ')

function faultOfTiers(tiers: readonly Tier[]): string | null {
  if (tiers.length > 0 && tiers[0]!.fromQuantity !== 1) return 'The first price counts from 1.'
  if (tiers.some((t, i) => i > 0 && t.fromQuantity <= tiers[i - 1]!.fromQuantity)) return 'Each price must count from a larger number than the one before.'
  if (tiers.some((t) => !Number.isSafeInteger(t.setupMinor) || t.setupMinor < 0 || t.setupMinor > 1e11)) return 'Enter a set-up fee of 0 or more.'
  return tiers.map((t) => faultOfUnit(t.unitMicros)).find((fault) => fault !== null) ?? null
}

function assertBounds({ kind, minQuantity, maxQuantity }: Pick<OptionFacts, 'kind' | 'minQuantity' | 'maxQuantity'>): void {
  if (kind === 'quantity' && (minQuantity > maxQuantity || maxQuantity < 1 || maxQuantity > 1_000_000)) throw new FormErrors({ max: 'The largest number must be at least the smallest, and at most 1,000,000.' })
}
