/** A quote as its customer sees it: signed in, or with the link of the letter. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { form, query } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { hashToken } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { requireUser, userOrNull } from '../customers/guard.js'
import { acceptQuote, declineQuote } from './answer-quote.js'
import { acceptForm, declineForm, quoteKeyQuery } from './forms.js'
import { quotePdf } from './quote-document.js'
import { quotePage } from './quote-pages.js'
import { Quote } from './quote.js'

export const quoteRoutes = Router()
const often = limit('quote', { points: 60, seconds: 3600, by: (req) => req.ip ?? null })
const keyOf = (req: Request): string | undefined => query(quoteKeyQuery, req).key

/** Without the letter's key, as for everything a customer owns. */
const keyOrUser: RequestHandler = (req, res, next) => (keyOf(req) === undefined ? requireUser(req, res, next) : next())

/** By its owner or by its link; for everybody else, and as long as it is a draft, it does not exist. */
async function quoteOf(req: Request): Promise<Quote> {
  const quote = await Quote.query().findOne({ publicId: String(req.params['publicId']) }).whereNot('status', 'draft')
  const key = keyOf(req)
  const byLink = quote?.tokenHash !== null && key !== undefined && quote?.tokenHash === hashToken(key)
  if (!quote || !(byLink || userOrNull(req)?.id === quote.userId)) throw new NotFound('quote')
  return quote
}
const hrefOf = (req: Request, quote: Quote): string => `/quotes/${quote.publicId}${keyOf(req) === undefined ? '' : `?key=${encodeURIComponent(keyOf(req)!)}`}`

type Shown = { errors?: Readonly<Record<string, string>>; input?: Readonly<Record<string, unknown>>; status?: number }
async function show(req: Request, res: Response, quote: Quote, shown: Shown = {}): Promise<void> {
  page(req, res, 'tenant/ordering/quote', await quotePage(quote, keyOf(req) ?? null, clock.now(), shown), { title: `Quote ${quote.label}`, status: shown.status ?? 200 })
}

quoteRoutes.get('/quotes/:publicId', often, keyOrUser, async (req, res) => show(req, res, await quoteOf(req)))

quoteRoutes.get('/quotes/:publicId/pdf', often, keyOrUser, async (req, res) => {
  const { filename, content } = await quotePdf(await quoteOf(req))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})

quoteRoutes.post('/quotes/:publicId/acceptance', often, keyOrUser, async (req, res) => {
  const quote = await quoteOf(req)
  onFormErrors(res, async (errors, input, status) => show(req, res, await Quote.findOwned<Quote>({ id: quote.id }), { errors, input, status }))
  const { terms_version, seen } = form(acceptForm, req)
  const order = await acceptQuote(quote, { termsVersion: terms_version, seenMinor: seen })
  const invoice = order.invoiceId === null ? null : await Invoice.findOwned<Invoice>({ id: order.invoiceId })
  if (userOrNull(req)?.id !== quote.userId) return redirect(req, res, hrefOf(req, quote), { flash: 'Thank you, the quote is accepted. We have sent you the invoice by mail.' })
  redirect(req, res, invoice && !invoice.refusalToPay() ? `/invoices/${invoice.publicId}/payment` : `/orders/${order.publicId}`, { flash: 'Thank you, the quote is accepted.' })
})

quoteRoutes.post('/quotes/:publicId/refusal', often, keyOrUser, async (req, res) => {
  const quote = await quoteOf(req)
  onFormErrors(res, async (errors, input, status) => show(req, res, await Quote.findOwned<Quote>({ id: quote.id }), { errors, input, status }))
  await declineQuote(quote, form(declineForm, req).reason ?? null)
  redirect(req, res, hrefOf(req, quote), { flash: 'You have declined this quote. Thank you for telling us.' })
})
