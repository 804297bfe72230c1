/**
 * Transactions. READ COMMITTED: our writes are compare-and-set or lock the row they read, so repeatable reads would add only gap locks, and
 * with them deadlocks between customers. The outermost transaction is repeated as a whole after a deadlock or a lock timeout, so `fn` must
 * keep its effects in the database (or in afterCommit, or take them back: onRollback). Doors to the outside refuse to work while one is open.
 */
import type { Knex } from 'knex'
import { log } from '../log.js'
import { TRANSACTION_SLOT } from '../outside/client.js'
import { currentTenant, currentWork, currentWorkOrNull, WrongTenant } from '../tenancy/context.js'
import { tenantKey } from '../tenancy/tenant.js'
import { centralDb } from './central-database.js'
import { DEADLOCK, LOCK_WAIT_TIMEOUT, repeating } from './repeat.js'
import { leaseOf, tenantDb } from './tenant-database.js'
import { openScope, runInScope, type TransactionScope } from './transaction-scope.js'

type Body<T> = (trx: Knex.Transaction) => Promise<T>

/** Runs `fn` in a transaction of the current tenant; inside one already, joins it. Throws inside a central transaction. */
export function tenantTransaction<T>(fn: Body<T>): Promise<T> {
  const tenant = currentTenant()
  return joinOrBegin(tenantKey(tenant), fn, async () => {
    const lease = leaseOf(currentWork(), tenant)
    const p = await lease.acquireAlone()
    return { db: tenantDb(), connection: p.raw, giveBack: () => lease.release(p), destroy: () => lease.destroy(p) }
  })
}

/** Runs `fn` in a transaction of the central database; inside one already, joins it. Throws inside a tenant's work or transaction. */
export function centralTransaction<T>(fn: Body<T>): Promise<T> {
  return joinOrBegin(null, fn, async () => {
    const db = centralDb()
    const client = db.client as { acquireConnection(): Promise<{ destroy(): void }>; releaseConnection(c: unknown): Promise<void> }
    const connection = await client.acquireConnection()
    const giveBack = () => void client.releaseConnection(connection)
    return { db, connection, giveBack, destroy: () => { connection.destroy(); giveBack() } }
  })
}

/** Runs after the outermost commit, in order, before the transaction's promise resolves; at once when no transaction is open; never when it is rolled back. */
export function afterCommit(fn: () => void | Promise<void>): void {
  const scope = openScope()
  if (scope) scope.hooks.push(fn)
  else void runHook(fn)
}

/** Is a transaction open around this code? */
export const inTransaction = (): boolean => openScope() !== undefined

interface Opened {
  db: Knex
  connection: unknown
  giveBack: () => void
  destroy: () => void
}

async function joinOrBegin<T>(key: string | null, fn: Body<T>, open: () => Promise<Opened>): Promise<T> {
  const around = openScope()
  if (around) {
    if (around.key !== key) throw new WrongTenant('Transactions of two databases do not nest: finish one, then begin the other.')
    return fn(around.trx)
  }
  return repeating([DEADLOCK, LOCK_WAIT_TIMEOUT], () => once(key, fn, open))
}

async function once<T>(key: string | null, fn: Body<T>, open: () => Promise<Opened>): Promise<T> {
  const opened = await open()
  const scope = { key, open: true, hooks: [] as TransactionScope['hooks'], undo: [] as TransactionScope['undo'] }
  const closeSlot = markOpen()
  let committing = false
  const body = async (trx: Knex.Transaction) => {
    const result = await runInScope(Object.assign(scope, { trx }), () => fn(trx))
    committing = true
    scope.open = false
    return result
  }
  let result: T
  try {
    result = await opened.db.transaction(body, { connection: opened.connection, isolationLevel: 'read committed' } as Knex.TransactionConfig)
    opened.giveBack()
  } catch (error) {
    if (committing) opened.destroy()
    else opened.giveBack()
    for (const undo of scope.undo.reverse()) undo()
    throw error
  } finally {
    scope.open = false
    closeSlot()
  }
  for (const hook of scope.hooks) await runHook(hook)
  return result
}

/** Tells the doors that a transaction is open in this unit of work. Returns how to take that back. */
function markOpen(): () => void {
  const slots = currentWorkOrNull()?.slots
  const add = (n: number) => {
    const open = ((slots?.get(TRANSACTION_SLOT) as number | undefined) ?? 0) + n
    if (open > 0) slots?.set(TRANSACTION_SLOT, open)
    else slots?.delete(TRANSACTION_SLOT)
  }
  add(1)
  return () => add(-1)
}

/** The commit has happened: a failing hook is reported, it does not undo anything. Every hook is only a nudge; its row is the truth. */
async function runHook(hook: () => void | Promise<void>): Promise<void> {
  try {
    await hook()
  } catch (err) {
    log().error({ err }, 'A step after the commit failed')
  }
}
