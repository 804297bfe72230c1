/** The customer's invoices: list, page, PDF, runs as CSV. Found through their owner; drafts do not exist for customers. */
import { Router, type Request } from 'express'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { page } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { Money } from '../../../shared/money/money.js'
import { NotFound } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import { requireUser, userOf } from '../../customers/guard.js'
import { invoicePdf } from './invoice-document.js'
import { Invoice } from './invoice.js'
import { filters, invoiceList, invoicePage, type Filter } from './pages.js'
import { runsCsv } from './runs-csv.js'

export const invoicesRoutes = Router()
invoicesRoutes.use('/invoices', requireUser)

const sortable = { number: 'invoices.number', issued: 'invoices.issued_at', due: 'invoices.due_at', total: 'invoices.total_minor' }

async function ownInvoice(req: Request): Promise<Invoice> {
  const invoice = await Invoice.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id })
  if (invoice.status === 'draft') throw new NotFound('invoice')
  return invoice
}

invoicesRoutes.get('/invoices', async (req, res) => {
  const customer = userOf(req)
  const show = Object.hasOwn(filters, String(req.query['show'])) ? (req.query['show'] as Filter) : 'all'
  const wanted = Invoice.query().where({ userId: customer.id }).whereNot({ status: 'draft' })
  if (show !== 'all') void wanted.whereIn('status', show === 'due' ? ['open', 'uncollectible'] : [show])
  const paged = await applyPaging(wanted, parsePaging(req.query, { sortable, default: '-issued' }))
  const open = await Invoice.query().where({ userId: customer.id, status: 'open', currency: customer.currency })
  const due = Money.sum(open.map((i) => i.balance), customer.currency)
  page(req, res, 'tenant/invoices/index', invoiceList(paged, show, due, clock.now()), { title: 'Invoices' })
})

invoicesRoutes.get('/invoices/:publicId', async (req, res) => {
  const data = await invoicePage(await ownInvoice(req), clock.now())
  page(req, res, 'tenant/invoices/show', data, { title: `Invoice ${data.number}` })
})

const fewDocuments = limit('invoice-pdf', { points: 30, seconds: 60, by: (req) => `${userOf(req).id}` })

invoicesRoutes.get('/invoices/:publicId/pdf', fewDocuments, async (req, res) => {
  const { filename, content } = await invoicePdf(await ownInvoice(req))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})

invoicesRoutes.get('/invoices/:publicId/runs.csv', async (req, res) => {
  const data = await invoicePage(await ownInvoice(req), clock.now())
  res.type('text/csv').attachment(`${data.number.replace(/[^A-Za-z0-9._-]+/g, '-')}-runs.csv`).set('cache-control', 'private, no-store').send(runsCsv(data))
})
