/** Paying invoices: one, all, or by the link of a letter; and automatic top-ups. Payment methods and the gateways' events: gateway-routes.ts. */
import { Router, type Request } from 'express'
import { FormErrors, NotFound, OutsideError } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { requireUser, requireVerified, userOf, userOrNull } from '../../customers/guard.js'
import { Invoice } from '../invoices/invoice.js'
import { openAttemptOf } from './claim-attempt.js'
import { attemptQuery, autoTopUpForm, chosenQuery, payAllForm, payForm, readAmounts } from './forms.js'
import { autoTopUpPage, payAllPage, payPage } from './pages.js'
import { payAll, payableTogether } from './pay-all.js'
import { payInvoice, sourceOf, told } from './pay-invoice.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'
import { syncPayment } from './resolve-payment.js'
import { emptyForm } from './methods/gateway-forms.js'
import { endAutoTopUp, setAutoTopUp } from './top-ups/set-auto-top-up.js'

export const paymentRoutes = Router()
const byUser = (req: Request): string | null => (req.session.subjectId === null ? null : `user:${req.session.subjectId}`)
const payLimit = limit('payment', { points: 20, seconds: 3600, by: byUser })
const myInvoice = (req: Request): Promise<Invoice> => Invoice.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id })

/** Whoever paid by a link of ours comes back from the bank without being signed in: the attempt's unguessable name leads to how it stands. */
paymentRoutes.get('/invoices/:publicId/payment', async (req, res, next) => {
  const { attempt } = query(attemptQuery, req)
  if (!userOrNull(req) && attempt && /^[a-z0-9]{20}$/.test(attempt)) return redirect(req, res, `/pay/done/${attempt}`)
  next()
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

const myOpen = async (req: Request): Promise<Payment | null> => {
  const open = await Payment.query().where({ userId: userOf(req).id, purpose: 'invoice' }).whereNull('invoiceId').whereIn('status', ['pending', 'requires_action', 'processing', 'unknown']).first()
  return open?.status === 'requires_action' ? syncPayment(open).catch((error: unknown) => (tolerateSilence(error), open)) : open ?? null
}

/** Also where the bank sends the customer back to. */
paymentRoutes.get('/pay-all', requireUser, async (req, res) => {
  const open = await myOpen(req)
  await payAllPage(req, res, userOf(req), query(chosenQuery, req).chosen?.split('.') ?? null, open?.isOpen ? open : null)
})

paymentRoutes.post('/pay-all', requireVerified, payLimit, async (req, res) => {
  const customer = userOf(req)
  onFormErrors(res, (errors, input, status) => payAllPage(req, res, customer, null, null, { errors, input, status }))
  const input = form(payAllForm, req)
  const chosen = (await payableTogether(customer.id, customer.currency)).filter((i) => input.invoice.includes(i.publicId))
  const sum = chosen.reduce((minor, i) => minor + i.balance.minor, 0)
  const again = await Payment.query().where({ userId: customer.id }).where('idempotencyKey', 'like', `%:${input.formKey}`).first()
  if (!again && sum !== input.total) return redirect(req, res, `/pay-all?chosen=${chosen.map((i) => i.publicId).join('.')}`, { flash: { kind: 'info', text: 'The total has changed. Look at it, then pay.' } })
  const outcome = await payAll(customer, chosen.map((i) => i.id), await sourceOf(customer, input.method), input.formKey)
  const { path, flash } = told(outcome, { here: '/pay-all', done: '/invoices' })
  redirect(req, res, path, { flash })
})

paymentRoutes.get('/credit/auto-top-up', requireUser, (req, res) => autoTopUpPage(req, res, userOf(req)))

paymentRoutes.put('/credit/auto-top-up', requireVerified, payLimit, async (req, res) => {
  const customer = userOf(req)
  onFormErrors(res, (errors, input, status) => autoTopUpPage(req, res, customer, { errors, input, status }))
  const input = form(autoTopUpForm, req)
  const { amounts, faults } = readAmounts(input, ['threshold', 'amount', 'monthlyCap'], customer.currency)
  if (Object.keys(faults).length) throw new FormErrors(faults as Record<string, string>, input)
  const method = await PaymentMethod.query().findOne({ publicId: input.method, userId: customer.id, status: 'active' })
  if (!method) throw new NotFound('payment method')
  await setAutoTopUp(customer, { ...amounts, method }).catch((error: unknown) => {
    throw error instanceof FormErrors ? new FormErrors(error.fields, input) : error
  })
  redirect(req, res, '/credit/auto-top-up', { flash: 'Automatic top-up is on.' })
})

paymentRoutes.delete('/credit/auto-top-up', requireUser, async (req, res) => {
  form(emptyForm, req)
  await endAutoTopUp(userOf(req))
  redirect(req, res, '/credit/auto-top-up', { flash: 'Automatic top-up is off. Nothing is charged by itself any more.' })
})

/** The gateway is silent: the page shows what we know. */
function tolerateSilence(error: unknown): void {
  if (!(error instanceof OutsideError)) throw error
}
