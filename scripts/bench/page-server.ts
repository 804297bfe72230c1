/** One process that serves the page: `plain` (one database, an ordinary Knex pool, no tenancy) or `tenancy` (runInTenant and the broker). Told by messages. */
import express, { type Request, type Response } from 'express'
import Handlebars from 'handlebars'
import knex from 'knex'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import objection from 'objection'
import { wire, serverOf } from '../../shared/database/servers.js'
import { brokerSnapshots } from '../../shared/database/tenant-database.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { benchTenant } from './bench-tenants.js'
import { pageModels, type PageModels } from './page-models.js'

export interface PageServerOrder {
  mode: 'plain' | 'tenancy'
  run: string
  tenants: number
  connections: number
}
export interface PageServerFacts {
  heapMb: number
  /** Processor time of this process since it began, in ms. */
  cpuMs: number
  /** Of the plain pool. */
  connections: number
  snapshot: ReturnType<typeof brokerSnapshots>[number] | undefined
}

const template = Handlebars.compile(`<!doctype html><html lang="en"><head><title>{{user.name}}</title></head><body><h1>Welcome, {{user.name}}</h1>
{{#each notices}}<aside><h2>{{title}}</h2><p>{{body}}</p></aside>{{/each}}
<table><caption>Services</caption>{{#each services}}<tr><td><a href="/services/{{id}}">{{label}}</a></td><td class="{{status}}">{{status}}</td><td>{{priceMinor}}</td></tr>{{/each}}</table>
<table><caption>Invoices</caption>{{#each invoices}}<tr><td><a href="/invoices/{{id}}">{{number}}</a></td><td>{{status}}</td><td>{{totalMinor}}</td><td>{{dueAt}}</td></tr>{{/each}}</table></body></html>`)

async function page(models: PageModels, res: Response): Promise<void> {
  const session = await models.session.query().findById('s'.repeat(32)) as unknown as { userId: number }
  const user = await models.user.query().findById(session.userId)
  const services = await models.service.query().where('user_id', session.userId).orderBy('id')
  const invoices = await models.invoice.query().where('user_id', session.userId).orderBy('due_at', 'desc').limit(5)
  const notices = await models.notice.query().orderBy('id', 'desc').limit(2)
  res.type('html').send(template({ user, services, invoices, notices }, { allowProtoPropertiesByDefault: true }))
}

class PlainModel extends objection.Model {
  static override columnNameMappers = objection.snakeCaseMappers()
}

/** Of the ordinary pool of the plain page. */
let plainConnections = (): number => 0

type Handler = (req: Request, res: Response) => Promise<void>

function plainHandler({ run, connections }: PageServerOrder): Handler {
  const { host, port } = serverOf(1)
  const { db } = benchTenant(run, 1)
  const pooled = knex({ client: 'mysql2', connection: { ...wire, host, port, user: db.user, password: db.password, database: db.database } as never, pool: { min: 0, max: connections } })
  PlainModel.knex(pooled)
  plainConnections = () => { const { pool } = pooled.client as { pool: { numUsed(): number; numFree(): number } }; return pool.numUsed() + pool.numFree() }
  const models = pageModels(PlainModel)
  return (_req, res) => page(models, res)
}

function tenancyHandler({ run, tenants }: PageServerOrder): Handler {
  const known = new Map<string, Tenant>()
  for (let n = 1; n <= tenants; n++) known.set(`t${n}`, benchTenant(run, n))
  const models = pageModels(TenantModel)
  return (req, res) => {
    const tenant = known.get(req.headers.host ?? '')
    return tenant ? runInTenant(tenant, () => page(models, res)) : Promise.resolve(void res.status(404).end())
  }
}

function serve(order: PageServerOrder): void {
  const app = express()
  app.set('etag', false).set('env', 'production').disable('x-powered-by')
  app.get('/account', order.mode === 'plain' ? plainHandler(order) : tenancyHandler(order))
  const server = createServer({ keepAliveTimeout: 60_000 }, app)
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
}

function facts(collect: boolean): PageServerFacts {
  if (collect) (globalThis as { gc?: () => void }).gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return { heapMb: (heapUsed + external) / 2 ** 20, cpuMs: (user + system) / 1000, connections: plainConnections(), snapshot: brokerSnapshots()[0] }
}

process.on('message', (message: { serve?: PageServerOrder; facts?: 'now' | 'collected' }) => {
  if (message.serve) serve(message.serve)
  if (message.facts) process.send?.({ facts: facts(message.facts === 'collected') })
})
process.on('disconnect', () => process.exit(0))
