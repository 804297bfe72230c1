/** Invoices at a tenant's desk: list, exports, one invoice with its documents. What changes something has its own files. */
import { Router, type Request } from 'express'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { HttpError } from '../../../shared/http/http-error.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { dayAfter, dayOf, localMidnight } from '../../../shared/time/local-date.js'
import { invoicesCsv, invoicesJson, mostExported } from '../../../tenant/billing/invoices/documents/export-invoices.js'
import { invoicePdf } from '../../../tenant/billing/invoices/documents/invoice-document.js'
import { invoicesLike, showOf, shows, sortable, type InvoiceWish, type Show } from '../../../tenant/billing/invoices/invoice-search.js'
import type { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { actRoutes } from './act-routes.js'
import { bulkRoutes } from './bulk-routes.js'
import { draftRoutes } from './draft-routes.js'
import { draftView } from './draft-pages.js'
import { noteRoutes } from './note-routes.js'
import { numberRoutes } from './number-routes.js'
import { invoiceOf } from './invoice-of.js'
import { detailView, listView, type ListWish } from './pages.js'

export const invoiceDesk = Router()
const rules = { sortable, default: '-issued' }

function wishOf(req: Request): ListWish {
  const said = (name: string): string => (typeof req.query[name] === 'string' ? req.query[name].trim().slice(0, 80) : '')
  return {
    show: showOf(req.query['show'], Object.keys(shows) as Show[]), text: said('q'), from: dayOf(said('from')) ? said('from') : '',
    until: dayOf(said('until')) ? said('until') : '',
  }
}

/** Inside the tenant: days are the shop's. */
function searchOf(wish: ListWish): InvoiceWish {
  const { timeZone } = currentTenant()
  const [from, until] = [dayOf(wish.from), dayOf(wish.until)]
  return {
    show: wish.show, text: wish.text, now: clock.now(), ...(from ? { from: localMidnight(from, timeZone) } : {}),
    ...(until ? { until: localMidnight(dayAfter(until), timeZone) } : {}),
  }
}

invoiceDesk.get('/invoices', async (req, res) => {
  const wish = wishOf(req)
  const data = await atDesk(req, 'invoices', async () => listView(await applyPaging(invoicesLike(searchOf(wish)), parsePaging(req.query, rules)), wish, deskOf(req).base, clock.now()))
  deskPage(req, res, 'invoices/list', { ...data, manages: deskOf(req).role !== 'support' }, { title: 'Invoices' })
})

/** Exactly the rows of the list, on all its pages. */
async function wished(req: Request): Promise<Invoice[]> {
  const { column, descending } = parsePaging(req.query, rules)
  const way = descending ? 'desc' : 'asc'
  const found = await invoicesLike(searchOf(wishOf(req))).orderBy(column, way).orderBy('invoices.id', way).limit(mostExported + 1)
  if (found.length > mostExported) throw new HttpError(413, `These are more than ${mostExported} invoices. Narrow the list first.`)
  return found
}
invoiceDesk.get('/invoices.csv', async (req, res) => {
  const csv = await atDesk(req, 'export invoices', async () => invoicesCsv(await wished(req), clock.now()))
  res.type('text/csv').attachment('invoices.csv').set('cache-control', 'private, no-store').send(csv)
})
invoiceDesk.get('/invoices.json', async (req, res) => {
  const json = await atDesk(req, 'export invoices', async () => invoicesJson(await wished(req), clock.now()))
  res.attachment('invoices.json').set('cache-control', 'private, no-store').json(json)
})

invoiceDesk.use(numberRoutes, bulkRoutes, draftRoutes, noteRoutes, actRoutes)

invoiceDesk.get('/invoices/:publicId', async (req, res) => {
  const manages = deskOf(req).role !== 'support'
  const { view, data, title } = await atDesk(req, 'invoice', async () => {
    const invoice = await invoiceOf(req)
    if (invoice.status === 'draft') return { view: 'draft', data: { ...await draftView(invoice, clock.now()), manages }, title: 'Draft invoice' }
    return { view: 'show', data: await detailView(invoice, manages, clock.now()), title: `Invoice ${invoice.label}` }
  })
  deskPage(req, res, `invoices/${view}`, data, { title })
})

invoiceDesk.get('/invoices/:publicId/pdf', async (req, res) => {
  const { filename, content } = await atDesk(req, 'invoice pdf', async () => invoicePdf(await invoiceOf(req)))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})
