/** A product's page: which cycle, which options, what it costs now and later. The price comes from priceSelection(), as in the cart. */
import { FormErrors } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import { cycleNames, cycleUnits, savingPercent } from './cycle.js'
import { addonPlansOf, plansOf } from './offered.js'
import { optionFields, type OptionField } from './option-fields.js'
import type { Plan } from './plan.js'
import { moneyText, priceText, unitText } from './price-label.js'
import { priceSelection, type PricedSelection, type Selection } from './price-selection.js'
import type { Product } from './product.js'
import { firstSelection, readAddons, readSelection, type Fields } from './read-selection.js'
import { optionsOn } from './option-offer.js'
import { shelfOf } from './shelf.js'
import { trialDaysFor } from './trial.js'

export interface PriceLine { label: string; text: string; amount: Money }
export interface ProductPage {
  product: { name: string; description: string; features: string[]; href: string; soldOut: boolean; left: number | null; crumbs: Array<{ href?: string; label: string }> }
  cycles: Array<{ value: string; label: string; text: string; price: string }>
  plan: string
  quantity: { value: string; max: number; error: string | undefined } | null
  options: OptionField[]
  addons: Array<{ name: string; label: string; text: string; checked: boolean }>
  /** Null while something must be chosen or corrected first. */
  summary: { lines: PriceLine[]; first: Money; firstLabel: string; later: string; trial: string } | null
  errors: Readonly<Record<string, string>>
}
export interface Shown {
  readonly currency: string
  readonly locale: string
  /** What was chosen; null for a fresh page. */
  readonly fields: Fields | null
  readonly cycle?: string | undefined
  /** Public id of a hidden plan whose link was followed. */
  readonly also?: string | undefined
  readonly errors?: Readonly<Record<string, string>>
  /** Who looks at it: a trial is given once. */
  readonly customer?: { readonly id: number } | null
}

/** Null when the product has no plan in this currency. Never throws for what was typed: the faults are on the page. */
export async function productPage(product: Product, shown: Shown): Promise<ProductPage | null> {
  const { currency, locale, fields } = shown
  const wanted = typeof fields?.['plan'] === 'string' ? fields['plan'] : shown.also
  const plans = await plansOf(product, currency, wanted)
  const plan = plans.find((p) => p.publicId === wanted) ?? plans.find((p) => p.billingCycle === shown.cycle) ?? plans.find((p) => p.billingCycle === 'monthly') ?? plans[0]
  if (!plan) return null
  const addons = await addonPlansOf(plan)
  const ticked = new Set(readAddons(fields ?? {}))
  const { priced, errors } = await price(plan, addons.filter((a) => ticked.has(a.plan.publicId)).map((a) => a.plan), fields)
  const faults = { ...errors, ...shown.errors }
  return {
    product: cardOf(product), plan: plan.publicId, errors: faults, cycles: cyclesOf(plans, locale),
    quantity: product.maxQuantity > 1 ? { value: typeof fields?.['quantity'] === 'string' ? fields['quantity'] : '1', max: product.maxQuantity, error: faults['quantity'] } : null,
    options: await optionFields(plan, fields, locale, faults),
    addons: addons.map((a) => ({ name: `addon_${a.plan.publicId}`, label: `${a.product.name}: ${priceText(a.plan, locale)}`, text: a.product.description, checked: ticked.has(a.plan.publicId) })),
    summary: priced && summaryOf(await Promise.all(priced.map(async (p) => ({ ...p, trialDays: await trialDaysFor(shown.customer ?? null, p.product, p.plan) }))), locale),
  }
}

function cardOf(product: Product): ProductPage['product'] {
  const { name, description, features, shopHref, isSoldOut, stockLeft } = product
  const { href, title } = shelfOf(product.serviceType)
  return { name, description, features, href: shopHref, soldOut: isSoldOut, left: stockLeft !== null && stockLeft > 0 && stockLeft <= 5 ? stockLeft : null, crumbs: [{ href, label: title }, { label: name }] }
}

function cyclesOf(plans: readonly Plan[], locale: string): ProductPage['cycles'] {
  const monthly = plans.find((p) => p.billingCycle === 'monthly')
  return plans.map((p) => {
    const saving = monthly && p !== monthly ? savingPercent(p.price, p.billingCycle, monthly.price) : 0
    const text = [saving > 0 ? `Saves ${saving} % against paying monthly` : '', p.setupFeeMinor > 0 ? `plus ${moneyText(p.setupFee, locale)} set-up` : ''].filter(Boolean).join(', ')
    return { value: p.publicId, label: cycleNames[p.billingCycle], text, price: priceText(p, locale) }
  })
}

async function price(plan: Plan, addons: readonly Plan[], fields: Fields | null): Promise<{ priced: PricedSelection[] | null; errors: Record<string, string> }> {
  try {
    const selection = fields ? await readSelection(plan, fields) : firstSelection(await optionsOn(plan))
    const one: Selection = { quantity: 1, options: [] }
    return { priced: [await priceSelection(plan, selection), ...(await Promise.all(addons.map((addon) => priceSelection(addon, one))))], errors: {} }
  } catch (error) {
    // A fresh form may lack an answer that only the customer can give: nothing to complain about yet.
    if (error instanceof FormErrors) return { priced: null, errors: fields ? error.fields : {} }
    throw error
  }
}

type Tried = PricedSelection & { readonly trialDays: number }

/** What is paid first and what is paid then. A trial moves the first period, never the set-up fee. */
function summaryOf(priced: readonly Tried[], locale: string): NonNullable<ProductPage['summary']> {
  const [{ plan, trialDays }] = priced as [Tried]
  const zero = Money.zero(plan.currency)
  const now = priced.map((p) => (p.trialDays > 0 ? zero : p.recurring).add(p.setup))
  const lines = priced.flatMap((p) => p.items.filter((item) => item.kind === 'plan' || item.amountMinor > 0).map((item) => ({
    label: item.label, text: `${item.quantity > 1 ? `${item.quantity} × ${unitText(item.unitMicros, plan.currency, locale)} ` : ''}${cycleUnits[p.plan.billingCycle]}`, amount: Money.of(item.amountMinor, plan.currency),
  })))
  const setups = priced.filter((p) => p.setup.minor > 0).map((p) => ({ label: `Set-up of ${p.product.name}`, text: 'once', amount: p.setup }))
  const later = priced.filter((p) => p.recurring.minor > 0 && p.plan.billingCycle !== 'one-time')
  return {
    lines: [...lines, ...setups], first: Money.sum(now, plan.currency), firstLabel: trialDays > 0 ? 'To pay today' : 'First payment',
    later: laterText(later, locale), trial: trialDays > 0 ? `Free for ${trialDays} days.` : '',
  }
}

/** Together by cycle: `$12.00 a month and $40.00 a year`. */
function laterText(priced: readonly PricedSelection[], locale: string): string {
  const byUnit = new Map<string, Money>()
  for (const { plan, recurring } of priced) byUnit.set(cycleUnits[plan.billingCycle], (byUnit.get(cycleUnits[plan.billingCycle]) ?? Money.zero(plan.currency)).add(recurring))
  return [...byUnit].map(([unit, sum]) => `${moneyText(sum, locale)} ${unit}`).join(' and ')
}
