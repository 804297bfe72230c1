/** Bank transfers at a tenant's desk: recorded one by one or from a statement, matched to invoices and customers, taken back when it was a mistake. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { parsePaging } from '../../../shared/database/paging.js'
import { FormErrors, NotFound } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { BankTransfer } from '../../../tenant/billing/transfers/bank-transfer.js'
import { matchTransfer, setAside } from '../../../tenant/billing/transfers/match-transfer.js'
import { recordTransfer } from '../../../tenant/billing/transfers/record-transfer.js'
import { undoMatch } from '../../../tenant/billing/transfers/undo-match.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkRoutes } from './bulk-routes.js'
import { asideForm, emptyForm, listQuery, matchForm, recordForm, undoForm } from './forms.js'
import { statementRoutes } from './statement-routes.js'
import { partsFrom } from './match-wish.js'
import { detailPage, listPage, transferLines, transferSorts, transfersQuery } from './pages.js'

export const transferDesk = Router()
transferDesk.use(bulkRoutes, statementRoutes)
const mostCsvRows = 20_000
const can = (req: Request): boolean => deskOf(req).role !== 'support'
const transferOf = (req: Request): Promise<BankTransfer> => BankTransfer.findOwned<BankTransfer>({ publicId: String(req.params['publicId']) })
const here = (req: Request): string => `${deskOf(req).base}/transfers/${String(req.params['publicId'])}`

transferDesk.get('/transfers', async (req, res) => {
  const wish = query(listQuery, req)
  deskPage(req, res, 'transfers/list', { ...(await atDesk(req, 'transfers', () => listPage(wish, parsePaging(req.query, transferSorts), deskOf(req).base))), can: can(req) }, { title: 'Bank transfers' })
})

transferDesk.get('/transfers.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const lines = await atDesk(req, 'transfers as CSV', async () => transferLines(await transfersQuery(wish).orderBy('id', 'desc').limit(mostCsvRows)))
  res.type('text/csv').attachment('transfers.csv').set('cache-control', 'private, no-store').send(stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true }))
})

function recordPage(req: Request, res: Response, errors?: object, input: object = {}, status = 200): void {
  deskPage(req, res, 'transfers/new', { errors, input: { formKey: newPublicId(), ...input }, currency: deskOf(req).currency }, { title: 'Record a transfer', status })
}
transferDesk.get('/transfers/new', (req, res) => {
  mustManage(req)
  recordPage(req, res)
})
transferDesk.post('/transfers', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => recordPage(req, res, errors, input, status))
  const input = form(recordForm, req)
  const { base, currency } = deskOf(req)
  const amount = Money.parse(input.amount, currency)
  if (!amount?.isPositive()) throw new FormErrors({ amount: 'Enter an amount like 25.00.' }, input)
  const publicId = await atDesk(req, 'record transfer', async () => (await recordTransfer({ key: `desk:${input.formKey}`, receivedOn: input.receivedOn, amountMinor: amount.minor, currency, payer: input.payer, reference: input.reference ?? '' })).transfer.publicId)
  redirect(req, res, `${base}/transfers/${publicId}`, { flash: 'Recorded. Now say whose money it is.' })
})

async function transferPage(req: Request, res: Response, errors?: object, input: object = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'transfer', async () => detailPage(await transferOf(req), deskOf(req).base))
  deskPage(req, res, 'transfers/show', { ...data, errors, input, can: can(req) }, { title: 'Bank transfer', status })
}
transferDesk.get('/transfers/:publicId', (req, res) => transferPage(req, res))

transferDesk.post('/transfers/:publicId/matches', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => transferPage(req, res, errors, input, status))
  const input = form(matchForm, req)
  const count = await atDesk(req, 'match transfer', async () => {
    const transfer = await transferOf(req)
    return (await matchTransfer(transfer, await partsFrom(input, transfer.currency))).length
  })
  redirect(req, res, here(req), { flash: count === 1 ? 'Booked. The customer gets a receipt.' : `Booked for ${count} customers. Each gets a receipt.` })
})

const matchedOf = (req: Request): Promise<{ transfer: BankTransfer; payment: Payment }> => atDesk(req, 'matched transfer', async () => {
  const transfer = await transferOf(req)
  const payment = await Payment.findOwned<Payment>({ publicId: String(req.params['payment']), bankTransferId: transfer.id })
  if (payment.status !== 'succeeded') throw new NotFound('payment')
  return { transfer, payment }
})
async function undoPage(req: Request, res: Response, errors?: object, input: object = {}, status = 200): Promise<void> {
  const { payment } = await matchedOf(req)
  deskPage(req, res, 'transfers/undo', { amount: payment.amount, errors, input, action: `${here(req)}/matches/${payment.publicId}/undo`, back: here(req) }, { title: 'Take this match back?', status })
}
transferDesk.get('/transfers/:publicId/matches/:payment/undo', async (req, res) => {
  mustManage(req)
  await undoPage(req, res)
})
transferDesk.post('/transfers/:publicId/matches/:payment/undo', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => undoPage(req, res, errors, input, status))
  const { reason } = form(undoForm, req)
  const { payment } = await matchedOf(req)
  await atDesk(req, 'undo match', async () => undoMatch(await Payment.findOwned<Payment>({ id: payment.id }), reason))
  redirect(req, res, here(req), { flash: 'Taken back. Its invoices are open again.' })
})

transferDesk.put('/transfers/:publicId/aside', async (req, res) => {
  mustManage(req)
  const { note } = form(asideForm, req)
  await atDesk(req, 'set transfer aside', async () => setAside(await transferOf(req), true, note ?? null))
  redirect(req, res, `${deskOf(req).base}/transfers`, { flash: 'Set aside: it is no customer’s payment.' })
})
transferDesk.delete('/transfers/:publicId/aside', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  await atDesk(req, 'take transfer back', async () => setAside(await transferOf(req), false, null))
  redirect(req, res, here(req), { flash: 'It can be matched again.' })
})
