/** The customer's account statement and credit notes. */
import { Router, type Request } from 'express'
import { page } from '../../../../shared/http/page.js'
import { limit } from '../../../../shared/http/rate-limit.js'
import { clock } from '../../../../shared/time/clock.js'
import { requireUser, userOf } from '../../../customers/guard.js'
import { creditNotePage, creditNotePdf } from '../documents/credit-note-document.js'
import { CreditNote } from '../credit-notes/credit-note.js'
import { statementCsv, statementPage, statementPdf } from './statement-document.js'
import { currenciesOf, statementOf, type Statement } from './statement.js'
import { statementWish } from './statement-wish.js'

export const statementRoutes = Router()
statementRoutes.use(['/statement', '/statement.csv', '/credit-notes'], requireUser)
const fewDocuments = limit('invoice-pdf', { points: 30, seconds: 60, by: (req) => `${userOf(req).id}` })

async function wished(req: Request): Promise<{ statement: Statement; wish: ReturnType<typeof statementWish>; currencies: string[] }> {
  const customer = userOf(req)
  const currencies = await currenciesOf(customer.id, customer.currency)
  const wish = statementWish(req.query, currencies, clock.now())
  return { statement: await statementOf(customer.id, wish.currency, wish.span), wish, currencies }
}

statementRoutes.get('/statement', async (req, res) => {
  const { statement, wish, currencies } = await wished(req)
  const options = currencies.map((currency) => ({ value: currency, label: currency }))
  page(req, res, 'tenant/invoices/statement', { ...statementPage(statement), from: wish.from, until: wish.until, query: wish.query, currencies: options.length > 1 ? options : null }, { title: 'Account statement' })
})

statementRoutes.get('/statement.csv', async (req, res) => {
  const { statement, wish } = await wished(req)
  res.type('text/csv').attachment(`statement-${wish.from}-${wish.until}.csv`).set('cache-control', 'private, no-store').send(statementCsv(statement))
})

statementRoutes.get('/statement/pdf', fewDocuments, async (req, res) => {
  const { statement } = await wished(req)
  const { filename, content } = await statementPdf(userOf(req).id, statement)
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})

const ownNote = (req: Request): Promise<CreditNote> => CreditNote.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id })

statementRoutes.get('/credit-notes/:publicId', async (req, res) => {
  const shown = await creditNotePage(await ownNote(req))
  page(req, res, 'tenant/invoices/credit-note', shown, { title: `Credit note ${shown.number}` })
})

statementRoutes.get('/credit-notes/:publicId/pdf', fewDocuments, async (req, res) => {
  const { filename, content } = await creditNotePdf(await ownNote(req))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})
