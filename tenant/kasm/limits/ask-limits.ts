/**
 * May this customer have, or run, one more? Called first in the transaction that orders or starts: the customer's row is locked before anything is counted, so of
 * two that arrive together the second counts the first. Outside a transaction the answer is for a button only. Each throws nothing and answers a Refusal or null.
 */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { inTransaction, tenantTransaction } from '../../../shared/database/transaction.js'
import type { Refusal } from '../../../shared/errors.js'
import type { Workspace } from '../workspace.js'
import { CustomerLimits, defaultLimits, refusalByNumber, refusalByRunning, refusalByType, type Held, type Limits } from './limits.js'

interface TypedPlan { readonly slug: string; readonly kasmWorkspaceType: string | null }
const typeOf = (plan: TypedPlan): string => plan.kasmWorkspaceType ?? plan.slug

/** Gone, put away, or on its way there. */
const gone = ['archived', 'terminating', 'terminated']
/** Running, or about to without another wish of the customer; so does one that stops to start again. */
const runs = ['provisioning', 'starting', 'running', 'pausing']

/** The customer's own limits, or the shop's. */
export async function limitsOf(userId: number): Promise<Limits> {
  return (await CustomerLimits.query().findOne({ userId }))?.limits ?? (await defaultLimits.read())
}

/** `except`: a workspace that is not counted. A stopped one that comes back by itself (restart) counts as running. */
export async function heldBy(userId: number, except: number | null = null): Promise<Held> {
  const mine = () => tenantDb()('kasm_workspaces').where({ user_id: userId }).modify((q) => void (except === null ? q : q.whereNot({ id: except })))
  const [all, running] = [
    await mine().whereNotIn('status', gone).where((q) => void q.whereNull('next_wish').orWhereNot('next_wish', 'archive')).count({ n: '*' }).first() as { n: number },
    await mine().where((q) => void q.whereIn('status', runs).orWhere({ status: 'stopping', next_wish: 'start' })).count({ n: '*' }).first() as { n: number },
  ]
  return { workspaces: Number(all.n), running: Number(running.n) }
}

/** Waits for whoever counts for the same customer. */
async function lockCustomer(userId: number): Promise<void> {
  if (inTransaction()) await tenantTransaction((trx) => trx('users').where({ id: userId }).forUpdate().first('id'))
}

const ask = async (userId: number, except: number | null, judge: (limits: Limits, held: Held) => Refusal | null): Promise<Refusal | null> => {
  await lockCustomer(userId)
  return judge(await limitsOf(userId), await heldBy(userId, except))
}

/** One more workspace of this plan's type; it will run at once. Call it before the first insert of the order's transaction. */
export const refusalToOrder = (userId: number, plan: TypedPlan, _now: Date): Promise<Refusal | null> =>
  ask(userId, null, (limits, held) => refusalByType(limits, typeOf(plan)) ?? refusalByNumber(limits, held) ?? refusalByRunning(limits, held))

/** Start, resume or restart one that is there. */
export const refusalToRun = (workspace: Pick<Workspace, 'id' | 'userId' | 'workspaceType'>, _now: Date): Promise<Refusal | null> =>
  ask(workspace.userId, workspace.id, (limits, held) => refusalByRunning(limits, held))

/** Bring back one that was removed: it counts again. */
export const refusalToKeep = (workspace: Pick<Workspace, 'id' | 'userId' | 'workspaceType'>, _now: Date): Promise<Refusal | null> =>
  ask(workspace.userId, workspace.id, refusalByNumber)

/** Change to another plan: of its type only. */
export const refusalToHaveType = (userId: number, plan: TypedPlan, _now: Date): Promise<Refusal | null> =>
  ask(userId, null, (limits) => refusalByType(limits, typeOf(plan)))
