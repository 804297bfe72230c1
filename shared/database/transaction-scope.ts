/** Which transaction the running code is inside of. Its own store, so that a sibling branch of the same unit of work is not drawn into it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'

export interface TransactionScope {
  /** Tenant key, or null for central. */
  readonly key: string | null
  readonly trx: Knex.Transaction
  open: boolean
  readonly hooks: Array<() => void | Promise<void>>
}

export const scopes = new AsyncLocalStorage<TransactionScope>()

/** The transaction around us, if it is still open. */
export function openScope(): TransactionScope | undefined {
  const scope = scopes.getStore()
  return scope?.open ? scope : undefined
}

/** Its handle when it belongs to this database (tenant key, or null for central). */
export function openTransaction(key: string | null): Knex.Transaction | undefined {
  const scope = openScope()
  return scope && scope.key === key ? scope.trx : undefined
}
