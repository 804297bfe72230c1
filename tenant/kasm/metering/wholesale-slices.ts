/**
 * What central must know of our use: one record for each session and calendar month of the tenant's zone, under a key that never changes, so telling
 * twice is telling once. A slice is told when it is final: the session is closed, or it was seen running after the month's end.
 */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory, type UsageRecord } from '../../../shared/tenancy/directory.js'
import { monthOf, nextMonth } from '../../../shared/time/period.js'
import { billableSecondsIn, firstIncrementIn } from './meter.js'
import { UsageSession } from './usage-session.js'

type Facts = Pick<UsageSession, 'id' | 'startedAt' | 'stoppedAt' | 'lastSeenAt' | 'wholesaleSku'> & { readonly certainUntil: Date }

/** Pure. The final slices of a session, oldest first. */
export function finalSlices(session: Facts, timeZone: string): UsageRecord[] {
  const until = session.certainUntil
  const run = { startedAt: session.startedAt, stoppedAt: until }
  const records: UsageRecord[] = []
  for (let month = monthOf(session.startedAt, timeZone); month.start < until; month = nextMonth(month, timeZone)) {
    if (!session.stoppedAt && month.end > until) break
    const occurredAt = firstIncrementIn(run, month, until)
    if (!occurredAt || !session.wholesaleSku) continue
    records.push({
      key: `kasm-session:${session.id}:${month.key}`, sku: session.wholesaleSku, quantitySeconds: billableSecondsIn(run, month, until), occurredAt,
      detail: { session: session.id, startedAt: session.startedAt.toISOString(), stoppedAt: session.stoppedAt?.toISOString() ?? null },
    })
  }
  return records
}

/** Tells central about a closed session. Repeatable. */
export async function recordSession(sessionId: number): Promise<void> {
  const session = await UsageSession.query().findById(sessionId)
  if (session) await tell([session])
}

/** Tells central about the months that are over of sessions that still run. Repeatable; the timetable runs it hourly. */
export async function recordFinishedMonths(now: Date): Promise<void> {
  const thisMonth = monthOf(now, currentTenant().timeZone)
  await tell(await UsageSession.query().whereNull('stopped_at').where('started_at', '<', thisMonth.start))
}

async function tell(sessions: readonly UsageSession[]): Promise<void> {
  const tenant = currentTenant()
  const records = sessions.flatMap((session) => finalSlices(session, tenant.timeZone))
  if (records.length) await directory().recordUsage(tenant, records)
}
