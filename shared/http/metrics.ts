/** Figures for Prometheus: rate, errors, duration by site; the tenants with most requests by name, the rest together. Loopback callers only. */
import { createServer, type Server } from 'node:http'
import type { Request, RequestHandler } from 'express'
import { collectDefaultMetrics, Counter, Histogram, register } from 'prom-client'

collectDefaultMetrics()
const duration = new Histogram({
  name: 'http_request_seconds', help: 'Time to answer', labelNames: ['site', 'method', 'route', 'status'], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
})
const byTenant = new Counter({ name: 'http_tenant_requests_total', help: 'Requests by tenant; tenants beyond the first hundred count as other', labelNames: ['tenant'] })
const named = new Set<string>()

function tenantLabel(slug: string): string {
  if (named.size < 100) named.add(slug)
  return named.has(slug) ? slug : 'other'
}

/** The route's pattern, never the path: paths are unbounded and hold tokens. */
function routeLabel(req: Request): string {
  const route = req.route as { path?: unknown } | undefined
  return typeof route?.path === 'string' ? `${req.baseUrl}${route.path}`.slice(0, 80) : 'none'
}

export function observe(req: Request, status: number, ms: number): void {
  const site = req.site as Request['site'] | undefined
  duration.observe({ site: site?.kind ?? 'none', method: req.method, route: routeLabel(req), status: `${Math.floor(status / 100)}xx` }, ms / 1000)
  if (site?.tenant) byTenant.inc({ tenant: tenantLabel(site.tenant.slug) })
}

/** The connection itself, not what a proxy says: forwarded requests are never from here. */
export const fromLoopback = (req: { socket: { remoteAddress?: string | undefined }; headers: Record<string, unknown> }): boolean =>
  /^(127\.|::1$|::ffff:127\.)/.test(req.socket.remoteAddress ?? '') && req.headers['x-forwarded-for'] === undefined

export const metrics: RequestHandler = async (req, res, next) => {
  if (!fromLoopback(req)) return next()
  res.set('Content-Type', register.contentType).send(await register.metrics())
}

/** `/metrics` on a port of its own (METRICS_PORT), for machines whose main port faces the world; listen() starts it. */
export function metricsServer(port: number): Server {
  const server = createServer((_req, res) => {
    register.metrics().then((text) => res.setHeader('Content-Type', register.contentType).end(text), () => res.writeHead(500).end())
  })
  return server.listen(port, '127.0.0.1')
}
