/** One act on many invoices: first what would happen to each, then the act. What the rules refuse is left alone, and said. */
import { Router } from 'express'
import { Refusal, refusalIn } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { redirect } from '../../../shared/http/page.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { invoicesCsv } from '../../../tenant/billing/invoices/documents/export-invoices.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { sendInvoiceAgain } from '../../../tenant/billing/invoices/send-again.js'
import { openAttempts, returnableOn, voidInvoice } from '../../../tenant/billing/invoices/void-invoice.js'
import { writeOff } from '../../../tenant/billing/invoices/write-off.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkActs, bulkForm, picksOf, type BulkAct } from './forms.js'
import { rowsOf } from './pages.js'

export const bulkRoutes = Router()

interface BulkFacts { title: string; text: string; label: string; done: string; asksReason: boolean }
const facts: Readonly<Record<BulkAct, BulkFacts>> = {
  send: { title: 'Send these invoices again?', text: 'Each customer gets the letter with the PDF once more.', label: 'Send', done: 'sent', asksReason: false },
  void: { title: 'Void these invoices?', text: 'Nobody owes them any more. Their numbers stay used; metered use on them is forgiven.', label: 'Void', done: 'voided', asksReason: true },
  'write-off': { title: 'Write these invoices off?', text: 'You no longer expect to be paid. The loss is booked; they can still be paid.', label: 'Write off', done: 'written off', asksReason: true },
}

const chosen = (ids: readonly string[]): Promise<Invoice[]> => Invoice.query().whereIn('publicId', [...ids]).orderBy('id').then((found) => found)

async function refusalOf(act: BulkAct, invoice: Invoice): Promise<string | null> {
  if (act === 'send') return invoice.issuedAt !== null && invoice.status !== 'void' ? null : 'It is not issued, or void.'
  const attempts = await openAttempts(invoice)
  return (act === 'void' ? invoice.refusalToVoid(attempts, await returnableOn(invoice)) : invoice.refusalToWriteOff(attempts))?.message ?? null
}

bulkRoutes.post('/invoices/preview', async (req, res) => {
  const ids = picksOf(req)
  if (!ids.length) throw new Refusal('bulk.nothing', 'Tick at least one invoice first.')
  const asked = (req.body as Record<string, unknown>)['act']
  if (asked === 'export') {
    const csv = await atDesk(req, 'export invoices', async () => invoicesCsv(await chosen(ids), clock.now()))
    res.type('text/csv').attachment('invoices.csv').set('cache-control', 'private, no-store').send(csv)
    return
  }
  mustManage(req)
  const act = bulkActs.find((name) => name === asked)
  if (!act) throw new Refusal('bulk.act', 'Choose what to do with them.')
  const rows = await atDesk(req, 'bulk preview', async () => {
    const invoices = await chosen(ids)
    const shown = await rowsOf(invoices, clock.now())
    const refusals = await Promise.all(invoices.map((invoice) => refusalOf(act, invoice)))
    return shown.map((row, i) => ({ ...row, refusal: refusals[i]! }))
  })
  const able = rows.filter((row) => row.refusal === null)
  deskPage(req, res, 'invoices/bulk', {
    ...facts[act], act, rows, able: able.length, ids: able.map((row) => row.publicId).join(','), formKey: newPublicId(),
  }, { title: facts[act].title })
})

bulkRoutes.post('/invoices/acts', async (req, res) => {
  mustManage(req)
  const { act, ids, reason = null, formKey } = form(bulkForm, req)
  const { done, left } = await atDesk(req, `bulk ${act}`, async () => {
    let [done, left] = [0, 0]
    for (const invoice of await chosen(ids.split(','))) {
      if (await refusalIn(() => run(act, invoice, reason, formKey))) left++
      else done++
    }
    return { done, left }
  })
  redirect(req, res, `${deskOf(req).base}/invoices`, {
    flash: `${done} ${done === 1 ? 'invoice' : 'invoices'} ${facts[act].done}.${left ? ` ${left} had changed in the meantime and were left alone.` : ''}`,
  })
})

async function run(act: BulkAct, invoice: Invoice, reason: string | null, formKey: string): Promise<void> {
  if (act === 'send') await sendInvoiceAgain(invoice, formKey)
  else if (act === 'void') await voidInvoice(invoice, { reason })
  else await writeOff(invoice, { reason })
}
