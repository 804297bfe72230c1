/** The cart: open to guests. Everything sent is a choice; what it costs is answered. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../catalog/plan.js'
import { productPage } from '../catalog/product-page.js'
import { Product } from '../catalog/product.js'
import { readAddons, readSelection } from '../catalog/read-selection.js'
import { userOrNull } from '../customers/guard.js'
import { KASM } from '../kasm/driver.js'
import { currencyFor } from './cart-currency.js'
import { cartPage, itemPage } from './cart-pages.js'
import type { Cart } from './cart.js'
import { addCode, addToCart, changeItem, choosePlace, confirmPrices, itemOf, removeCode, removeItem } from './change-cart.js'
import { findCart, openCart } from './find-cart.js'
import { codeForm, emptyForm, itemChangeForm, itemForm, placeForm, seenForm, splitChoices } from './forms.js'
import { priceCart } from './price-cart.js'

export const cartRoutes = Router()
const who = (req: Request): string | null => (userOrNull(req) ? `user:${userOrNull(req)!.id}` : req.ip ?? null)
const often = limit('cart', { points: 300, seconds: 3600, by: who })
/** Codes are guessed: few tries. */
const codeLimit = limit('cart-code', { points: 20, seconds: 3600, by: who })
const param = (req: Request, name: string): string => String(req.params[name])

type Shown = { errors?: Readonly<Record<string, string>>; input?: Readonly<Record<string, unknown>>; status?: number }
async function show(req: Request, res: Response, shown: Shown = {}): Promise<void> {
  const customer = userOrNull(req)
  const cart = await findCart(req, res)
  page(req, res, 'tenant/ordering/cart', await cartPage(cart, customer, clock.now(), shown), { title: 'Your cart', status: shown.status ?? 200 })
}
const again = (req: Request, res: Response): void => onFormErrors(res, (errors, input, status) => show(req, res, { errors, input, status }))

async function mine(req: Request, res: Response): Promise<Cart> {
  const cart = await findCart(req, res)
  if (!cart) throw new NotFound('cart item')
  return cart
}

cartRoutes.get('/cart', (req, res) => show(req, res))

/** From a product's page. A workspace is charged by the hour and has its own order page. */
cartRoutes.post('/cart/items', often, async (req, res) => {
  const sent = { ...(req.body as Record<string, unknown> | undefined) }
  onFormErrors(res, (errors, input, status) => showChoices(req, res, sent, { errors, input, status }))
  const { choices, rest } = splitChoices(req.body)
  req.body = rest
  const wish = form(itemForm, req)
  const customer = userOrNull(req)
  const known = await Plan.query().findOne({ publicId: wish.plan })
  const plan = await Plan.chosen(wish.plan, await currencyFor(customer, known?.currency ?? currentTenant().currency))
  if (plan.serviceType === KASM || plan.isMetered) return redirect(req, res, `/order/${plan.slug}`)
  const fields = { ...choices, quantity: wish.quantity }
  const selection = await readSelection(plan, fields)
  const cart = await openCart(req, res, plan.currency)
  await addToCart(cart, { plan, selection, name: wish.name, addons: readAddons(fields) })
  redirect(req, res, '/cart', { flash: `${plan.name} is in your cart.` })
})

/** What was typed, on the product's own page; a product that is not on offer leaves the cart. */
async function showChoices(req: Request, res: Response, sent: Record<string, unknown>, shown: Required<Shown>): Promise<void> {
  const customer = userOrNull(req)
  const plan = typeof sent['plan'] === 'string' ? await Plan.query().findOne({ publicId: sent['plan'] }).whereNot('status', 'retired') : undefined
  const product = plan ? await Product.query().findById(plan.productId ?? 0).whereNot('status', 'retired') : undefined
  const data = plan && product ? await productPage(product, { currency: plan.currency, locale: customer?.locale ?? currentTenant().locale, fields: sent, errors: shown.errors, customer }) : null
  if (!data) return show(req, res, shown)
  page(req, res, 'tenant/catalog/product', { ...data, name: product!.name, others: [] }, { title: product!.name, status: shown.status })
}

cartRoutes.get('/cart/items/:publicId', async (req, res) => {
  const cart = await mine(req, res)
  page(req, res, 'tenant/ordering/cart-item', await itemPage(cart, await itemOf(cart, param(req, 'publicId'))), { title: 'Change item' })
})

cartRoutes.put('/cart/items/:publicId', often, async (req, res) => {
  const cart = await mine(req, res)
  const item = await itemOf(cart, param(req, 'publicId'))
  const { choices, rest } = splitChoices(req.body)
  req.body = rest
  onFormErrors(res, async (errors, input, status) => page(req, res, 'tenant/ordering/cart-item', await itemPage(cart, item, { ...choices, ...input }, errors), { title: 'Change item', status }))
  const { quantity, name } = form(itemChangeForm, req)
  const plan = await Plan.findOwned({ id: item.planId })
  await changeItem(cart, item, await readSelection(plan, { ...choices, quantity }), name)
  redirect(req, res, '/cart')
})

cartRoutes.delete('/cart/items/:publicId', often, async (req, res) => {
  form(emptyForm, req)
  const cart = await mine(req, res)
  const item = await itemOf(cart, param(req, 'publicId'))
  await removeItem(cart, item)
  redirect(req, res, '/cart', { flash: `${item.name} is removed.` })
})

/** The customer says yes to changed prices; bound to what was shown. */
cartRoutes.post('/cart/confirmation', often, async (req, res) => {
  again(req, res)
  const { seen } = form(seenForm, req)
  const priced = await priceCart(await mine(req, res), userOrNull(req), clock.now())
  if (priced.fingerprint !== seen) return redirect(req, res, '/cart', { flash: { kind: 'bad', text: 'Something has changed again. Please look once more.' } })
  await confirmPrices(priced)
  redirect(req, res, '/cart')
})

cartRoutes.post('/cart/codes', codeLimit, async (req, res) => {
  again(req, res)
  const { code } = form(codeForm, req)
  await addCode(await mine(req, res), code)
  redirect(req, res, '/cart')
})

cartRoutes.delete('/cart/codes/:code', often, async (req, res) => {
  form(emptyForm, req)
  await removeCode(await mine(req, res), param(req, 'code'))
  redirect(req, res, '/cart')
})

/** Guests say where they live, for the tax. */
cartRoutes.put('/cart/place', often, async (req, res) => {
  again(req, res)
  await choosePlace(await mine(req, res), form(placeForm, req))
  redirect(req, res, '/cart')
})
