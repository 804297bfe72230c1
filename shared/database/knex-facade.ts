/** Settings every Knex of ours shares, and the tag that says whose it is. */
import knex, { type Knex } from 'knex'
import { log } from '../log.js'
import { errnoOf } from './database-busy.js'
import { DEADLOCK, repeating } from './repeat.js'

const snake = new Map<string, string>()
/** `createdAt` → `created_at`; names without capitals stay as they are. */
export function toColumn(name: string): string {
  if (!/[A-Z]/.test(name)) return name
  let column = snake.get(name)
  if (!column) snake.set(name, (column = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()))
  return column
}

/** Models ask for it by query context, so that plain Knex queries keep the names they were written with. */
export const MODEL_NAMES = Object.freeze({ modelNames: true })

const quiet = (message: unknown) => log().debug({ knex: message }, 'knex')

/** Everything but where the connections come from. `owner` is a tenant key or null for central. */
export function facadeConfig(owner: string | null): Knex.Config & { userParams: { owner: string | null } } {
  return {
    client: 'mysql2',
    userParams: { owner },
    log: { warn: quiet, error: quiet, debug: quiet, deprecate: quiet },
    wrapIdentifier: (value, wrap, context: unknown) => wrap(context === MODEL_NAMES ? toColumn(value) : value),
  }
}

/** Whose database a handle reads: a tenant key, null for central. */
export function ownerOf(handle: unknown): string | null | undefined {
  if (handle !== last.handle) {
    last.handle = handle
    last.owner = (handle as { userParams?: { owner?: string | null } } | undefined)?.userParams?.owner
  }
  return last.owner
}
/** Asked for each record of a result, which all come through one handle. */
const last: { handle: unknown; owner: string | null | undefined } = { handle: undefined, owner: undefined }

/** Refuses `db.transaction()`: it would share its connection with other queries of the unit of work. `connection` is passed by our own transactions. */
export function guardTransactions(db: Knex, instead: string): void {
  type Begin = (this: unknown, container: unknown, settings?: { connection?: unknown }, outer?: unknown) => unknown
  const client = db.client as { transaction: Begin }
  const begin = client.transaction
  client.transaction = function guarded(container, settings, outer) {
    if (!settings?.connection) throw new Error(`Open transactions with ${instead}().`)
    return begin.call(this, container, settings, outer)
  }
}

/**
 * A statement that stands alone is its own transaction: after a deadlock nothing of it remains, and it is sent again on its connection.
 * The clients of transactions are made anew from Knex's class, so that none of their statements is repeated by itself.
 */
export function repeatStatements(db: Knex): void {
  type Ask = (this: unknown, connection: unknown, statement: unknown) => Promise<unknown>
  const client = db.client as { _query: Ask }
  const ask = client._query
  client._query = function repeated(connection, statement) {
    const again = () => ask.call(this, connection, statement)
    return again().catch((error: unknown) => {
      if (errnoOf(error) !== DEADLOCK) throw error
      return repeating([DEADLOCK], again)
    })
  }
}

interface Parts {
  client: { pool: unknown; connectionSettings: unknown; removeAllListeners(): void }
  context: { client: unknown; userParams: unknown; queryBuilder(): { table(name: unknown, options: unknown): unknown } }
}
let base: (Knex & Parts) | undefined

/** One complete Knex, of which every tenant's is a thin copy. It has no connections. */
function commonBase(): Knex & Parts {
  if (base) return base
  const nobody = () => Promise.reject(new Error('This handle belongs to nobody.'))
  const pool = { acquire: () => ({ promise: nobody() }), release: () => false, destroy: () => Promise.resolve(), numFree: () => 0, numUsed: () => 0, numPendingAcquires: () => 0 }
  base = knex({ ...facadeConfig(null), connectionPool: pool as Knex.TarnPoolLike }) as Knex & Parts
  guardTransactions(base, 'tenantTransaction')
  repeatStatements(base)
  base.client.removeAllListeners()
  return base
}

/**
 * A Knex over other connections that shares all its code with the others: a full one for each tenant costs 20 KB, and each would have
 * to be warmed up by itself. `database` is what Knex says when it looks up columns (joined graphs do).
 */
export function thinKnex(owner: string, pool: Knex.TarnPoolLike, database: string): Knex {
  const common = commonBase()
  const client = Object.assign(Object.create(common.client) as Parts['client'], { pool, connectionSettings: { database } })
  const context = Object.assign(Object.create(common.context) as Parts['context'], { client, userParams: { owner } })
  const db = (table?: unknown, options?: unknown) => (table ? context.queryBuilder().table(table, options) : context.queryBuilder())
  Object.setPrototypeOf(db, common)
  Object.defineProperty(db, 'context', { value: context })
  return db as unknown as Knex
}
