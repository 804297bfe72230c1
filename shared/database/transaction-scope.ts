/** Which transaction the running code is inside of. Ambient, not a slot of the unit of work, so that a sibling branch of it is not drawn in. */
import type { Knex } from 'knex'
import { ambient, withTransaction } from '../tenancy/ambient.js'

export interface TransactionScope {
  /** Tenant key, or null for central. */
  readonly key: string | null
  readonly trx: Knex.Transaction
  open: boolean
  readonly hooks: Array<() => void | Promise<void>>
  /** Takes back in memory what the database is about to forget. */
  readonly undo: Array<() => void>
}

/** Runs `fn` inside of this transaction. */
export const runInScope: <T>(scope: TransactionScope, fn: () => T) => T = withTransaction

/** The transaction around us, if it is still open. */
export function openScope(): TransactionScope | undefined {
  const { transaction } = ambient()
  return transaction?.open ? transaction : undefined
}

/** Runs when the transaction around us is rolled back, last first, before it is repeated; never after a commit, nor outside of one. */
export function onRollback(fn: () => void): void {
  openScope()?.undo.push(fn)
}

/** Its handle when it belongs to this database (tenant key, or null for central). */
export function openTransaction(key: string | null): Knex.Transaction | undefined {
  const scope = openScope()
  return scope && scope.key === key ? scope.trx : undefined
}
