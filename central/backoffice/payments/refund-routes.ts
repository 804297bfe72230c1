/** Refunds at a tenant's desk: all of them, one made with a preview, and ends that only a person can find out. */
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
import { resolveRefundByHand } from '../../../tenant/billing/payments/refunds/resolve-refund.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { refundForm, refundResolutionForm, refundsQuery as listQuery } from './forms.js'
import { detailPage } from './pages.js'
import { refundLine, refundRows, refundsPage, refundSorts, refundsQuery } from './refund-pages.js'

export const refundRoutes = Router()
const mostCsvRows = 20_000
const paymentOf = (req: Request): Promise<Payment> => Payment.findOwned({ publicId: String(req.params['publicId']) })
const pageOf = (req: Request, publicId = String(req.params['publicId'])): string => `${deskOf(req).base}/payments/${publicId}`
type Shown = [errors?: Readonly<Record<string, string>>, input?: Readonly<Record<string, unknown>>, status?: number]

refundRoutes.get('/refunds', async (req, res) => {
  const wish = query(listQuery, req)
  const data = await atDesk(req, 'refunds', () => refundsPage(wish, parsePaging(req.query, refundSorts), deskOf(req).base))
  deskPage(req, res, 'payments/refunds', { ...data, can: deskOf(req).role !== 'support' }, { title: 'Refunds' })
})

refundRoutes.get('/refunds.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const rows = await atDesk(req, 'refunds as CSV', async () => refundRows(await refundsQuery(wish).orderBy('id', 'desc').limit(mostCsvRows)))
  res.type('text/csv').attachment('refunds.csv').set('cache-control', 'private, no-store').send(stringify(rows.map(refundLine), { header: true, record_delimiter: '\r\n', escape_formulas: true }))
})

async function refundPage(req: Request, res: Response, ...[errors, input, status]: Shown): Promise<void> {
  const data = await atDesk(req, 'refund form', async () => {
    const payment = await paymentOf(req)
    return { payment: await detailPage(payment, deskOf(req).base), left: await refundable(payment) }
  })
  deskPage(req, res, 'payments/refund', { ...data, errors, input: { amount: data.left.toString(), to: 'source', formKey: newPublicId(), ...input }, back: pageOf(req) }, { title: 'Refund payment', status: status ?? 200 })
}

refundRoutes.get('/payments/:publicId/refund', async (req, res) => {
  mustManage(req)
  await refundPage(req, res)
})

/** The first time it shows what will happen; confirmed, it does it. */
refundRoutes.post('/payments/:publicId/refund', async (req, res) => {
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

const refundOf = async (req: Request): Promise<{ refund: Refund; payment: Payment }> => {
  const refund = await Refund.findOwned<Refund>({ publicId: String(req.params['publicId']) })
  return { refund, payment: await Payment.findOwned({ id: refund.paymentId }) }
}
async function refundResolutionPage(req: Request, res: Response, ...[errors, input, status]: Shown): Promise<void> {
  const { refund, payment } = await atDesk(req, 'resolve refund form', () => refundOf(req))
  if (!refund.isOpen) throw new Refusal('refund.settled', 'This refund has an end already.')
  deskPage(req, res, 'payments/resolution', { errors, input: input ?? {}, action: `${deskOf(req).base}/refunds/${refund.publicId}/resolution`, back: pageOf(req, payment.publicId), payment: { amount: refund.amount } }, { title: 'Say how this refund ended', status: status ?? 200 })
}
refundRoutes.get('/refunds/:publicId/resolution', async (req, res) => {
  mustManage(req)
  await refundResolutionPage(req, res)
})
refundRoutes.post('/refunds/:publicId/resolution', async (req, res) => {
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
