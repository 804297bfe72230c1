/** Payments at a tenant's desk: every attempt, refunds with a preview, and ends that only a person can find out. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { parsePaging } from '../../../shared/database/paging.js'
import { FormErrors, Refusal } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { refundable, refundPayment } from '../../../tenant/billing/payments/refunds/refund-payment.js'
import { Refund } from '../../../tenant/billing/payments/refunds/refund.js'
import { resolvePaymentByHand } from '../../../tenant/billing/payments/resolve-by-hand.js'
import { resolvePayment } from '../../../tenant/billing/payments/resolve-payment.js'
import { resolveRefundByHand } from '../../../tenant/billing/payments/refunds/resolve-refund.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { emptyForm, listQuery, refundForm, refundResolutionForm, resolutionForm } from './forms.js'
import { detailPage, listPage, paymentRows, paymentSorts, paymentsQuery } from './pages.js'

export const paymentDesk = Router()
const mostCsvRows = 10_000
const can = (req: Request): boolean => deskOf(req).role !== 'support'
const paymentOf = (req: Request): Promise<Payment> => Payment.findOwned({ publicId: String(req.params['publicId']) })
const pageOf = (req: Request, publicId = String(req.params['publicId'])): string => `${deskOf(req).base}/payments/${publicId}`
type Shown = [errors?: Readonly<Record<string, string>>, input?: Readonly<Record<string, unknown>>, status?: number]

paymentDesk.get('/payments', async (req, res) => {
  const wish = query(listQuery, req)
  deskPage(req, res, 'payments/list', await atDesk(req, 'payments', () => listPage(wish, parsePaging(req.query, paymentSorts), deskOf(req).base)), { title: 'Payments' })
})

paymentDesk.get('/payments.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const rows = await atDesk(req, 'payments as CSV', async () => paymentRows(await paymentsQuery(wish).orderBy('id', 'desc').limit(mostCsvRows)))
  const lines = rows.map((r) => ({ date: r.at.toISOString(), payment: r.publicId, customer: r.customer, for: r.what, with: r.paidWith, amount: r.amount.toString(), currency: r.amount.currency, state: r.status, reference: r.reference, note: r.note }))
  res.type('text/csv').attachment('payments.csv').send(stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true }))
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

async function refundPage(req: Request, res: Response, ...[errors, input, status]: Shown): Promise<void> {
  const data = await atDesk(req, 'refund form', async () => {
    const payment = await paymentOf(req)
    return { payment: await detailPage(payment, deskOf(req).base), left: await refundable(payment) }
  })
  deskPage(req, res, 'payments/refund', { ...data, errors, input: { amount: data.left.toString(), to: 'source', formKey: newPublicId(), ...input }, back: pageOf(req) }, { title: 'Refund payment', status: status ?? 200 })
}

paymentDesk.get('/payments/:publicId/refund', async (req, res) => {
  mustManage(req)
  await refundPage(req, res)
})

/** The first time it shows what will happen; confirmed, it does it. */
paymentDesk.post('/payments/:publicId/refund', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => refundPage(req, res, errors, input, status))
  const input = form(refundForm, req)
  const { amount, left, payment } = await atDesk(req, 'preview refund', async () => {
    const found = await paymentOf(req)
    return { amount: Money.parse(input.amount, found.currency), left: await refundable(found), payment: await detailPage(found, deskOf(req).base) }
  })
  if (!amount?.isPositive()) throw new FormErrors({ amount: 'Enter an amount like 25.00.' }, input)
  if (!input.confirmed && amount.compare(left) > 0) throw new FormErrors({ amount: `At most ${left.toString()} ${left.currency} can be refunded.` }, input)
  if (!input.confirmed) return deskPage(req, res, 'payments/refund-preview', { payment, amount, rest: left.sub(amount), input, toCredit: input.to === 'credit', back: `${pageOf(req)}/refund` }, { title: 'Refund payment?' })
  const refund = await atDesk(req, 'refund payment', async () => refundPayment({ payment: await paymentOf(req), amount, to: input.to, reason: input.reason, key: `desk:${input.formKey}` }))
  redirect(req, res, pageOf(req), { flash: saidOf(refund) })
})

function saidOf(refund: Refund): { kind: 'good' | 'bad' | 'info'; text: string } {
  if (refund.status === 'failed') return { kind: 'bad', text: `${refund.failureMessage ?? 'The refund failed.'} Nothing was sent.` }
  return refund.isOpen ? { kind: 'info', text: 'The refund is under way. We look by ourselves how it ends: do not refund it again.' } : { kind: 'good', text: 'The refund is done. The customer gets a letter.' }
}

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

const refundOf = async (req: Request): Promise<{ refund: Refund; payment: Payment }> => {
  const refund = await Refund.findOwned<Refund>({ publicId: String(req.params['publicId']) })
  return { refund, payment: await Payment.findOwned({ id: refund.paymentId }) }
}
async function refundResolutionPage(req: Request, res: Response, ...[errors, input, status]: Shown): Promise<void> {
  const { refund, payment } = await atDesk(req, 'resolve refund form', () => refundOf(req))
  if (!refund.isOpen) throw new Refusal('refund.settled', 'This refund has an end already.')
  deskPage(req, res, 'payments/resolution', { errors, input: input ?? {}, action: `${deskOf(req).base}/refunds/${refund.publicId}/resolution`, back: pageOf(req, payment.publicId), payment: { amount: refund.amount } }, { title: 'Say how this refund ended', status: status ?? 200 })
}
paymentDesk.get('/refunds/:publicId/resolution', async (req, res) => {
  mustManage(req)
  await refundResolutionPage(req, res)
})
paymentDesk.post('/refunds/:publicId/resolution', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => refundResolutionPage(req, res, errors, input, status))
  const { outcome, reason } = form(refundResolutionForm, req)
  const publicId = await atDesk(req, 'resolve refund by hand', async () => {
    const { refund, payment } = await refundOf(req)
    await resolveRefundByHand(refund, outcome, reason)
    return payment.publicId
  })
  redirect(req, res, pageOf(req, publicId), { flash: outcome === 'failed' ? 'The refund counts as failed; its money is booked back.' : 'The refund counts as done.' })
})
