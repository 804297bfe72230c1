/** The way of every request, in order. Each site's routes come last; whatever is thrown ends in handleErrors. */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { config } from '../config.js'
import { withActor } from '../events/actor.js'
import { log } from '../log.js'
import { runInCentral, runInTenant } from '../tenancy/context.js'
import { assetRoutes } from '../views/assets.js'
import { handlebarsEngine } from '../views/engine.js'
import { themeChoice, themeOf, themeRoutes, type ThemeBrand } from '../views/theme.js'
import { parseBody, rawBody } from './body.js'
import { refuseClosed } from './closed.js'
import { csrf, methodOverride } from './csrf.js'
import { handleErrors, notFound } from './errors.js'
import { healthRoutes } from './health.js'
import { HttpError } from './http-error.js'
import { requestId, requestLog } from './request-log.js'
import { securityHeaders } from './security-headers.js'
import { noSession, session } from './session.js'
import { distrust, resolveSite } from './site.js'

/** How a request finds its site and enters it. The product has one way; the benchmark compares it with a shop that has no tenants. */
export interface Entrance {
  resolve: RequestHandler
  enter: RequestHandler
}
/** Routers (or Express apps) of the three kinds of site. */
export interface Sites {
  tenantApp: RequestHandler
  consoleApp: RequestHandler
  platformApp: RequestHandler
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
const knownMethod: RequestHandler = (req, _res, next) => next(methods.has(req.method) ? undefined : new HttpError(405, 'This cannot be done here.', { Allow: [...methods].join(', ') }))
const isWebhook = (req: Request): boolean => req.path.startsWith('/webhooks/')
const unlessWebhook = (handler: RequestHandler): RequestHandler => (req, res, next) => (isWebhook(req) ? next() : handler(req, res, next))
const eitherBy = (is: (req: Request) => boolean, yes: RequestHandler, no: RequestHandler): RequestHandler => (req, res, next) => (is(req) ? yes : no)(req, res, next)
const onlyTenants = (handler: RequestHandler): RequestHandler => (req, res, next) => (req.site.kind === 'tenant' ? handler(req, res, next) : next())

/** Longest wait for a handler whose caller has gone, in milliseconds. */
const afterlife = 60_000
/** Calls back when the answer has left and its handler has ended it: a caller who hangs up must not cut a running transaction loose. */
function whenOver(res: Response, done: () => void): void {
  res.once('close', () => {
    const deadline = Date.now() + afterlife
    const look = (): void => void (res.writableEnded || Date.now() > deadline ? done() : setTimeout(look, 25))
    look()
  })
}

/** The one place where a request enters a tenant, or central. Everything after it runs inside. */
const enterSite: RequestHandler = (req, res, next) => {
  const work = (): Promise<void> => new Promise((resolve) => { whenOver(res, resolve); next() })
  const { tenant } = req.site
  const entered = tenant ? runInTenant(tenant, work, req.id) : runInCentral(work, req.id)
  entered.catch((error: unknown) => log().error({ err: error, request: req.id }, 'ending a request failed'))
}

/** Whoever is signed in acts; the payment service on its webhooks. */
const actAsCaller: RequestHandler = (req, _res, next) => {
  const ip = req.ip ?? null
  const { subjectKind, subjectId } = isWebhook(req) ? { subjectKind: 'webhook' as const, subjectId: null } : req.session
  void withActor({ kind: subjectKind ?? 'system', id: subjectId, ip }, () => next())
}

const frameLocals: RequestHandler = (req, res, next) => {
  res.locals['theme'] = themeOf(req.headers.cookie)
  next()
}

const tenantBrand = (req: Request): ThemeBrand => {
  const brand = req.site.tenant?.brand
  if (!brand) throw new Error('Only shops have a theme.')
  return brand
}

export function createApp({ tenantApp, consoleApp, platformApp }: Sites, entrance: Entrance = { resolve: resolveSite, enter: enterSite }): Express {
  const app = express()
  app.disable('x-powered-by').set('etag', false).set('query parser', 'simple')
  app.set('trust proxy', config().TRUSTED_PROXIES.length ? config().TRUSTED_PROXIES : false)
  handlebarsEngine(app)
  app.use(requestId, requestLog, distrust, healthRoutes())
  app.use('/assets', assetRoutes())
  app.use(securityHeaders, knownMethod, entrance.resolve)
  app.use('/webhooks', rawBody)
  app.use(parseBody, entrance.enter)
  app.use(onlyTenants(themeRoutes(tenantBrand)), refuseClosed)
  app.use(eitherBy(isWebhook, noSession, session), unlessWebhook(csrf), unlessWebhook(methodOverride), actAsCaller, frameLocals, themeChoice())
  const sites: Record<Request['site']['kind'], RequestHandler> = { tenant: tenantApp, console: consoleApp, platform: platformApp }
  app.use((req, res, next) => sites[req.site.kind](req, res, next))
  app.use(notFound, handleErrors)
  return app
}
