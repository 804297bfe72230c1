/** A cart with today's prices: every view and the checkout ask here. Says what has changed since the customer last said yes. */
import { createHash } from 'node:crypto'
import { FormErrors } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import type { Cycle } from '../../shared/time/period.js'
import { priceLines, type ChargeLine, type PricedCharge } from '../billing/charges/price-lines.js'
import { addonPlansOf } from '../catalog/offered.js'
import { isRenewing } from '../catalog/cycle.js'
import { Plan } from '../catalog/plan.js'
import { priceSelection, type PricedSelection } from '../catalog/price-selection.js'
import { Product } from '../catalog/product.js'
import type { Customer } from '../customers/customer.js'
import { CartItem, type Cart } from './cart.js'
import { trialDaysFor } from '../catalog/trial.js'

/** `price`: to be confirmed. The others: to be removed or changed. */
export interface Problem {
  readonly kind: 'gone' | 'changed' | 'sold-out' | 'currency' | 'price'
  readonly text: string
}
export interface CartLine {
  readonly item: CartItem
  readonly product: Product | null
  readonly plan: Plan | null
  readonly priced: PricedSelection | null
  readonly problem: Problem | null
  /** Days without payment; 0: none. */
  readonly trialDays: number
  readonly addons: readonly CartLine[]
}
export interface Renewal {
  readonly cycle: Cycle
  /** With tax, without coupons. */
  readonly total: Money
}
export interface PricedCart {
  readonly cart: Cart
  readonly lines: readonly CartLine[]
  readonly charge: PricedCharge
  readonly renewals: readonly Renewal[]
  /** Lines that stop the checkout. */
  readonly problems: number
  /** Changes with anything the customer would want to see again. */
  readonly fingerprint: string
}

export const allLines = (lines: readonly CartLine[]): CartLine[] => lines.flatMap((line) => [line, ...line.addons])

export async function priceCart(cart: Cart, customer: Customer | null, now: Date): Promise<PricedCart> {
  const lines = await pricedLines(cart, customer)
  const sold = allLines(lines).filter((line) => line.priced && line.problem?.kind !== 'currency')
  const facts = { userId: customer?.id ?? null, place: customer ? null : { country: cart.country, region: cart.region, postcode: cart.postcode }, currency: cart.currency, now }
  const charge = await priceLines({ ...facts, lines: sold.flatMap(firstCharges), codes: cart.codes })
  const renewals = await Promise.all([...new Set(sold.map((l) => l.plan!.billingCycle).filter(isRenewing))].map(async (cycle) => {
    const due = sold.filter((l) => l.plan!.billingCycle === cycle).map(recurringCharge)
    return { cycle, total: (await priceLines({ ...facts, lines: due })).total }
  }))
  return { cart, lines, charge, renewals, problems: allLines(lines).filter((l) => l.problem).length, fingerprint: fingerprintOf(cart, sold, charge) }
}

async function pricedLines(cart: Cart, customer: Customer | null): Promise<CartLine[]> {
  const items = await CartItem.ofCart(cart)
  const plans = new Map((await Plan.query().whereIn('id', items.map((i) => i.planId))).map((p) => [p.id, p]))
  const products = new Map((await Product.query().whereIn('id', [...plans.values()].flatMap((p) => p.productId ?? []))).map((p) => [p.id, p]))
  const wanted = new Map<number, number>()
  for (const item of items) {
    const id = plans.get(item.planId)?.productId ?? 0
    wanted.set(id, (wanted.get(id) ?? 0) + item.quantity)
  }
  const lineOf = async (item: CartItem, parent: CartItem | null): Promise<CartLine> => {
    const plan = plans.get(item.planId) ?? null
    const product = plan ? products.get(plan.productId ?? 0) ?? null : null
    const { priced, problem } = await priceItem(cart, item, plan, product, parent ? plans.get(parent.planId) ?? null : null, wanted.get(product?.id ?? 0) ?? 0)
    const own = product && plan ? await trialDaysFor(customer, product, plan) : 0
    return { item, plan, product, priced, problem, trialDays: own, addons: [] }
  }
  return Promise.all(items.filter((i) => i.parentId === null).map(async (item) => {
    const line = await lineOf(item, null)
    const addons = await Promise.all(items.filter((i) => i.parentId === item.id).map((i) => lineOf(i, item)))
    return { ...line, addons: addons.map((addon) => (followsPeriods(addon) ? { ...addon, trialDays: line.trialDays } : addon)) }
  }))
}

/** It is free as long as what it belongs to is. */
const followsPeriods = ({ product, plan }: CartLine): boolean => Boolean(product?.followsParent && plan && isRenewing(plan.billingCycle))

type Priced = Pick<CartLine, 'priced' | 'problem'>
const bad = (kind: Problem['kind'], text: string): Priced => ({ priced: null, problem: { kind, text } })

async function priceItem(cart: Cart, item: CartItem, plan: Plan | null, product: Product | null, parent: Plan | null, wanted: number): Promise<Priced> {
  if (!plan || !product || plan.status === 'retired' || product.status === 'retired') return bad('gone', 'This is not offered any more. Remove it to go on.')
  if (plan.currency !== cart.currency) return bad('currency', `This is not offered in ${cart.currency}. Remove it to go on.`)
  if (item.parentId !== null && !(parent && (await addonPlansOf(parent)).some((a) => a.plan.id === plan.id))) return bad('gone', 'This extra is not offered with it any more. Remove it to go on.')
  if (product.stockLeft !== null && product.stockLeft < wanted) return bad('sold-out', product.isSoldOut ? 'This is sold out at the moment. Remove it to go on.' : `Only ${product.stockLeft} left. Change the quantity to go on.`)
  try {
    const priced = await priceSelection(plan, item.selection)
    const same = priced.recurring.minor === item.seenRecurringMinor && priced.setup.minor === item.seenSetupMinor
    return { priced, problem: same ? null : { kind: 'price', text: 'The price has changed since you put this into your cart.' } }
  } catch (error) {
    if (!(error instanceof FormErrors)) throw error
    return bad('changed', `${error.message} Choose its options again, or remove it.`)
  }
}

const about = ({ item, product, plan }: CartLine) => ({ planId: plan!.id, productId: product!.id, serviceType: product!.serviceType, taxClass: product!.taxClass, key: `i${item.id}` })
const recurringCharge = (line: CartLine): ChargeLine => ({ ...about(line), key: `i${line.item.id}:recurring`, kind: 'recurring', amountMinor: line.priced!.recurring.minor })

/** What the first invoice will hold of it, in the order of firstLines(). */
function firstCharges(line: CartLine): ChargeLine[] {
  const setup = line.priced!.setup.minor
  const fee: ChargeLine[] = setup || line.trialDays ? [{ ...about(line), key: `i${line.item.id}:setup`, kind: 'setup', amountMinor: setup }] : []
  return line.trialDays ? fee : [recurringCharge(line), ...fee]
}

function fingerprintOf(cart: Cart, sold: readonly CartLine[], charge: PricedCharge): string {
  const items = sold.map((l) => [l.item.id, l.plan!.id, l.item.quantity, l.item.options, l.item.name, l.priced!.recurring.minor, l.priced!.setup.minor, l.trialDays])
  const sums = [charge.subtotal.minor, charge.discount.minor, charge.tax.minor, charge.total.minor, charge.applied, charge.notes]
  return createHash('sha256').update(JSON.stringify([cart.currency, items, sums])).digest('hex').slice(0, 40)
}
