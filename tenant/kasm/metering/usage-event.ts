/** What the meter was told, when, and by whom: append only, one row a transition or gap. The receipt of a run is read from here. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { currentActor } from '../../../shared/events/actor.js'
import { clock } from '../../../shared/time/clock.js'
import type { EndReason, Starter } from '../workspace.js'

/** `command`: somebody asked for it on a page. `poll`: the minute's look at the server. `repair`: a correction that found itself necessary. */
export type UsageEventSource = 'command' | 'poll' | 'repair' | 'schedule' | 'budget' | 'staff'

export interface UsageEvent {
  readonly workspaceId: number
  readonly sessionId: number | null
  /** `started`, `stopped`, `gap`, `corrected`; and the workspace's own events without their prefix: `start-requested`, `paused`, `renamed`. */
  readonly kind: string
  readonly source: UsageEventSource
  readonly at: Date
  readonly detail: Readonly<Record<string, unknown>>
}
/** As kept: with who acted. */
export interface KeptUsageEvent extends UsageEvent {
  readonly id: number
  readonly actorKind: string
  readonly actorId: number | null
}

/** In the open transaction. `eventId`: the recorded event that it tells of; the same one is kept once. */
export async function noteUse(event: UsageEvent, more: { eventId?: number; actor?: { kind: string; id: number | null } } = {}): Promise<void> {
  const actor = more.actor ?? currentActor()
  const row = {
    kasm_workspace_id: event.workspaceId, kasm_usage_session_id: event.sessionId, kind: event.kind, source: event.source, actor_kind: actor.kind, actor_id: actor.id,
    occurred_at: event.at, detail: JSON.stringify(event.detail), event_id: more.eventId ?? null, created_at: clock.now(),
  }
  const insert = tenantDb()('kasm_usage_events').insert(row)
  await (more.eventId === undefined ? insert : insert.onConflict('event_id').merge(['event_id']))
}

export const sourceOfStart = (by: Starter): UsageEventSource => (by === 'schedule' || by === 'staff' ? by : 'command')

export function sourceOfEnd(reason: EndReason): UsageEventSource {
  if (reason === 'provider') return 'poll'
  if (reason === 'schedule' || reason === 'idle') return 'schedule'
  return reason === 'budget' || reason === 'staff' ? reason : 'command'
}

interface Row { id: number; kasm_workspace_id: number; kasm_usage_session_id: number | null; kind: string; source: UsageEventSource; actor_kind: string; actor_id: number | null; occurred_at: Date; detail: string | Record<string, unknown> }

/** Of one workspace or one run, oldest first; at most `limit`, the newest. */
export async function usageEvents(of: { workspaceId: number } | { sessionId: number }, limit = 200): Promise<KeptUsageEvent[]> {
  const where = 'sessionId' in of ? { kasm_usage_session_id: of.sessionId } : { kasm_workspace_id: of.workspaceId }
  const rows = (await tenantDb()('kasm_usage_events').where(where).orderBy([{ column: 'occurred_at', order: 'desc' }, { column: 'id', order: 'desc' }]).limit(limit)) as Row[]
  return rows.reverse().map((row) => ({
    id: row.id, workspaceId: row.kasm_workspace_id, sessionId: row.kasm_usage_session_id, kind: row.kind, source: row.source, actorKind: row.actor_kind, actorId: row.actor_id, at: row.occurred_at,
    detail: typeof row.detail === 'string' ? (JSON.parse(row.detail) as Record<string, unknown>) : row.detail,
  }))
}
