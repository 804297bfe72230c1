/** Who is asking? The row is read on every request: a disabled account is out at once. */
import type { Request, RequestHandler } from 'express'
import { HttpError } from '../../shared/http/http-error.js'
import { redirect } from '../../shared/http/page.js'
import { isHtmx, wantsJson } from '../../shared/http/request.js'
import { signedInAs } from '../../shared/http/session.js'
import { Customer } from './customer.js'

const known = new WeakMap<Request, Customer>()

/** First in the tenant's chain: finds the signed-in customer, for guests nothing. Layouts show the name and use zone and language. */
export const findUser: RequestHandler = async (req, res, next) => {
  const id = signedInAs(req, 'user')
  const customer = id === null ? undefined : await Customer.query().findById(id)
  if (customer?.status === 'active') {
    known.set(req, customer)
    Object.assign(res.locals, { user: { name: customer.name, email: customer.email, verified: customer.isVerified }, timeZone: customer.timeZone, locale: customer.locale })
  }
  next()
}

/** The signed-in customer, or null for a guest. */
export const userOrNull = (req: Request): Customer | null => known.get(req) ?? null

/** The signed-in customer of a route behind requireUser. */
export function userOf(req: Request): Customer {
  const customer = known.get(req)
  if (!customer) throw new Error('This route lies outside requireUser.')
  return customer
}

/** Where to come back to after signing in: this page when it was read, the account when something was sent (a form is not repeated). */
const wayBack = (req: Request): string => (req.method === 'GET' ? req.originalUrl : '/account')

/** Guests go to the sign-in page and come back afterwards; programs get 401. */
export const requireUser: RequestHandler = (req, res, next) => {
  if (known.has(req)) return next()
  if (wantsJson(req)) return next(new HttpError(401, 'Please sign in.'))
  const back = isHtmx(req) && req.get('hx-boosted') !== 'true' ? '/account' : wayBack(req)
  redirect(req, res, `/sign-in?next=${encodeURIComponent(back)}`)
}

/** As requireUser, and the e-mail address must be confirmed: for all that costs money. */
export const requireVerified: RequestHandler = (req, res, next) => {
  const customer = known.get(req)
  if (!customer) return requireUser(req, res, next)
  if (customer.isVerified) return next()
  if (wantsJson(req)) return next(new HttpError(403, 'Please confirm your e-mail address first.'))
  redirect(req, res, `/verify-email?next=${encodeURIComponent(wayBack(req))}`)
}
