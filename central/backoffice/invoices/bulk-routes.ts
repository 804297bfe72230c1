/** Many invoices sent again, voided or written off in one go, and the CSV of the chosen ones. */
import { Router, type NextFunction, type Request, type Response } from 'express'
import { redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { invoicesCsv } from '../../../tenant/billing/invoices/documents/export-invoices.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { sendInvoiceAgain } from '../../../tenant/billing/invoices/send-again.js'
import { openAttempts, returnableOn, voidInvoice } from '../../../tenant/billing/invoices/void-invoice.js'
import { writeOff } from '../../../tenant/billing/invoices/write-off.js'
import { picksOf, type BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { atDesk, deskOf } from '../desk.js'
import { reasonForm } from './forms.js'
import { rowsOf } from './pages.js'

const chosen = (ids: readonly string[]): Promise<Invoice[]> => Invoice.query().whereIn('publicId', [...ids]).orderBy('id').then((found) => found)
const reason = { fields: [{ name: 'reason', label: 'Reason', optional: true }], shape: reasonForm.shape }

const invoices: BulkList<Invoice> = {
  path: '/invoices', title: 'Invoices', noun: 'invoice', nouns: 'invoices', nameHead: 'Number',
  heads: [{ label: 'Customer' }, { label: 'Total', kind: 'money' }, { label: 'Left to pay', kind: 'money' }, { label: 'State', kind: 'status' }],
  chosen, idOf: (invoice) => invoice.publicId,
  rows: async (items, base) => (await rowsOf(items, clock.now())).map((row) => ({ href: `${base}/invoices/${row.publicId}`, name: row.number, cells: [row.customer, row.total, row.balance, row.status] })),
  acts: {
    send: {
      title: 'Send these invoices again?', text: 'Each customer gets the letter with the PDF once more.', label: 'Send', does: 'Is sent again', done: 'Sent',
      refusal: (invoice) => (invoice.issuedAt !== null && invoice.status !== 'void' ? null : 'It is not issued, or void.'),
      run: (invoice, _input, key) => sendInvoiceAgain(invoice, key),
    },
    void: {
      title: 'Void these invoices?', text: 'Nobody owes them any more. Their numbers stay used; metered use on them is forgiven.', label: 'Void', does: 'Is void', done: 'Voided', tone: 'danger', ...reason,
      refusal: async (invoice) => invoice.refusalToVoid(await openAttempts(invoice), await returnableOn(invoice))?.message ?? null,
      run: (invoice, input) => voidInvoice(invoice, { reason: input['reason'] ?? null }),
    },
    'write-off': {
      title: 'Write these invoices off?', text: 'You no longer expect to be paid. The loss is booked; they can still be paid.', label: 'Write off', does: 'Is written off', done: 'Written off', tone: 'danger', ...reason,
      refusal: async (invoice) => invoice.refusalToWriteOff(await openAttempts(invoice))?.message ?? null,
      run: (invoice, input) => writeOff(invoice, { reason: input['reason'] ?? null }),
    },
  },
}

/** The one act without a page between: a file changes nothing. */
async function chosenAsCsv(req: Request, res: Response, next: NextFunction): Promise<void> {
  const ids = picksOf(req)
  if ((req.body as Record<string, unknown> | undefined)?.['act'] !== 'export') return next()
  if (!ids.length) return redirect(req, res, `${deskOf(req).base}/invoices`, { flash: { kind: 'info', text: 'Tick at least one in the list first.' } })
  const csv = await atDesk(req, 'export invoices', async () => invoicesCsv(await chosen(ids), clock.now()))
  res.type('text/csv').attachment('invoices.csv').set('cache-control', 'private, no-store').send(csv)
}

export const bulkRoutes = Router()
bulkRoutes.post('/invoices/selection', chosenAsCsv)
bulkRoutes.use(routesOf(invoices))
