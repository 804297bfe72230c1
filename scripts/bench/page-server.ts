/** One process that serves the account page: `plain` (one database, a Knex pool, no tenancy) or `tenancy` (the product as it is). Takes messages. */
import { Router, type Express, type RequestHandler } from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import objection from 'objection'
import { originOf } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { brokerSnapshots } from '../../shared/database/tenant-database.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import { createApp } from '../../shared/http/app.js'
import { frameBrand } from '../../shared/http/page.js'
import type { Site } from '../../shared/http/request.js'
import { plugDirectory } from '../../shared/tenancy/directory.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'
import { accountPage } from './account-page.js'
import { benchTenant } from './bench-tenants.js'
import { pageModels } from './page-models.js'

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

class PlainModel extends objection.Model {
  static override columnNameMappers = objection.snakeCaseMappers()
}

/** Of the ordinary pool of the plain page. */
let plainConnections = (): number => 0
const nobody: RequestHandler = Router()

/** A shop of its own: its database is the ordinary pool that the product has for central (see pageEnv), its site a constant. */
function plainApp({ run }: PageServerOrder): Express {
  const tenant = benchTenant(run, 1)
  const host = tenant.primaryHost
  const site: Site = { kind: 'console', tenant: null, host, origin: originOf(host), scope: tenant.uuid }
  const brand = frameBrand({ ...site, tenant })
  PlainModel.knex(centralDb())
  const { pool } = centralDb().client as { pool: { numUsed(): number; numFree(): number } }
  plainConnections = () => pool.numUsed() + pool.numFree()
  const resolve: RequestHandler = (req, res, next) => {
    req.site = site
    res.locals['brand'] = brand
    next()
  }
  return createApp({ tenantApp: nobody, consoleApp: accountPage(pageModels(PlainModel)), platformApp: nobody }, { resolve, enter: (_req, _res, next) => next() })
}

function tenancyApp({ run, tenants }: PageServerOrder): Express {
  const directory = new MemoryDirectory()
  for (let n = 1; n <= tenants; n++) directory.put(benchTenant(run, n))
  plugDirectory(directory)
  return createApp({ tenantApp: accountPage(pageModels(TenantModel)), consoleApp: nobody, platformApp: nobody })
}

function serve(order: PageServerOrder): void {
  const app = order.mode === 'plain' ? plainApp(order) : tenancyApp(order)
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
