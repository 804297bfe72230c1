/**
 * Paying one invoice by the link of a letter, without signing in. The link opens this invoice and nothing else of the customer: a letter is forwarded easily, so
 * saved methods are neither shown nor charged here. Whoever has it pays with PayPal, or with a card that they enter now.
 */
import { Router, type Request } from 'express'
import { NotFound, OutsideError } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { clock } from '../../../shared/time/clock.js'
import { Customer } from '../../customers/customer.js'
import { Invoice } from '../invoices/invoice.js'
import { findSetup, settleSetup, startAddingMethod } from './methods/add-payment-method.js'
import { openAttemptOf } from './claim-attempt.js'
import { enteredQuery, payForm } from './forms.js'
import { emptyForm } from './methods/gateway-forms.js'
import { setupPage } from './methods/gateway-pages.js'
import { PaymentMethod } from './methods/payment-method.js'
import { guestPayPage, payDonePage } from './pages.js'
import { payInvoice } from './pay-invoice.js'
import { PayLink } from './pay-link.js'
import { Payment } from './payment.js'
import { syncPayment } from './resolve-payment.js'

export const payLinkRoutes = Router()
const byAddress = (req: Request): string => `ip:${req.ip ?? ''}`
/** Guessing a link is hopeless anyway; thieves try card numbers. */
const lookLimit = limit('pay-link', { points: 120, seconds: 3600, by: byAddress })
const payLimit = limit('pay-link-payment', { points: 20, seconds: 3600, by: byAddress })

interface Opened { token: string; since: Date; invoice: Invoice; customer: Customer }
async function opened(req: Request): Promise<Opened> {
  const token = String(req.params['token'])
  const link = await PayLink.open(token, clock.now())
  return { token, since: link.createdAt, invoice: await Invoice.findOwned({ id: link.invoiceId, userId: link.userId }), customer: await Customer.findOwned({ id: link.userId, status: 'active' }) }
}

/** A card that was entered by this link: its unguessable name came back with the setup, and it is younger than the link. Null: none. */
async function enteredCard({ since, customer }: Opened, publicId: string | undefined): Promise<PaymentMethod | null> {
  const method = publicId && /^[a-z0-9]{20}$/.test(publicId) ? await PaymentMethod.query().findOne({ publicId, userId: customer.id, status: 'active' }) : undefined
  return method && method.createdAt > since ? method : null
}

const quietly = (payment: Payment): Promise<Payment> => syncPayment(payment).catch((error: unknown) => {
  if (error instanceof OutsideError) return payment // the gateway is silent: the page shows what we know
  throw error
})

/** How a payment stands, for whoever came back from the bank. */
payLinkRoutes.get('/pay/done/:attempt', lookLimit, async (req, res) => {
  const payment = await Payment.query().findOne({ publicId: String(req.params['attempt']), purpose: 'invoice' })
  if (!payment) throw new NotFound('payment')
  await payDonePage(req, res, payment.isOpen ? await quietly(payment) : payment)
})

payLinkRoutes.get('/pay/:token', lookLimit, async (req, res) => {
  const link = await opened(req)
  const { token, invoice, customer } = link
  const open = await openAttemptOf(invoice.id)
  if (open?.status === 'requires_action') await quietly(open)
  await guestPayPage(req, res, customer, await Invoice.findOwned({ id: invoice.id }), token, await enteredCard(link, query(enteredQuery, req).card))
})

payLinkRoutes.post('/pay/:token', payLimit, async (req, res) => {
  const link = await opened(req)
  const { token, invoice, customer } = link
  const typed = (req.body ?? {}) as { method?: unknown }
  const card = await enteredCard(link, typeof typed.method === 'string' ? typed.method : undefined)
  onFormErrors(res, (errors, input, status) => guestPayPage(req, res, customer, invoice, token, card, { errors, input, status }))
  const { method, after } = form(payForm, req)
  if (method !== 'paypal' && !card) throw new NotFound('payment method')
  const { path, flash } = await payInvoice(customer, invoice, method, after, { here: `/pay/${token}`, done: `/pay/${token}` })
  redirect(req, res, path, { flash })
})

/** A card is added on the way: it is kept for this customer, as on their own page. */
payLinkRoutes.post('/pay/:token/setup', payLimit, async (req, res) => {
  form(emptyForm, req)
  const { token, customer } = await opened(req)
  const setup = await startAddingMethod(customer, 'stripe')
  redirect(req, res, `/pay/${token}/setup/${setup.id}`)
})

payLinkRoutes.get('/pay/:token/setup/:setupId', lookLimit, async (req, res) => {
  const { token, customer } = await opened(req)
  const found = await findSetup(customer, String(req.params['setupId']))
  const here = `/pay/${token}`
  if (found.setup.status !== 'succeeded') return setupPage(req, res, found, here, `${here}/setup/${found.setup.id}`)
  const method = await settleSetup(found, customer)
  redirect(req, res, method ? `${here}?card=${method.publicId}` : here, { flash: method ? `${method.label} is saved. You can pay with it now.` : { kind: 'info', text: 'This card was not saved. Try another one.' } })
})
