import { tenantTransaction } from '../../shared/database/transaction.js'
import { isDuplicate } from '../../shared/database/database-busy.js'
import { record } from '../../shared/events/record.js'
import { Plan } from '../catalog/plan.js'
import type { Customer } from '../customers/customer.js'
import { mayChooseCurrency } from './cart-currency.js'
import { Cart, CartItem } from './cart.js'

/**
 * A guest's cart becomes the customer's: items are added to what is there, nothing is lost, nothing is doubled by a second request. Items priced in another
 * currency than the customer's are exchanged for the same product and cycle in theirs; where there is none, the cart says so.
 */
export async function mergeCart(guest: Cart, customer: Customer): Promise<void> {
  const free = await mayChooseCurrency(customer)
  const once = () => tenantTransaction(async () => {
    const left = await Cart.query().findById(guest.id).forUpdate()
    if (!left || left.userId !== null) return
    const own = await Cart.query().findOne({ userId: customer.id }).forUpdate()
    const held = own ? await CartItem.query().where({ cartId: own.id }).resultSize() : 0
    const currency = !free ? customer.currency : own && held > 0 ? own.currency : left.currency
    await exchange(left, currency)
    if (own) await pourInto(own, left, currency)
    else await Cart.query().patch({ userId: customer.id, tokenHash: null, currency }).where({ id: left.id })
    await record('cart.merged', left, { items: held }, { userId: customer.id })
  })
  await once().catch((error: unknown) => {
    if (isDuplicate(error)) return once()
    throw error
  })
}

/** The customer has ordered in another currency since this cart was begun: it follows. */
export async function followCurrency(cart: Cart, currency: string): Promise<Cart> {
  return tenantTransaction(async () => {
    await exchange(cart, currency)
    return cart.$query().patchAndFetch({ currency })
  })
}

async function pourInto(own: Cart, left: Cart, currency: string): Promise<void> {
  await CartItem.query().patch({ cartId: own.id }).where({ cartId: left.id })
  await Cart.query().patch({ codes: [...new Set([...own.codes, ...left.codes])], currency }).where({ id: own.id })
  await Cart.query().delete().where({ id: left.id })
}

async function exchange(cart: Cart, currency: string): Promise<void> {
  for (const item of await CartItem.ofCart(cart)) {
    const plan = await Plan.query().findById(item.planId)
    if (!plan || plan.currency === currency) continue
    const same = await Plan.query().findOne({ productId: plan.productId, billingCycle: plan.billingCycle, currency, status: 'active' })
    if (same) await CartItem.query().patch({ planId: same.id }).where({ id: item.id })
  }
}
