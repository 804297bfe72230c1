/**
 * What somebody means to buy. A guest's cart is found by a random token in a cookie (only its hash is stored), a customer's by their account. It holds choices,
 * never prices: those are computed from the catalogue on every view. The amounts an item was last shown with are kept only to say when they have changed.
 */
import { TenantModel } from '../../shared/database/tenant-model.js'
import type { ChosenOption, Selection } from '../catalog/price-selection.js'

/** More than any honest cart holds. */
export const mostItems = 30

export class Cart extends TenantModel {
  static override tableName = 'carts'
  static override jsonAttributes = ['codes']
  declare id: number
  declare publicId: string
  declare tokenHash: string | null
  declare userId: number | null
  /** Makes one order of however many clicks; a new one when the cart has become an order. */
  declare checkoutKey: string
  declare currency: string
  /** Where a guest says to live, for the tax. Customers have their address. */
  declare country: string | null
  declare region: string | null
  declare postcode: string | null
  /** Coupon codes as typed, in capitals. */
  declare codes: string[]
  declare createdAt: Date
  declare updatedAt: Date
}

export class CartItem extends TenantModel {
  static override tableName = 'cart_items'
  static override jsonAttributes = ['options']
  declare id: number
  declare publicId: string
  declare cartId: number
  /** An add-on hangs on the item it is for. */
  declare parentId: number | null
  declare planId: number
  declare quantity: number
  declare options: ChosenOption[]
  /** The customer's name for the service. */
  declare name: string
  /** What it cost when the customer last said yes to it. */
  declare seenRecurringMinor: number
  declare seenSetupMinor: number
  declare createdAt: Date
  declare updatedAt: Date

  get selection(): Selection {
    return { quantity: this.quantity, options: this.options }
  }

  static ofCart(cart: Pick<Cart, 'id'>): Promise<CartItem[]> {
    return CartItem.query().where({ cartId: cart.id }).orderBy('id').execute()
  }
}
