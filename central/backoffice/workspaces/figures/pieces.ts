/** Runs cut at the shop's midnights: what was used on which day. Pure but for reading the runs. */
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { dayAfter, isoOf, localDateOf, localMidnight } from '../../../../shared/time/local-date.js'
import { monthOf, nextMonth, type Period, type Span } from '../../../../shared/time/period.js'
import { UsageSession } from '../../../../tenant/kasm/metering/usage-session.js'

export interface Day extends Span {
  /** `2026-11-05`, as the shop's people see it. */
  readonly day: string
}
/** Part of one run on one day. */
export interface Piece {
  readonly session: UsageSession
  readonly serviceId: number
  readonly userId: number
  readonly type: string
  readonly day: string
  /** `2026-11`. */
  readonly month: string
  /** By the clock, and in whole quarter hours that begin on the day. */
  readonly ranSeconds: number
  readonly billedSeconds: number
}

/** Every day of the span, in the shop's zone. */
export function daysOf(span: Span, timeZone: string): Day[] {
  const days: Day[] = []
  for (let date = localDateOf(span.start, timeZone), start = localMidnight(date, timeZone); start < span.end;) {
    const next = dayAfter(date)
    const end = localMidnight(next, timeZone)
    days.push({ day: isoOf(date), start, end })
    date = next
    start = end
  }
  return days
}

/** The calendar months that the span touches: bills are rounded by them. */
export function monthsOf(span: Span, timeZone: string): Period[] {
  const months: Period[] = []
  for (let month = monthOf(span.start, timeZone); month.start < span.end; month = nextMonth(month, timeZone)) months.push(month)
  return months
}

/** Runs that have any time within the span; of one service, or of all. */
export async function runsIn(span: Span, serviceId?: number): Promise<UsageSession[]> {
  const of = tenantDb()('kasm_workspaces').where({ service_id: serviceId ?? 0 }).select('id')
  return UsageSession.query().where('startedAt', '<', span.end).where((q) => void q.whereNull('stopped_at').orWhere('stopped_at', '>', span.start))
    .modify((q) => void (serviceId === undefined ? q : q.whereIn('kasmWorkspaceId', of))).orderBy(['startedAt', 'id'])
}

interface Owner { id: number; service_id: number; user_id: number; workspace_type: string }

/** Of days in order, those that the span touches. */
function daysWithin(days: readonly Day[], { start, end }: Span): Day[] {
  let [low, high] = [0, days.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (days[middle]!.end <= start) low = middle + 1
    else high = middle
  }
  const found: Day[] = []
  for (let i = low; i < days.length && days[i]!.start < end; i++) found.push(days[i]!)
  return found
}

/** Each run from its own start, also where that lies before the span: bills are counted off from there. In order of time within a run. */
export async function piecesOf(sessions: readonly UsageSession[], now: Date): Promise<Piece[]> {
  const { timeZone } = currentTenant()
  const owners = new Map(((await tenantDb()('kasm_workspaces').whereIn('id', [...new Set(sessions.map((s) => s.kasmWorkspaceId))]).select('id', 'service_id', 'user_id', 'workspace_type')) as Owner[]).map((o) => [o.id, o]))
  const all = daysOf({ start: sessions.reduce((first, s) => (s.startedAt < first ? s.startedAt : first), now), end: now }, timeZone)
  return sessions.flatMap((session) => {
    const owner = owners.get(session.kasmWorkspaceId)!
    const end = session.stoppedAt ?? now
    return daysWithin(all, { start: session.startedAt, end }).map((day) => ({
      session, serviceId: owner.service_id, userId: owner.user_id, type: owner.workspace_type, day: day.day, month: day.day.slice(0, 7),
      ranSeconds: Math.max(0, Math.floor((Math.min(end.getTime(), day.end.getTime()) - Math.max(session.startedAt.getTime(), day.start.getTime())) / 1000)),
      billedSeconds: session.billableSecondsIn(day, now),
    }))
  })
}

/** Most runs that were open at one moment of each day. */
export function peaks(sessions: readonly Pick<UsageSession, 'startedAt' | 'stoppedAt'>[], days: readonly Span[], now: Date): number[] {
  return days.map((day) => {
    const moves = sessions.filter((s) => s.startedAt < day.end && (s.stoppedAt ?? now) > day.start).flatMap((s) => [[Math.max(s.startedAt.getTime(), day.start.getTime()), 1], [(s.stoppedAt ?? now).getTime(), -1]] as const)
    let [open, most] = [0, 0]
    for (const [, step] of [...moves].sort(([a, up], [b, down]) => a - b || up - down)) most = Math.max(most, open += step)
    return most
  })
}
