/** Quotes at a tenant's desk: write, send, see what became of them. */
import { Router, type Request, type Response } from 'express'
import { parsePaging } from '../../../shared/database/paging.js'
import { FormErrors, NotFound } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { readSelection } from '../../../tenant/catalog/read-selection.js'
import { quotePdf } from '../../../tenant/ordering/quote-document.js'
import { Quote, QuoteLine } from '../../../tenant/ordering/quote.js'
import { sendQuote } from '../../../tenant/ordering/send-quote.js'
import { changeQuote, quotePlan, quoteText, removeLine, writeQuote } from '../../../tenant/ordering/write-quote.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { changeForm, emptyForm, listQuery, planLineForm, planQuery, ppmOf, quoteForm, textLineForm } from './forms.js'
import { quotesCsv } from './list-csv.js'
import { detailPage, endOfDay, lastDay, listPage, planLinePage, quotesQuery, quoteSorts } from './pages.js'

export const quoteDesk = Router()
type Errors = Readonly<Record<string, string>> | null
type Input = Readonly<Record<string, unknown>>
const usualDays = 14
const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'
const quoteOf = (req: Request): Promise<Quote> => Quote.findOwned<Quote>({ publicId: String(req.params['publicId']) })
const hrefOf = (req: Request, publicId = String(req.params['publicId'])): string => `${deskOf(req).base}/quotes/${publicId}`

quoteDesk.get('/quotes', async (req, res) => {
  const { show } = query(listQuery, req)
  deskPage(req, res, 'quotes/list', { ...(await atDesk(req, 'quotes', () => listPage(show, parsePaging(req.query, quoteSorts), deskOf(req).base))), can: mayManage(req) }, { title: 'Quotes' })
})

const mostCsvRows = 20_000

quoteDesk.get('/quotes.csv', async (req, res) => {
  const { show } = query(listQuery, req)
  const csv = await atDesk(req, 'quotes as CSV', async () => quotesCsv(await quotesQuery(show).orderBy('id', 'desc').limit(mostCsvRows)))
  res.type('text/csv').attachment('quotes.csv').set('cache-control', 'private, no-store').send(csv)
})

quoteDesk.get('/quotes/new', (req, res) => {
  mustManage(req)
  const email = typeof req.query['email'] === 'string' ? req.query['email'].slice(0, 254) : ''
  showNew(req, res, { email, validUntil: lastDay(new Date(clock.now().getTime() + usualDays * 86_400_000), deskOf(req).timeZone), discount: '0', note: '' })
})

function showNew(req: Request, res: Response, input: Input, errors: Errors = null, status = 200): void {
  deskPage(req, res, 'quotes/new', { input, errors }, { title: 'New quote', status })
}

quoteDesk.post('/quotes', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showNew(req, res, input, errors, status))
  const { email, validUntil, discount, note } = form(quoteForm, req)
  const facts = { email, note, discountPpm: ppmOf(discount), validUntil: endOfDay(validUntil, deskOf(req).timeZone) }
  const publicId = await atDesk(req, 'write quote', async () => (await writeQuote(facts, clock.now())).publicId)
  redirect(req, res, hrefOf(req, publicId), { flash: 'Add what you offer, then send it.' })
})

quoteDesk.get('/quotes/:publicId', (req, res) => show(req, res, req.params.publicId))

quoteDesk.get('/quotes/:publicId/pdf', async (req, res) => {
  const { filename, content } = await atDesk(req, 'quote pdf', async () => quotePdf(await quoteOf(req)))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})

async function show(req: Request, res: Response, publicId: string, shown: { errors?: Errors; input?: Input; status?: number } = {}): Promise<void> {
  const data = await atDesk(req, 'quote', async () => detailPage(await Quote.findOwned<Quote>({ publicId }), deskOf(req), clock.now()))
  deskPage(req, res, 'quotes/show', { ...data, errors: shown.errors ?? null, input: shown.input ?? {}, can: mayManage(req) }, { title: 'Quote', status: shown.status ?? 200 })
}
/** The address is read now: when an error is shown, the route and its parameters are over. */
function again(req: Request, res: Response): void {
  const publicId = String(req.params['publicId'])
  onFormErrors(res, (errors, input, status) => show(req, res, publicId, { errors, input, status }))
}

quoteDesk.put('/quotes/:publicId', async (req, res) => {
  mustManage(req)
  again(req, res)
  const { validUntil, discount, note } = form(changeForm, req)
  await atDesk(req, 'change quote', async () => changeQuote(await quoteOf(req), { note, discountPpm: ppmOf(discount), validUntil: endOfDay(validUntil, deskOf(req).timeZone) }, clock.now()))
  redirect(req, res, hrefOf(req), { flash: 'Saved.' })
})

/** Step two of adding a plan: its options. */
quoteDesk.get('/quotes/:publicId/lines/new', (req, res) => showPlan(req, res, { quote: req.params.publicId, plan: query(planQuery, req).plan }))

async function showPlan(req: Request, res: Response, of: { quote: string; plan: string }, input?: Input, errors: Errors = null, status = 200): Promise<void> {
  mustManage(req)
  const data = await atDesk(req, 'quote', async () => planLinePage(await Quote.findOwned<Quote>({ publicId: of.quote }), await quotable(of.plan), deskOf(req).locale, input))
  deskPage(req, res, 'quotes/plan', { ...data, errors }, { title: 'Add a plan', status })
}

async function quotable(publicId: string): Promise<Plan> {
  const plan = await Plan.query().findOne({ publicId }).whereIn('status', ['active', 'hidden']).whereNotNull('productId')
  if (!plan || plan.isMetered) throw new NotFound('plan')
  return plan
}

quoteDesk.post('/quotes/:publicId/lines', async (req, res) => {
  mustManage(req)
  const body = (req.body ?? {}) as Record<string, unknown>
  const choices = Object.fromEntries(Object.entries(body).filter(([name, value]) => /^option_\d{1,19}$/.test(name) && typeof value === 'string'))
  req.body = Object.fromEntries(Object.entries(body).filter(([name]) => !(name in choices)))
  const of = { quote: String(req.params['publicId']), plan: String(body['plan']) }
  onFormErrors(res, (errors, input, status) => showPlan(req, res, of, { ...choices, ...input }, errors, status))
  const { plan, quantity, name } = form(planLineForm, req)
  await atDesk(req, 'quote plan', async () => {
    const chosen = await quotable(plan)
    await quotePlan(await quoteOf(req), chosen, await readSelection(chosen, { ...choices, quantity }), name)
  })
  redirect(req, res, hrefOf(req))
})

quoteDesk.post('/quotes/:publicId/texts', async (req, res) => {
  mustManage(req)
  again(req, res)
  const { text, amount } = form(textLineForm, req)
  await atDesk(req, 'quote text', async () => {
    const quote = await quoteOf(req)
    const money = Money.parse(amount, quote.currency)
    if (!money) throw new FormErrors({ amount: 'Enter an amount like 12.50.' }, { text, amount })
    await quoteText(quote, text, money)
  })
  redirect(req, res, hrefOf(req))
})

quoteDesk.delete('/quotes/:publicId/lines/:lineId', async (req, res) => {
  mustManage(req)
  again(req, res)
  form(emptyForm, req)
  await atDesk(req, 'remove line of quote', async () => {
    const quote = await quoteOf(req)
    await removeLine(quote, await QuoteLine.findOwned<QuoteLine>({ publicId: String(req.params['lineId']), quoteId: quote.id }))
  })
  redirect(req, res, hrefOf(req))
})

quoteDesk.post('/quotes/:publicId/sending', async (req, res) => {
  mustManage(req)
  again(req, res)
  form(emptyForm, req)
  await atDesk(req, 'send quote', async () => sendQuote(await quoteOf(req)))
  redirect(req, res, hrefOf(req), { flash: 'The quote is on its way to the customer.' })
})
