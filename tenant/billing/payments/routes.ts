/** Paying an invoice. Payment methods and the gateways' events: gateway-routes.ts. */
import { Router, type Request } from 'express'
import { OutsideError } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { requireUser, requireVerified, userOf } from '../../customers/guard.js'
import { Invoice } from '../invoices/invoice.js'
import { openAttemptOf } from './claim-attempt.js'
import { payForm } from './forms.js'
import { payPage } from './pages.js'
import { payInvoice } from './pay-invoice.js'
import { syncPayment } from './resolve-payment.js'

export const paymentRoutes = Router()
const byUser = (req: Request): string | null => (req.session.subjectId === null ? null : `user:${req.session.subjectId}`)
const payLimit = limit('payment', { points: 20, seconds: 3600, by: byUser })
const myInvoice = (req: Request): Promise<Invoice> => Invoice.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id })

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
