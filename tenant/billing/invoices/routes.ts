/** The customer's invoices: list, exports, page, print view, PDF, runs as CSV. Found through their owner; drafts do not exist for customers. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { HttpError } from '../../../shared/http/http-error.js'
import { page } from '../../../shared/http/page.js'
import { query } from '../../../shared/http/form.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { NotFound } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { requireUser, userOf } from '../../customers/guard.js'
import { invoicesCsv, invoicesJson, mostExported } from './documents/export-invoices.js'
import { invoicePdf } from './documents/invoice-document.js'
import { invoicesLike, showOf, sortable, type Show } from './invoice-search.js'
import { Invoice } from './invoice.js'
import { customerShows, invoiceList } from './pages.js'
import { invoicePage } from './present-invoice.js'
import { documentName, paperOf, type Paper } from './documents/print-document.js'
import { runsCsv } from './documents/runs-csv.js'

export const invoicesRoutes = Router()
invoicesRoutes.use(['/invoices', '/invoices.csv', '/invoices.json'], requireUser)

const rules = { sortable, default: '-issued' }
const paperQuery = z.object({ paper: z.enum(['a4', 'letter']).optional() })
const papers = { a4: 'A4', letter: 'Letter' } as const

function paperWish(req: Request): Paper | undefined {
  const { paper } = query(paperQuery, req)
  return paper && papers[paper]
}

async function ownInvoice(req: Request): Promise<Invoice> {
  const invoice = await Invoice.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id })
  if (invoice.issuedAt === null) throw new NotFound('invoice')
  return invoice
}

function wishOf(req: Request): { show: Show; text: string } {
  const { q } = req.query
  return { show: showOf(req.query['show'], customerShows), text: typeof q === 'string' ? q.trim().slice(0, 80) : '' }
}

invoicesRoutes.get('/invoices', async (req, res) => {
  const [customer, now, wish] = [userOf(req), clock.now(), wishOf(req)]
  const paged = await applyPaging(invoicesLike({ userId: customer.id, now, ...wish }), parsePaging(req.query, rules))
  const open = await Invoice.query().where({ userId: customer.id, status: 'open', currency: customer.currency })
  page(req, res, 'tenant/invoices/index', invoiceList(paged, wish, open, now), { title: 'Invoices' })
})

async function wished(req: Request): Promise<Invoice[]> {
  const { column, descending } = parsePaging(req.query, rules)
  const way = descending ? 'desc' : 'asc'
  const found = await invoicesLike({ userId: userOf(req).id, now: clock.now(), ...wishOf(req) }).orderBy(column, way).orderBy('invoices.id', way).limit(mostExported + 1)
  if (found.length > mostExported) throw new HttpError(413, `These are more than ${mostExported} invoices. Narrow the list first.`)
  return found
}

invoicesRoutes.get('/invoices.csv', async (req, res) => {
  res.type('text/csv').attachment('invoices.csv').set('cache-control', 'private, no-store').send(invoicesCsv(await wished(req), clock.now()))
})
invoicesRoutes.get('/invoices.json', async (req, res) => {
  res.attachment('invoices.json').set('cache-control', 'private, no-store').json(invoicesJson(await wished(req), clock.now()))
})

invoicesRoutes.get('/invoices/:publicId', async (req, res) => {
  const data = await invoicePage(await ownInvoice(req), clock.now())
  page(req, res, 'tenant/invoices/show', data, { title: `${data.heading} ${data.number}` })
})

/** For the browser's own printer. */
invoicesRoutes.get('/invoices/:publicId/print', async (req, res) => {
  const shown = await invoicePage(await ownInvoice(req), clock.now())
  page(req, res, 'tenant/invoices/document', { ...shown, paper: paperWish(req) ?? paperOf(currentTenant().locale) }, { title: `${shown.heading} ${shown.number}`, layout: 'print' })
})

const fewDocuments = limit('invoice-pdf', { points: 30, seconds: 60, by: (req) => `${userOf(req).id}` })

invoicesRoutes.get('/invoices/:publicId/pdf', fewDocuments, async (req, res) => {
  const { filename, content } = await invoicePdf(await ownInvoice(req), paperWish(req))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})

invoicesRoutes.get('/invoices/:publicId/runs.csv', async (req, res) => {
  const data = await invoicePage(await ownInvoice(req), clock.now())
  res.type('text/csv').attachment(documentName(`${data.number}-runs`, 'csv')).set('cache-control', 'private, no-store').send(runsCsv(data))
})
