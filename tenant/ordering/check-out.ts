/** A cart becomes an order. Repeatable: the same checkout key answers the same order, also when the first answer was lost. */
import { Refusal } from '../../shared/errors.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import type { Customer } from '../customers/customer.js'
import { missingInAddress } from './billing-address.js'
import { bookOrder, refuseUnverified, type BookedItem } from './book-order.js'
import { Cart, CartItem } from './cart.js'
import { terms } from './order-rules.js'
import { Order } from './order.js'
import { priceCart, type CartLine } from './price-cart.js'

export interface Agreement {
  /** Of the cart, as the page carried it. */
  readonly checkoutKey: string
  /** Fingerprint of the cart as it was shown. */
  readonly seen: string
  readonly termsVersion: number
}

/**
 * Throws Refusal: `cart.changed` (another cart, or another price, than was shown), `order.address`, `order.terms`, and what bookOrder() refuses. Nothing is ordered then.
 * `isNew` is false for the answer to a repeated click.
 */
export async function checkOut(customer: Customer, cart: Cart | null, agreement: Agreement, now = clock.now()): Promise<{ order: Order; isNew: boolean }> {
  const key = Order.keyFor(customer.id, agreement.checkoutKey)
  const earlier = await Order.query().findOne({ checkoutKey: key, userId: customer.id })
  if (earlier) return { order: earlier, isNew: false }
  refuseUnverified(customer)
  if (!cart || cart.checkoutKey !== agreement.checkoutKey) throw new Refusal('cart.changed', 'Your cart has changed since this page was opened. Here is how it stands.')
  const priced = await priceCart(cart, customer, now)
  if (priced.lines.length === 0) throw new Refusal('cart.empty', 'Your cart is empty.')
  if (priced.problems > 0 || priced.fingerprint !== agreement.seen) throw new Refusal('cart.changed', 'Something in your cart has changed since you saw it. Look at it again, then order.')
  if (missingInAddress(customer).length) throw new Refusal('order.address', 'Complete your billing address before you order.')
  if ((await terms.read()).version !== agreement.termsVersion) throw new Refusal('order.terms', 'The terms have changed since this page was opened. Please read and accept them again.')
  const order = await bookOrder({
    customer, key, currency: cart.currency, items: priced.lines.map(bookedItem), codes: priced.charge.applied, termsVersion: agreement.termsVersion, agreed: priced.charge.total,
    detail: { source: 'cart', seen: agreement.seen }, also: () => emptyCart(cart),
  }, now)
  return { order, isNew: true }
}

/** A cart with its own problems never comes here: every line is priced. */
const bookedItem = (line: CartLine): BookedItem => ({ priced: line.priced!, name: line.item.name, trial: line.trialDays > 0, addons: line.addons.map(bookedItem) })

/** Ready for the next order: the key that made this one is used up. */
async function emptyCart(cart: Cart): Promise<void> {
  await CartItem.query().delete().where({ cartId: cart.id })
  await Cart.query().patch({ checkoutKey: newPublicId(), codes: [] }).where({ id: cart.id })
}
