/** Review, agree, order; and what became of an order. */
import { Router, type Request, type Response } from 'express'
import { applyPaging, parsePaging } from '../../shared/database/paging.js'
import { FormErrors, OutsideError, Refusal, refusalIn } from '../../shared/errors.js'
import type { Flash } from '../../shared/http/flash.js'
import { form } from '../../shared/http/form.js'
import { fragment, onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { clock } from '../../shared/time/clock.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { payInvoice } from '../billing/payments/pay-invoice.js'
import { taxAdvice } from '../billing/tax/number-in-words.js'
import { requireUser, requireVerified, userOf } from '../customers/guard.js'
import { saveBuyer } from './billing-address.js'
import { checkOut } from './check-out.js'
import { checkoutPage } from './checkout-pages.js'
import { closeOrder } from './close-order.js'
import { findCart } from './find-cart.js'
import { addressForm, checkoutForm, emptyForm } from './forms.js'
import { orderList, ordersCsv, orderPage, termsPage } from './order-pages.js'
import { Order } from './order.js'

export const checkoutRoutes = Router()
const often = limit('checkout', { points: 40, seconds: 3600, by: (req) => `user:${userOf(req).id}` })

type Shown = { errors?: Readonly<Record<string, string>>; input?: Readonly<Record<string, unknown>>; status?: number; address?: boolean }
async function show(req: Request, res: Response, shown: Shown = {}): Promise<void> {
  const data = await checkoutPage(await findCart(req, res), userOf(req), clock.now(), { ...shown, address: shown.address ?? req.query['step'] === 'address' })
  if (!data) return redirect(req, res, '/cart')
  page(req, res, 'tenant/ordering/checkout', data, { title: 'Review your order', status: shown.status ?? 200 })
}

checkoutRoutes.get('/checkout', requireVerified, (req, res) => show(req, res))

checkoutRoutes.put('/checkout/address', requireVerified, often, async (req, res) => {
  onFormErrors(res, (errors, input, status) => show(req, res, { errors, input, status, address: true }))
  const input = form(addressForm, req)
  await saveBuyer(userOf(req), input).catch((error: unknown) => {
    throw error instanceof FormErrors ? new FormErrors(error.fields, input) : error
  })
  redirect(req, res, '/checkout')
})

/** What the register says of the tax number, while we wait; the review anew once it has answered. */
checkoutRoutes.get('/checkout/tax-number', requireVerified, async (req, res) => {
  const tax = await taxAdvice(userOf(req), clock.now())
  if (!tax?.waiting) return redirect(req, res, '/checkout')
  fragment(req, res, 'tenant/ordering/_tax-number', { tax })
})

checkoutRoutes.post('/checkout', requireVerified, often, async (req, res) => {
  onFormErrors(res, (errors, input, status) => show(req, res, { errors, input, status }))
  const agreed = form(checkoutForm, req)
  const agreement = { checkoutKey: agreed.checkout_key, seen: agreed.seen, termsVersion: agreed.terms_version }
  const { order, isNew } = await checkOut(userOf(req), await findCart(req, res), agreement)
  const { path, flash } = await nextAfter(req, order, isNew ? agreed.pay : 'later')
  redirect(req, res, path, flash ? { flash } : {})
})

/** With a saved method it is paid at once; a refusal of the bank is said on the payment page, where another can be chosen. The order stands either way. */
async function nextAfter(req: Request, order: Order, pay: string): Promise<{ path: string; flash?: Flash }> {
  const invoice = order.invoiceId === null ? null : await Invoice.findOwned<Invoice>({ id: order.invoiceId })
  if (!invoice || invoice.refusalToPay()) return { path: `/orders/${order.publicId}` }
  const path = `/invoices/${invoice.publicId}/payment`
  if (pay === 'later') return { path }
  try {
    const result = await payInvoice(userOf(req), invoice, pay, 0)
    return result.path === `/invoices/${invoice.publicId}` ? { path: `/orders/${order.publicId}`, flash: result.flash } : result
  } catch (error) {
    if (error instanceof Refusal) return { path, flash: { kind: 'bad', text: error.message } }
    if (error instanceof OutsideError) return { path }
    throw error
  }
}

checkoutRoutes.get('/orders', requireUser, async (req, res) => {
  const paging = parsePaging(req.query, { sortable: { placed: 'orders.created_at', total: 'orders.total_minor' }, default: '-placed' })
  const paged = await applyPaging(Order.query().where({ userId: userOf(req).id }), paging)
  page(req, res, 'tenant/ordering/orders', await orderList(paged, clock.now()), { title: 'Orders' })
})

/** More are not given at once: the newest. */
const mostExported = 20_000

checkoutRoutes.get('/orders.csv', requireUser, async (req, res) => {
  const csv = await ordersCsv(await Order.query().where({ userId: userOf(req).id }).orderBy('id', 'desc').limit(mostExported))
  res.type('text/csv').attachment('orders.csv').set('cache-control', 'private, no-store').send(csv)
})

const mine = (req: Request): Promise<Order> => Order.findOwned<Order>({ publicId: String(req.params['publicId']), userId: userOf(req).id })

checkoutRoutes.get('/orders/:publicId', requireUser, async (req, res) => {
  page(req, res, 'tenant/ordering/order-page', await orderPage(await mine(req), userOf(req)), { title: 'Your order' })
})

checkoutRoutes.get('/orders/:publicId/cancellation', requireUser, async (req, res) => {
  const order = await mine(req)
  if (order.refusalToClose()) return redirect(req, res, `/orders/${order.publicId}`)
  page(req, res, 'tenant/ordering/cancel-order', { order: { publicId: order.publicId } }, { title: 'Cancel this order?' })
})

checkoutRoutes.post('/orders/:publicId/cancellation', requireUser, often, async (req, res) => {
  form(emptyForm, req)
  const order = await mine(req)
  const refusal = await refusalIn(() => closeOrder(order, 'cancelled'))
  redirect(req, res, `/orders/${order.publicId}`, { flash: refusal ? { kind: 'bad', text: refusal.message } : 'Your order is cancelled. Nothing is to be paid.' })
})

checkoutRoutes.get('/terms', async (req, res) => page(req, res, 'tenant/ordering/terms', await termsPage(), { title: 'Terms' }))
