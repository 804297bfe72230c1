/** Settings every Knex of ours shares, and the tag that says whose it is. */
import type { Knex } from 'knex'
import { log } from '../log.js'

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
  const client = db.client as { transaction: (container: unknown, config?: { connection?: unknown }, outer?: unknown) => unknown }
  const begin = client.transaction.bind(client)
  client.transaction = (container, settings, outer) => {
    if (!settings?.connection) throw new Error(`Open transactions with ${instead}().`)
    return begin(container, settings, outer)
  }
}
