/** The central database: a small pool of its own. Tenants never see it; what they need of it comes through the directory. */
import knex, { type Knex } from 'knex'
import { config } from '../config.js'
import { currentTenantOrNull, WrongTenant } from '../tenancy/context.js'
import { DatabaseBusy } from './database-busy.js'
import { facadeConfig, guardTransactions, repeatStatements } from './knex-facade.js'
import { serverFromUrl, wire } from './servers.js'
import { closeTenantDatabases } from './tenant-database.js'
import { openTransaction } from './transaction-scope.js'

let pool: Knex | undefined

function refuseTenant(): void {
  const tenant = currentTenantOrNull()
  if (tenant) throw new WrongTenant(`A unit of work of ${tenant.slug} may not read the central database.`)
}

interface AcquiringClient {
  acquireConnection: () => Promise<unknown>
}

/** Checks again when a query is awaited, and says "busy" the way the broker does. */
function guardAcquire(db: Knex): void {
  const client = db.client as AcquiringClient
  const acquire = client.acquireConnection.bind(client)
  client.acquireConnection = async () => {
    refuseTenant()
    try {
      return await acquire()
    } catch (error) {
      throw new DatabaseBusy('The central database is not available at the moment.', 2, error)
    }
  }
}

function makePool(): Knex {
  const { DATABASE_URL, CENTRAL_DATABASE, CENTRAL_CONNECTIONS } = config()
  const { host, port, adminUser, adminPassword } = serverFromUrl(DATABASE_URL, 1, 'first')
  const db = knex({
    ...facadeConfig(null),
    connection: { ...wire, host, port, user: adminUser, password: adminPassword, database: CENTRAL_DATABASE } as unknown as Knex.MySql2ConnectionConfig,
    pool: { min: 0, max: CENTRAL_CONNECTIONS, acquireTimeoutMillis: 3000, propagateCreateError: true, idleTimeoutMillis: 30_000 },
  })
  guardAcquire(db)
  guardTransactions(db, 'centralTransaction')
  repeatStatements(db)
  return db
}

/** The central database: its open transaction when the code is inside one. Throws WrongTenant inside a tenant's work. */
export function centralDb(): Knex {
  refuseTenant()
  return openTransaction(null) ?? (pool ??= makePool())
}

/** Closes every connection of this process; the next use opens new ones. For shutdown and tests. */
export async function closeDatabases(): Promise<void> {
  closeTenantDatabases()
  const closing = pool
  pool = undefined
  await closing?.destroy()
}
