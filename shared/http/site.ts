/** Host → who answers. Refuses what no honest client sends; nobody is told who else lives here. */
import type { Request, RequestHandler } from 'express'
import { config } from '../config.js'
import type { HostAnswer } from '../tenancy/directory.js'
import { normaliseHostHeader } from '../tenancy/host-name.js'
import { resolveHost } from '../tenancy/resolve-host.js'
import { badRequest, HttpError } from './http-error.js'
import type { Site } from './request.js'

/** Headers by which others name a host or an address. Ours come from the connection, or from a proxy that is configured. */
const neverBelieved = ['x-forwarded-host', 'x-host', 'forwarded', 'x-original-url', 'x-rewrite-url', 'x-forwarded-server', 'x-forwarded-port', 'x-http-method-override', 'x-original-host'] as const

function oneHost(req: Request): string {
  const hosts = req.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
  const host = req.headers.host
  if (hosts.length !== 1 || !host) throw badRequest('This request must name one host.')
  return host
}

/** `GET http://shop.example/path` is legal when it names the same host; then the path alone goes on. */
function originForm(req: Request, host: string): void {
  if (req.url.startsWith('/')) return
  if (!/^https?:\/\//i.test(req.url) || !URL.canParse(req.url)) throw badRequest()
  const url = new URL(req.url)
  if (normaliseHostHeader(url.host) !== normaliseHostHeader(host)) throw badRequest('This request names two different hosts.')
  req.url = url.pathname + url.search
}

function siteOf(answer: HostAnswer, host: string, req: Request): Site {
  const tenant = answer.kind === 'tenant' ? answer.tenant : null
  const port = /:(\d+)$/.exec(req.headers.host ?? '')?.[1]
  const scheme = config().PUBLIC_SCHEME
  const usual = port === undefined || (scheme === 'https' ? port === '443' : port === '80')
  return { kind: answer.kind, tenant, host, origin: `${scheme}://${host}${usual ? '' : `:${port}`}`, scope: tenant?.uuid ?? answer.kind }
}

/** Takes away what a client may not say, before anything reads it. */
export const distrust: RequestHandler = (req, _res, next) => {
  for (const name of neverBelieved) delete req.headers[name]
  next()
}

/** Sets req.site, or answers 421 in neutral words. Tenants not yet open, or gone, are nobody. */
export const resolveSite: RequestHandler = async (req, _res, next) => {
  const raw = oneHost(req)
  originForm(req, raw)
  const answer = await resolveHost(raw)
  const host = normaliseHostHeader(raw)
  const hidden = answer?.kind === 'tenant' && (answer.tenant.status === 'opening' || answer.tenant.status === 'dropped')
  if (!answer || !host || hidden) throw new HttpError(421, 'Nothing is served at this address.')
  req.site = siteOf(answer, host, req)
  next()
}
