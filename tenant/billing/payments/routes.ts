/** A customer's payment methods, paying an invoice, and the address where the gateway's events arrive. */
import { Router, type Request } from 'express'
import { OutsideError, Refusal } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { safePath } from '../../../shared/http/request.js'
import { inboundWebhook } from '../../../shared/payments/inbound-webhook.js'
import { requireUser, requireVerified, userOf } from '../../customers/guard.js'
import { Invoice } from '../invoices/invoice.js'
import { findSetup, settleSetup, startAddingMethod } from './add-payment-method.js'
import { removeMethod, setDefaultMethod } from './change-methods.js'
import { openAttemptOf } from './claim-attempt.js'
import { nextQuery, payForm, setupForm } from './forms.js'
import { methodsPage, payPage, removalPage, setupPage } from './pages.js'
import { payInvoice } from './pay-invoice.js'
import { PaymentMethod } from './payment-method.js'
import { webhookDesk } from './receive-webhook.js'
import { syncPayment } from './resolve-payment.js'

/** Raw bodies, no session, no CSRF: the signature is the proof. */
export const webhookRoutes = Router()
webhookRoutes.post('/webhooks/stripe/:accountPublicId', ...inboundWebhook(webhookDesk))

export const paymentRoutes = Router()
const home = '/payment-methods'
const byUser = (req: Request): string | null => (req.session.subjectId === null ? null : `user:${req.session.subjectId}`)
/** Thieves try card numbers in shops: few tries an hour for one account. */
const setupLimit = limit('payment-setup', { points: 12, seconds: 3600, by: byUser })
const payLimit = limit('payment', { points: 20, seconds: 3600, by: byUser })
const myMethod = (req: Request): Promise<PaymentMethod> => PaymentMethod.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id, status: 'active' })
const myInvoice = (req: Request): Promise<Invoice> => Invoice.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id })

/** `next`: where the customer was going when a card was missing. */
paymentRoutes.get(home, requireUser, (req, res) => methodsPage(req, res, userOf(req), safePath(query(nextQuery, req).next, home)))

paymentRoutes.post(`${home}/setup`, requireVerified, setupLimit, async (req, res) => {
  const { next } = form(setupForm, req)
  const setup = await startAddingMethod(userOf(req))
  redirect(req, res, `${home}/setup/${setup.id}?next=${encodeURIComponent(safePath(next, home))}`)
})

/** Also where the card form and the bank send the customer back to. A reload finds the card saved and goes on. */
paymentRoutes.get(`${home}/setup/:setupId`, requireVerified, async (req, res) => {
  const next = safePath(query(nextQuery, req).next, home)
  const open = await findSetup(userOf(req), String(req.params['setupId']))
  if (open.setup.status !== 'succeeded') return setupPage(req, res, open, next)
  const method = await settleSetup(open, userOf(req))
  redirect(req, res, next, { flash: method ? `${method.label} is saved.` : { kind: 'info', text: 'This card is not among your payment methods any more.' } })
})

paymentRoutes.put(`${home}/:publicId/default`, requireUser, async (req, res) => {
  const method = await myMethod(req)
  await setDefaultMethod(method)
  redirect(req, res, home, { flash: `${method.label} is now your default.` })
})

paymentRoutes.get(`${home}/:publicId/removal`, requireUser, async (req, res) => removalPage(req, res, await myMethod(req)))

paymentRoutes.delete(`${home}/:publicId`, requireUser, async (req, res) => {
  const method = await myMethod(req)
  const refusal = await removeMethod(method).then(() => null, (error: unknown) => {
    if (error instanceof Refusal) return error
    throw error
  })
  redirect(req, res, home, { flash: refusal ? { kind: 'bad', text: refusal.message } : `${method.label} is removed.` })
})

/** Also where the bank sends the customer back to: what it says in the address is not believed, the gateway is asked. */
paymentRoutes.get('/invoices/:publicId/payment', requireUser, async (req, res) => {
  const invoice = await myInvoice(req)
  const open = await openAttemptOf(invoice.id)
  if (open?.status === 'requires_action') await syncPayment(open).catch(tolerateSilence)
  await payPage(req, res, userOf(req), await myInvoice(req))
})

paymentRoutes.post('/invoices/:publicId/payment', requireVerified, payLimit, async (req, res) => {
  const invoice = await myInvoice(req)
  onFormErrors(res, (errors, input, status) => payPage(req, res, userOf(req), invoice, { errors, input, status }))
  const { method, after } = form(payForm, req)
  const { path, flash } = await payInvoice(userOf(req), invoice, method, after)
  redirect(req, res, path, { flash })
})

/** The gateway is silent: the page shows what we know. */
function tolerateSilence(error: unknown): void {
  if (!(error instanceof OutsideError)) throw error
}
