/** Payments at a tenant's desk: every attempt, and ends that only a person can find out. Refunds: refund-routes.ts. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { parsePaging } from '../../../shared/database/paging.js'
import { FormErrors } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { resolvePaymentByHand } from '../../../tenant/billing/payments/resolve-by-hand.js'
import { resolvePayment } from '../../../tenant/billing/payments/resolve-payment.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkRoutes } from './bulk-routes.js'
import { emptyForm, listQuery, resolutionForm } from './forms.js'
import { detailPage, listPage, paymentRows, paymentSorts, paymentsQuery } from './pages.js'
import { refundBulkRoutes } from './refund-bulk-routes.js'
import { refundRoutes } from './refund-routes.js'

export const paymentDesk = Router()
paymentDesk.use(bulkRoutes, refundBulkRoutes, refundRoutes)
const mostCsvRows = 20_000
const can = (req: Request): boolean => deskOf(req).role !== 'support'
const paymentOf = (req: Request): Promise<Payment> => Payment.findOwned({ publicId: String(req.params['publicId']) })
const pageOf = (req: Request): string => `${deskOf(req).base}/payments/${String(req.params['publicId'])}`
type Shown = [errors?: Readonly<Record<string, string>>, input?: Readonly<Record<string, unknown>>, status?: number]

paymentDesk.get('/payments', async (req, res) => {
  const wish = query(listQuery, req)
  deskPage(req, res, 'payments/list', { ...(await atDesk(req, 'payments', () => listPage(wish, parsePaging(req.query, paymentSorts), deskOf(req).base))), can: can(req) }, { title: 'Payments' })
})

paymentDesk.get('/payments.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const rows = await atDesk(req, 'payments as CSV', async () => paymentRows(await paymentsQuery(wish).orderBy('id', 'desc').limit(mostCsvRows)))
  const lines = rows.map((r) => ({ date: r.at.toISOString(), payment: r.publicId, customer: r.customer, for: r.what, with: r.paidWith, amount: r.amount.toString(), currency: r.amount.currency, state: r.status, reference: r.reference, note: r.note }))
  res.type('text/csv').attachment('payments.csv').set('cache-control', 'private, no-store').send(stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true }))
})

paymentDesk.get('/payments/:publicId', async (req, res) => {
  const data = await atDesk(req, 'payment', async () => detailPage(await paymentOf(req), deskOf(req).base))
  deskPage(req, res, 'payments/show', { ...data, can: can(req) }, { title: 'Payment' })
})

/** Asks the gateway now instead of waiting for the next turn. */
paymentDesk.post('/payments/:publicId/look', async (req, res) => {
  form(emptyForm, req)
  const payment = await atDesk(req, 'look at payment', async () => resolvePayment(await paymentOf(req)))
  redirect(req, res, pageOf(req), { flash: payment.isOpen ? { kind: 'info', text: 'Its end is still not known.' } : 'Its end is known now.' })
})

async function resolutionPage(req: Request, res: Response, ...[errors, input, status]: Shown): Promise<void> {
  const payment = await atDesk(req, 'resolve payment form', async () => detailPage(await paymentOf(req), deskOf(req).base))
  deskPage(req, res, 'payments/resolution', { payment, errors, input: input ?? {}, action: `${pageOf(req)}/resolution`, back: pageOf(req), isPayment: true }, { title: 'Say how this payment ended', status: status ?? 200 })
}
paymentDesk.get('/payments/:publicId/resolution', async (req, res) => {
  mustManage(req)
  await resolutionPage(req, res)
})
paymentDesk.post('/payments/:publicId/resolution', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => resolutionPage(req, res, errors, input, status))
  const input = form(resolutionForm, req)
  if (input.outcome === 'succeeded' && !input.gatewayPaymentId) throw new FormErrors({ gatewayPaymentId: 'Enter the id that the gateway shows for it.' }, input)
  await atDesk(req, 'resolve payment by hand', async () => resolvePaymentByHand(await paymentOf(req), input.outcome === 'failed' ? { outcome: 'failed' } : { outcome: 'succeeded', gatewayPaymentId: input.gatewayPaymentId ?? '' }, input.reason))
  redirect(req, res, pageOf(req), { flash: input.outcome === 'failed' ? 'The payment counts as failed. Its invoices can be paid again.' : 'The payment is booked.' })
})
