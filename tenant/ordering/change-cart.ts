/** What a buyer does to a cart. Choices are checked against the catalogue before they are kept; prices are never taken from the browser. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { FormErrors, NotFound } from '../../shared/errors.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { addonPlansOf } from '../catalog/offered.js'
import { Plan } from '../catalog/plan.js'
import { priceSelection, type PricedSelection, type Selection } from '../catalog/price-selection.js'
import { Product } from '../catalog/product.js'
import type { PlaceChoice } from './forms.js'
import { Cart, CartItem, mostItems } from './cart.js'
import { allLines, type PricedCart } from './price-cart.js'

/** Most codes a cart keeps; which of them go together is for the coupons to say. */
const mostCodes = 5

export interface Wish {
  readonly plan: Plan
  readonly selection: Selection
  /** Absent: the product's name. */
  readonly name?: string | undefined
  /** Public ids of add-on plans bought with it. */
  readonly addons: readonly string[]
}

/** Throws FormErrors for choices that are not on offer, an unknown add-on, a full cart, or another currency than the cart's. */
export async function addToCart(cart: Cart, wish: Wish): Promise<CartItem> {
  const priced = await priceSelection(wish.plan, wish.selection)
  assertSold(priced.product)
  const addons = await chosenAddons(wish)
  return tenantTransaction(async () => {
    const current = await Cart.query().findById(cart.id).forUpdate().throwIfNotFound()
    const held = await CartItem.query().where({ cartId: cart.id }).resultSize()
    if (held + 1 + addons.length > mostItems) throw new FormErrors({ form: `A cart holds at most ${mostItems} items. Order these first.` })
    if (held === 0) await Cart.query().patch({ currency: wish.plan.currency }).where({ id: cart.id })
    else if (current.currency !== wish.plan.currency) throw new FormErrors({ plan: `Your cart is in ${current.currency}. Choose a price in that currency, or empty your cart first.` })
    const item = await insert(cart, priced, wish.name ?? priced.product.name, null)
    for (const addon of addons) await insert(cart, addon, addon.product.name, item.id)
    await touch(cart)
    return item
  })
}

function assertSold(product: Product): void {
  if (product.kind === 'addon') throw new FormErrors({ plan: 'This is bought together with something else.' })
  if (product.isSoldOut) throw new FormErrors({ plan: `${product.name} is sold out at the moment.` })
}

async function chosenAddons({ plan, addons }: Wish): Promise<PricedSelection[]> {
  if (addons.length === 0) return []
  const offered = await addonPlansOf(plan)
  return Promise.all(addons.map((publicId) => {
    const addon = offered.find((o) => o.plan.publicId === publicId)
    if (!addon) throw new FormErrors({ addons: 'One of these extras is not offered with this plan. Please choose again.' })
    return priceSelection(addon.plan, { quantity: 1, options: [] })
  }))
}

const insert = (cart: Cart, priced: PricedSelection, name: string, parentId: number | null): Promise<CartItem> => CartItem.query().insertAndFetch({
  publicId: newPublicId(), cartId: cart.id, parentId, planId: priced.plan.id, quantity: priced.selection.quantity, options: [...priced.selection.options], name: name.slice(0, 60),
  seenRecurringMinor: priced.recurring.minor, seenSetupMinor: priced.setup.minor,
}).execute()

/** The item in this cart; NotFound for anybody else's. */
export const itemOf = (cart: Cart | null, publicId: string): Promise<CartItem> => {
  if (!cart) throw new NotFound('cart item')
  return CartItem.findOwned({ publicId, cartId: cart.id })
}

/** Other choices for an item, seen with their price. Throws FormErrors by field. */
export async function changeItem(cart: Cart, item: CartItem, selection: Selection, name: string | undefined): Promise<void> {
  const plan = await Plan.query().findById(item.planId).throwIfNotFound()
  const priced = await priceSelection(plan, selection)
  await item.$query().patch({ quantity: selection.quantity, options: [...selection.options], ...(name ? { name } : {}), seenRecurringMinor: priced.recurring.minor, seenSetupMinor: priced.setup.minor })
  await touch(cart)
}

/** With its add-ons. Repeatable. */
export async function removeItem(cart: Cart, item: CartItem): Promise<void> {
  await CartItem.query().delete().where({ id: item.id })
  await touch(cart)
}

/** The customer says yes to the prices they were shown: `priced` must be what they saw. */
export async function confirmPrices(priced: PricedCart): Promise<void> {
  for (const { item, priced: now } of allLines(priced.lines)) if (now) await item.$query().patch({ seenRecurringMinor: now.recurring.minor, seenSetupMinor: now.setup.minor })
}

/** Throws FormErrors for a code that is there already. Whether it counts, the priced cart says. */
export async function addCode(cart: Cart, code: string): Promise<void> {
  const wanted = code.toUpperCase()
  if (cart.codes.includes(wanted)) throw new FormErrors({ code: 'This code is in your cart already.' }, { code })
  if (cart.codes.length >= mostCodes) throw new FormErrors({ code: 'These are too many codes. Remove one first.' }, { code })
  await cart.$query().patch({ codes: [...cart.codes, wanted] })
}

export const removeCode = async (cart: Cart, code: string): Promise<void> => {
  await cart.$query().patch({ codes: cart.codes.filter((c) => c !== code) })
}

export const choosePlace = async (cart: Cart, place: PlaceChoice): Promise<void> => {
  await cart.$query().patch({ country: place.country, region: place.region ?? null, postcode: place.postcode ?? null })
}

const touch = (cart: Cart): Promise<number> => Cart.query().patch({ updatedAt: clock.now() }).where({ id: cart.id }).execute()
