/** What the cart shows: items with what they cost now and later, what has changed, discounts, tax, total. */
import { Money } from '../../shared/money/money.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatMoney } from '../../shared/views/format.js'
import { cycleNames, cycleUnits, isRenewing } from '../catalog/cycle.js'
import { optionFields } from '../catalog/option-fields.js'
import { optionsOn } from '../catalog/option-offer.js'
import { Plan } from '../catalog/plan.js'
import { Product } from '../catalog/product.js'
import { selectionFields } from '../catalog/read-selection.js'
import type { Customer } from '../customers/customer.js'
import { countryOptions } from '../customers/places.js'
import type { Cart, CartItem } from './cart.js'
import { priceCart, type CartLine, type PricedCart } from './price-cart.js'

export interface ShownItem {
  publicId: string
  title: string
  name: string
  cycle: string
  quantity: number
  options: Array<{ label: string; amount: Money }>
  /** For the first period; null while it cannot be priced. */
  price: Money | null
  per: string
  setup: Money | null
  /** `Free for 14 days, then $5.00 a month`. */
  trial: string | null
  problem: string | null
  /** The price of before, when it has changed. */
  before: Money | null
  addons: ShownItem[]
}
export interface ShownSums {
  lines: Array<{ label: string; text?: string; amount: Money }>
  total: Money
  /** `$10.00 a month`. */
  renewals: string[]
  notes: readonly string[]
}
export interface CartPage {
  items: ShownItem[]
  sums: ShownSums | null
  codes: Array<{ code: string; problem: string | null }>
  /** Prices to say yes to. */
  toConfirm: boolean
  blocked: boolean
  seen: string
  guest: boolean
  place: { country: string; region: string; postcode: string }
  countries: Array<{ value: string; label: string }>
  errors: Readonly<Record<string, string>> | null
  input: Readonly<Record<string, unknown>>
}

export async function cartPage(cart: Cart | null, customer: Customer | null, now: Date, { errors = null, input = {} }: { errors?: Readonly<Record<string, string>> | null; input?: Readonly<Record<string, unknown>> } = {}): Promise<CartPage> {
  const locale = customer?.locale ?? currentTenant().locale
  const priced = cart ? await priceCart(cart, customer, now) : null
  const items = priced?.lines.map((line) => shownItem(line, locale)) ?? []
  const flat = priced?.lines.flatMap((l) => [l, ...l.addons]) ?? []
  return {
    items, sums: priced && items.length ? shownSums(priced, locale) : null, codes: (cart?.codes ?? []).map((code) => ({ code, problem: items.length ? whyRejected(priced, code) : null })),
    toConfirm: flat.some((l) => l.problem?.kind === 'price') && flat.every((l) => !l.problem || l.problem.kind === 'price'), blocked: flat.some((l) => l.problem !== null), seen: priced?.fingerprint ?? '',
    guest: customer === null, place: { country: cart?.country ?? '', region: cart?.region ?? '', postcode: cart?.postcode ?? '' }, countries: customer ? [] : countryOptions(locale), errors, input,
  }
}

const whyRejected = (priced: PricedCart | null, code: string): string | null => priced?.charge.rejected.find((r) => r.code.toUpperCase() === code)?.reason ?? null

export function shownItem(line: CartLine, locale: string): ShownItem {
  const { item, plan, product, priced, problem } = line
  const currency = plan?.currency ?? currentTenant().currency
  return {
    publicId: item.publicId, title: product?.name ?? item.name, name: item.name, cycle: plan ? cycleNames[plan.billingCycle] : '', quantity: item.quantity,
    options: priced?.items.filter((i) => i.kind === 'option').map((i) => ({ label: i.quantity > 1 ? `${i.label} × ${i.quantity}` : i.label, amount: Money.of(i.amountMinor, currency) })) ?? [],
    price: priced?.recurring ?? null, per: plan ? cycleUnits[plan.billingCycle] : '', setup: priced && !priced.setup.isZero() ? priced.setup : null, trial: trialText(line, locale),
    problem: problem?.text ?? null, before: problem?.kind === 'price' ? Money.of(item.seenRecurringMinor, currency) : null, addons: line.addons.map((addon) => shownItem(addon, locale)),
  }
}

function trialText({ plan, priced, trialDays }: CartLine, locale: string): string | null {
  return plan && priced && trialDays ? `Free for ${trialDays} days, then ${formatMoney(priced.recurring.minor, plan.currency, locale)} ${cycleUnits[plan.billingCycle]}` : null
}

/** Before, discount, tax, total; the lines add up to the total. */
export function shownSums({ charge, renewals }: PricedCart, locale: string): ShownSums {
  const lines: ShownSums['lines'] = [{ label: charge.inclusive ? 'Subtotal, tax included' : 'Subtotal', amount: charge.subtotal }]
  if (!charge.discount.isZero()) lines.push({ label: 'Discount', text: charge.applied.join(', '), amount: charge.discount.negate() })
  for (const tax of charge.taxes) lines.push({ label: charge.inclusive ? `Of which ${tax.label}` : tax.label, amount: tax.tax })
  const shown = renewals.filter((r) => isRenewing(r.cycle)).map((r) => `${formatMoney(r.total.minor, r.total.currency, locale)} ${cycleUnits[r.cycle]}`)
  return { lines, total: charge.total, renewals: shown, notes: charge.notes }
}

/** The form that changes one item: the catalogue's own inputs. */
export async function itemPage(cart: Cart, item: CartItem, input?: Readonly<Record<string, unknown>>, errors: Readonly<Record<string, string>> | null = null): Promise<object> {
  const { locale } = currentTenant()
  const plan = await Plan.findOwned<Plan>({ id: item.planId })
  const product = await Product.findOwned<Product>({ id: plan.productId })
  const fields = input ?? selectionFields(item.selection, await optionsOn(plan))
  return {
    item: { publicId: item.publicId, title: product.name, cycle: cycleNames[plan.billingCycle], isAddon: item.parentId !== null }, currency: cart.currency, many: product.maxQuantity > 1, most: product.maxQuantity,
    options: await optionFields(plan, fields, locale), input: { quantity: fields['quantity'] ?? item.quantity, name: fields['name'] ?? item.name }, errors,
  }
}
