/** One JSON line a request: who, what, how long, how it ended. Paths without their query; long secrets in paths are masked. */
import type { Request, RequestHandler } from 'express'
import { newPublicId } from '../security/token.js'
import { log } from '../log.js'
import { observe } from './metrics.js'

/** `/password/reset/Xy…` → `/password/reset/:token`: what opens an account has no place in a log. */
export const maskPath = (path: string): string => path.replace(/\/[A-Za-z0-9_-]{32,}(?=\/|$)/g, '/:token').slice(0, 300)

/** Gives the request its id. Ids of callers are not taken over: they would end up in our log as they are. */
export const requestId: RequestHandler = (req, res, next) => {
  req.id = newPublicId()
  res.set('X-Request-Id', req.id)
  next()
}

function lineOf(req: Request, status: number, ms: number): object {
  const site = req.site as Request['site'] | undefined
  const session = req.session as Request['session'] | undefined
  return {
    request: req.id, method: req.method, path: maskPath(req.originalUrl.split('?')[0] ?? ''), status, ms: Math.round(ms * 10) / 10, ip: req.ip, site: site?.kind,
    ...(site?.tenant ? { tenant: site.tenant.slug } : {}), ...(session?.subjectKind ? { actor: `${session.subjectKind}:${session.subjectId}` } : {}),
  }
}

/** Writes the line when the answer has left, or when the caller has. */
export const requestLog: RequestHandler = (req, res, next) => {
  const began = process.hrtime.bigint()
  const path = req.path
  res.once('close', () => {
    const ms = Number(process.hrtime.bigint() - began) / 1e6
    const status = res.writableFinished ? res.statusCode : 499
    observe(req, status, ms)
    if (path.startsWith('/assets/') || path === '/healthz' || path === '/readyz') return
    log()[status >= 500 && status !== 503 ? 'error' : 'info'](lineOf(req, status, ms), 'request')
  })
  next()
}
