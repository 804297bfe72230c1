/** Writes down what happened, in the transaction of the change: either both are there or neither. */
import { openScope, type TransactionScope } from '../database/transaction-scope.js'
import { currentTenantOrNull, currentWork } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { currentActor } from './actor.js'
import { dispatchCentralJob, dispatchJob } from './dispatch-job.js'
import { subjectOf, type Subject } from './event.js'
import { eventsDb } from './events-table.js'
import { reactionsTo } from './reactions.js'

const nudged = new WeakSet<TransactionScope>()

/**
 * `subject`: a model, or `{type: table, id}`. `extra.userId`: the customer whose history shows it; `extra.tenantId`: in central, the reseller.
 * Never put secrets in `data`: staff reads it.
 */
export async function record(type: string, subject: Subject | null, data: Record<string, unknown> = {}, extra: { userId?: number | null; tenantId?: number | null } = {}): Promise<void> {
  const actor = currentActor()
  const { type: subjectType, id: subjectId } = subjectOf(subject)
  const whose = currentTenantOrNull() ? { user_id: extra.userId ?? (actor.kind === 'user' ? actor.id : null) } : { tenant_id: extra.tenantId ?? null }
  await eventsDb()('events').insert({
    type, subject_type: subjectType, subject_id: subjectId, ...whose, actor_kind: actor.kind, actor_id: actor.id, ip: actor.ip,
    work_id: currentWork().id.slice(0, 64), data: JSON.stringify(data), occurred_at: clock.now(),
  })
  if (reactionsTo(type).size) await nudgeOnce()
}

/** One nudge a transaction, however many events it records; it leaves with the commit. */
async function nudgeOnce(): Promise<void> {
  const scope = openScope()
  if (scope && nudged.has(scope)) return
  if (scope) nudged.add(scope)
  await (currentTenantOrNull() ? dispatchJob : dispatchCentralJob).enqueue({}, { key: 'dispatch' })
}
