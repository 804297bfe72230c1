/** What the meter hears of: every transition of a workspace is kept beside the runs, with who wanted it; a correction is told to the platform. */
import type { RecordedEvent } from '../../../shared/events/event.js'
import { on } from '../../../shared/events/reactions.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Workspace } from '../workspace.js'
import { noteUse, type UsageEventSource } from './usage-event.js'
import { recordSession } from './wholesale-slices.js'

/** Transitions that are kept. `started` and the end of a run are written by the run itself, in its own transaction. */
const kept = [
  'ready', 'start-requested', 'start-failed', 'stop-requested', 'stopped', 'paused', 'resumed', 'restarted', 'changed', 'extended', 'archived', 'restored', 'terminated', 'force-stopped', 'auto-stop-announced',
  'budget-warned', 'budget-stopped', 'repaired',
] as const

export function registerMeterReactions(): void {
  for (const kind of kept) on(`workspace.${kind}`, 'keep beside the runs', (event) => keepTransition(kind, event))
  on('workspace.run-corrected', 'correct wholesale usage', (event) => recordSession(event.subjectId!))
}

async function keepTransition(kind: string, event: RecordedEvent): Promise<void> {
  const workspace = event.subjectId === null ? undefined : await Workspace.query().findById(event.subjectId)
  if (!workspace) return
  const run = (await tenantDb()('kasm_usage_sessions').where({ kasm_workspace_id: workspace.id }).where('started_at', '<=', event.occurredAt).orderBy('started_at', 'desc').first('id')) as { id: number } | undefined
  const about = { workspaceId: workspace.id, sessionId: belongsToNoRun.has(kind) ? null : (run?.id ?? null), kind, source: sourceOf(kind, event), at: event.occurredAt, detail: event.data }
  await noteUse(about, { eventId: event.id, actor: { kind: event.actorKind, id: event.actorId } })
}

const belongsToNoRun: ReadonlySet<string> = new Set(['ready', 'start-requested', 'start-failed', 'archived', 'restored', 'terminated', 'changed'])

/** Pure. Who said it: the event's own word, else who acted. */
export function sourceOf(kind: string, event: Pick<RecordedEvent, 'data' | 'actorKind'>): UsageEventSource {
  const by = event.data['by'] ?? event.data['why']
  if (kind === 'repaired') return 'repair'
  if (kind.startsWith('budget-') || by === 'budget') return 'budget'
  if (by === 'provider') return 'poll'
  if (by === 'schedule' || by === 'idle') return 'schedule'
  return by === 'staff' || kind === 'force-stopped' || event.actorKind === 'staff' || event.actorKind === 'member' ? 'staff' : 'command'
}
