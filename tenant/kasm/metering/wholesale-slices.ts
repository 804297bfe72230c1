/**
 * What central must know of our use: one record for each session and calendar month of the tenant's zone, under a key that never changes, so telling
 * twice is telling once. A slice is told when it is final: the session is closed, or it was seen running after the month's end. Nothing that was told is ever
 * told otherwise: a correction is a record of its own, below zero, at the instant (hence the price and the month) of the use that it takes back.
 */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import type { UsageRecord } from '../../../shared/tenancy/wholesale.js'
import { monthOf, nextMonth } from '../../../shared/time/period.js'
import { Correction } from './correction.js'
import { billableSecondsIn, certain, firstIncrementIn, type SeenRun } from './meter.js'
import { UsageSession } from './usage-session.js'

type Facts = SeenRun & Pick<UsageSession, 'id' | 'wholesaleSku'>
type Moved = Pick<Correction, 'id' | 'stoppedBefore' | 'stoppedAfter'>

/** Pure. The final slices of a session, oldest first. */
export function finalSlices(session: Facts, timeZone: string): UsageRecord[] {
  const run = certain(session)
  const until = run.stoppedAt!
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

/** Pure. All records of a session that was corrected: as it was told first, and what each correction took back. Together they are its seconds. */
export function slicesWithCorrections(session: Facts, corrections: readonly Moved[], timeZone: string): UsageRecord[] {
  const [first] = corrections
  if (!first) return finalSlices(session, timeZone)
  const at = (stoppedAt: Date): UsageRecord[] => finalSlices({ ...factsOf(session), stoppedAt }, timeZone)
  return [...at(first.stoppedBefore), ...corrections.flatMap((c) => takenBack(at(c.stoppedBefore), at(c.stoppedAfter), c.id))]
}

function takenBack(before: readonly UsageRecord[], after: readonly UsageRecord[], correctionId: number): UsageRecord[] {
  return before.flatMap((record) => {
    const left = after.find((a) => a.key === record.key)?.quantitySeconds ?? 0
    if (left === record.quantitySeconds) return []
    return [{ ...record, key: `${record.key}:correction:${correctionId}`, quantitySeconds: left - record.quantitySeconds, detail: { ...record.detail, correction: correctionId } }]
  })
}

const factsOf = ({ id, startedAt, stoppedAt, lastSeenAt, wholesaleSku, gaps }: Facts): Facts => ({ id, startedAt, stoppedAt, lastSeenAt, wholesaleSku, gaps: gaps ?? [] })

/** Tells central about a closed session, and what of it was corrected. Repeatable. */
export async function recordSession(sessionId: number): Promise<void> {
  const session = await UsageSession.query().findById(sessionId)
  if (!session?.stoppedAt) return
  const corrections = await Correction.query().where('kasmUsageSessionId', session.id).orderBy('position')
  await tell(slicesWithCorrections(session, corrections, currentTenant().timeZone))
}

/** Tells central about the months that are over of sessions that still run. Repeatable; the timetable runs it hourly. */
export async function recordFinishedMonths(now: Date): Promise<void> {
  const { timeZone } = currentTenant()
  let last = 0
  for (let some = await stillOpen(now, last); some.length; some = await stillOpen(now, last)) {
    await tell(some.flatMap((session) => finalSlices(session, timeZone)))
    last = some.at(-1)!.id
  }
}

const stillOpen = async (now: Date, after: number): Promise<UsageSession[]> =>
  UsageSession.query().whereNotNull('open_workspace_id').where('started_at', '<', monthOf(now, currentTenant().timeZone).start).where('id', '>', after).orderBy('id').limit(200)

async function tell(records: readonly UsageRecord[]): Promise<void> {
  if (records.length) await directory().recordUsage(currentTenant(), records)
}
