/** What was thrown → what the caller sees: the form again, a page, a toast for htmx, or JSON. Bugs are logged here, once. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { DatabaseBusy, errnoOf } from '../database/database-busy.js'
import { FormErrors, NotFound, OutsideError, Refusal } from '../errors.js'
import { log } from '../log.js'
import { renderView } from '../views/engine.js'
import { echo } from './form.js'
import { HttpError } from './http-error.js'
import { formToShow, frameBrand } from './page.js'
import { safePath, wantsFragment, wantsJson } from './request.js'

interface Failure {
  status: number
  /** Stable, for programs. */
  code: string
  title: string
  text: string
  headers: Readonly<Record<string, string>>
  /** Nobody expected it: log it with its stack. */
  bug: boolean
}

const titles: Readonly<Record<number, string>> = {
  400: 'We could not read this request', 401: 'Please sign in', 403: 'This was not done', 404: 'Page not found', 405: 'This cannot be done here', 409: 'This is not possible now',
  413: 'This is too large', 415: 'This format is not one we read', 421: 'Nothing is served at this address', 422: 'Please check the form', 429: 'Too many attempts',
  500: 'Something went wrong on our side', 502: 'A service we depend on did not answer', 503: 'We will be right back',
}
const failure = (status: number, code: string, text: string, more: Partial<Failure> = {}): Failure =>
  ({ status, code, title: titles[status] ?? 'This did not work', text, headers: {}, bug: false, ...more })
/** Lock wait, deadlock, read-only server, too many connections, a database or account that is gone: it will be able again, or be repaired. */
const passing = new Set([1040, 1044, 1045, 1049, 1203, 1205, 1213, 1226, 1290, 1836])
/** The connection broke in the middle: the driver marks that as fatal. */
const isLost = (error: unknown): boolean => (error as { fatal?: unknown } | null)?.fatal === true

function edgeFailure(error: unknown): Failure | null {
  const given = error as { status?: unknown; type?: unknown }
  if (typeof given.status !== 'number' || given.status < 400 || given.status > 499) return null
  if (given.status === 413) return failure(413, 'too-large', 'What you sent is larger than we accept.')
  return failure(given.status, typeof given.type === 'string' ? given.type : 'bad-request', 'The request was not in a form we understand. Go back and try again.')
}

/** Every error as one of ours. */
function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return failure(409, error.code, error.message)
  if (error instanceof FormErrors) return failure(422, 'form.errors', error.message)
  if (error instanceof NotFound) return failure(404, 'not-found', `${error.message} It may have moved, or the address has a typing error.`)
  if (error instanceof HttpError) return failure(error.status, `http.${error.status}`, error.message, { headers: error.headers })
  if (error instanceof OutsideError) return failure(502, 'outside', error.retryable ? 'It may be back in a moment. Please try again.' : 'We were told and will look at it.', { bug: true })
  const busy = error instanceof DatabaseBusy ? error.retryAfter : passing.has(errnoOf(error) ?? 0) || isLost(error) ? 2 : null
  if (busy !== null) return failure(503, 'busy', 'We are busy or being repaired. Please try again in a moment.', { headers: { 'Retry-After': String(busy) }, bug: true })
  return edgeFailure(error) ?? failure(500, 'bug', 'We have been told. If it happens again, send us the reference below.', { bug: true })
}

function sendPage(req: Request, res: Response, f: Failure): void {
  const brand = (req.site as Request['site'] | undefined) ? frameBrand(req.site) : {}
  const retry = f.status >= 500
  const locals = {
    layout: 'error', status: f.status, title: f.title, text: f.text, brand, requestId: req.id, href: retry ? safePath(req.originalUrl) : '/', label: retry ? 'Try again' : 'Go to the start page',
  }
  const known = (req.site as Request['site'] | undefined) !== undefined
  const view = !known ? 'errors/nobody' : req.site.tenant ? 'tenant/errors/error' : 'errors/error'
  res.type('html').send(renderView(view, req.method === 'GET' || !retry ? locals : { ...locals, href: '/', label: 'Go to the start page' }))
}

/** For htmx the page stays as it is; the sentence appears as a toast. */
function sendToast(res: Response, f: Failure): void {
  res.set({ 'HX-Retarget': '#toasts-urgent', 'HX-Reswap': 'beforeend' }).type('html')
  res.send(renderView('parts/toast', { layout: false, tone: 'bad', text: f.text }))
}

/** JSON, toast or page of a failure; sets the status. */
function sendFailure(req: Request, res: Response, f: Failure, fields?: Readonly<Record<string, string>>): void {
  res.status(f.status).set({ ...f.headers, 'Cache-Control': 'private, no-store' })
  if (wantsJson(req)) res.json({ error: { status: f.status, code: f.code, message: f.text, ...(fields ? { fields } : {}), request: req.id } })
  else if (wantsFragment(req)) sendToast(res, f)
  else sendPage(req, res, f)
}

/** No route took it. */
export const notFound: RequestHandler = (_req, _res, next) => next(new NotFound())

async function answer(error: unknown, req: Request, res: Response): Promise<void> {
  const f = failureOf(error)
  const context = { err: error, request: req.id, status: f.status, code: f.code, tenant: (req.site as Request['site'] | undefined)?.tenant?.slug }
  if (f.bug) log()[f.status === 500 ? 'error' : 'warn'](context, 'request failed')
  if (res.headersSent) return void res.destroy()
  const show = formToShow(res)
  const again = error instanceof FormErrors || error instanceof Refusal
  if (!again || !show || wantsJson(req)) return sendFailure(req, res, f, error instanceof FormErrors ? error.fields : undefined)
  res.locals['showForm'] = undefined
  if (error instanceof FormErrors) await show(error.fields, error.input, 422)
  else await show({ form: error.message }, echo((req.body ?? {}) as Record<string, unknown>), 409)
}

/** Last in the chain. Whatever happens here, the caller gets an answer. */
export const handleErrors: ErrorRequestHandler = (error: unknown, req, res, _next) => {
  answer(error, req, res).catch((second: unknown) => {
    // Showing the form again can be refused, too: what it is about has ended in the meantime.
    const f = failureOf(second)
    if (f.bug || res.headersSent) throw second
    sendFailure(req, res, f)
  }).catch((second: unknown) => {
    log().error({ err: second, request: req.id }, 'showing an error failed')
    if (res.headersSent) res.destroy()
    else res.status(500).type('text').send(`Something went wrong on our side. Reference: ${req.id}`)
  })
}
