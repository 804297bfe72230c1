/** Whose cart is this? A guest's follows the browser by a cookie; once they have signed in (or up), it becomes part of their account's. */
import type { Request, Response } from 'express'
import { isDuplicate } from '../../shared/database/database-busy.js'
import { clearCookie, readCookie, setCookie } from '../../shared/http/cookies.js'
import { hashToken, newPublicId, newToken } from '../../shared/security/token.js'
import { userOrNull } from '../customers/guard.js'
import { mayChooseCurrency } from './cart-currency.js'
import { Cart } from './cart.js'
import { followCurrency, mergeCart } from './merge-cart.js'

const cookie = 'cart'
const cookieDays = 60

async function guestCart(req: Request): Promise<Cart | null> {
  const token = readCookie(req, cookie)
  return token ? (await Cart.query().findOne({ tokenHash: hashToken(token) })) ?? null : null
}

/** Null: nothing was put into it yet. A guest's cart is taken over by the customer who signed in with this browser. */
export async function findCart(req: Request, res: Response): Promise<Cart | null> {
  const [customer, left] = [userOrNull(req), await guestCart(req)]
  if (!customer) return left
  if (left) await mergeCart(left, customer)
  if (readCookie(req, cookie)) clearCookie(res, cookie)
  const own = await Cart.query().findOne({ userId: customer.id })
  if (own && own.currency !== customer.currency && !(await mayChooseCurrency(customer))) return followCurrency(own, customer.currency)
  return own ?? null
}

/** Makes one when there is none. `currency`: of what is about to be put in. */
export async function openCart(req: Request, res: Response, currency: string): Promise<Cart> {
  const found = await findCart(req, res)
  if (found) return found
  const customer = userOrNull(req)
  const fresh = { publicId: newPublicId(), checkoutKey: newPublicId(), currency, codes: [] }
  if (customer) return customersCart(customer.id, fresh)
  const token = newToken()
  setCookie(res, cookie, token, cookieDays * 86_400)
  return Cart.query().insertAndFetch({ ...fresh, tokenHash: hashToken(token) })
}

async function customersCart(userId: number, fresh: Partial<Cart>): Promise<Cart> {
  try {
    return await Cart.query().insertAndFetch({ ...fresh, userId })
  } catch (error) {
    if (!isDuplicate(error)) throw error
    return Cart.findOwned({ userId })
  }
}
