/**
 * A write must come from our own page: the browser says so (Sec-Fetch-Site, Origin), and the form carries a token tied to the browser's cookie.
 * Both are asked; neighbours under one domain (`same-site`) are other shops and count as foreign.
 */
import type { Request, RequestHandler, Response } from 'express'
import { mac, macHolds } from '../security/mac.js'
import { HttpError } from './http-error.js'
import { browserMark } from './session.js'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The token for forms and for htmx's X-CSRF-Token header; gives the browser a cookie when it has none. */
export function csrfToken(req: Request, res: Response): string {
  return mac('csrf', req.site.scope, browserMark(req, res).token)
}

function comesFromElsewhere(req: Request): boolean {
  const fetchSite = req.get('sec-fetch-site')
  if (fetchSite && fetchSite !== 'same-origin' && fetchSite !== 'none') return true
  const origin = req.get('origin')
  return origin !== undefined && origin.toLowerCase() !== req.site.origin
}

function carriesToken(req: Request): boolean {
  const body = req.body as Record<string, unknown> | undefined
  const given = req.get('x-csrf-token') ?? body?.['_csrf']
  const mark = req.session.mark
  return typeof given === 'string' && mark !== null && macHolds(given, 'csrf', req.site.scope, mark.token)
}

/** Refuses foreign and unproven writes with 403. Runs before the method override, on the method that really came. */
export const csrf: RequestHandler = (req, _res, next) => {
  if (safe.has(req.method)) return next()
  if (comesFromElsewhere(req)) return next(new HttpError(403, 'This request came from another site, so we did not act on it.'))
  if (!carriesToken(req)) return next(new HttpError(403, 'This page was open for too long, or cookies are off. Reload the page and try again.'))
  next()
}

const verbs = new Set(['PUT', 'PATCH', 'DELETE'])

/** A form can only POST: its hidden `_method` says which verb it means. Also takes our own fields out of the body. */
export const methodOverride: RequestHandler = (req, _res, next) => {
  const body = req.body as Record<string, unknown> | undefined
  if (body && typeof body === 'object' && !Buffer.isBuffer(body)) {
    const wanted = body['_method']
    delete body['_csrf']
    delete body['_method']
    if (req.method === 'POST' && wanted !== undefined) {
      if (typeof wanted !== 'string' || !verbs.has(wanted.toUpperCase())) return next(new HttpError(400, 'This form asked for something we do not do.'))
      req.method = wanted.toUpperCase()
    }
  }
  next()
}
