/** Where the times that nobody saw are kept. Append only: a sighting after one never takes it back. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { clock } from '../../../shared/time/clock.js'
import type { Gap } from './meter.js'
import { noteUse, type UsageEventSource } from './usage-event.js'

export interface GapRow { kasm_usage_session_id: number; started_at: Date; ended_at: Date; seen_again: number }

/** By run, in order. */
export async function gapsOf(sessionIds: readonly number[]): Promise<ReadonlyMap<number, Gap[]>> {
  const rows = sessionIds.length ? ((await tenantDb()('kasm_usage_gaps').whereIn('kasm_usage_session_id', [...sessionIds]).orderBy(['kasm_usage_session_id', 'started_at'])) as GapRow[]) : []
  return byRun(rows)
}

export function byRun(rows: readonly GapRow[]): Map<number, Gap[]> {
  const gaps = new Map<number, Gap[]>()
  for (const row of rows) gaps.set(row.kasm_usage_session_id, [...(gaps.get(row.kasm_usage_session_id) ?? []), { start: row.started_at, end: row.ended_at, seenAgain: Boolean(row.seen_again) }])
  return gaps
}

/** Writes one down, in the open transaction; the caller holds the run's row. */
export async function keepGap(session: { id: number; kasmWorkspaceId: number }, gap: Gap, source: UsageEventSource = 'poll'): Promise<void> {
  await tenantDb()('kasm_usage_gaps').insert({ kasm_usage_session_id: session.id, started_at: gap.start, ended_at: gap.end, seen_again: gap.seenAgain, created_at: clock.now() })
  await noteUse({ workspaceId: session.kasmWorkspaceId, sessionId: session.id, kind: 'gap', source, at: gap.end, detail: { from: gap.start.toISOString(), to: gap.end.toISOString(), seenAgain: gap.seenAgain } })
}
