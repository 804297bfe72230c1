/**
 * What is true around the running code: whose unit of work it is, who acts, which transaction is open. One AsyncLocalStorage for all three,
 * because the runtime copies every store into every promise. Read and entered only by context.ts, events/actor.ts and
 * database/transaction-scope.ts; each replaces its own part and keeps the others. No part is ever changed in place.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { TransactionScope } from '../database/transaction-scope.js'
import type { Actor } from '../events/actor.js'
import type { Work } from './context.js'

export class Ambient {
  constructor(readonly work: Work | null, readonly actor: Actor | null, readonly transaction: TransactionScope | null) {
    Object.freeze(this)
  }
}

const nothing = new Ambient(null, null, null)
const storage = new AsyncLocalStorage<Ambient>()

export const ambient = (): Ambient => storage.getStore() ?? nothing

/** Runs `fn`, and everything it begins, with another unit of work, or with none. Who acts and which transaction is open stay. */
export function withWork<T>(work: Work | null, fn: () => T): T {
  const { actor, transaction } = ambient()
  return storage.run(new Ambient(work, actor, transaction), fn)
}

export function withAmbientActor<T>(actor: Actor, fn: () => T): T {
  const { work, transaction } = ambient()
  return storage.run(new Ambient(work, actor, transaction), fn)
}

export function withTransaction<T>(transaction: TransactionScope, fn: () => T): T {
  const { work, actor } = ambient()
  return storage.run(new Ambient(work, actor, transaction), fn)
}
