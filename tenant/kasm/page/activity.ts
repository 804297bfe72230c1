/** What was done to a workspace and by whom: the events of its history that concern its owner, in plain words. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Service } from '../../services/service.js'
import type { Workspace } from '../workspace.js'
import { frameOf, type WorkspaceFrame } from './frame.js'
import { stopSentence } from './words.js'

interface Row { type: string; data: string | Record<string, unknown>; actor_kind: string; actor_id: number | null; occurred_at: Date }
type Data = Readonly<Record<string, unknown>>
export interface Moment { title: string; icon: string; tone: 'good' | 'bad' | 'warn' | 'calm'; at: Date; by: string }
type Telling = readonly [icon: string, tone: Moment['tone'], title: string | ((data: Data) => string)]

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 80) : '')
const tellings: Readonly<Record<string, Telling>> = {
  'workspace.ready': ['circle-check', 'good', 'Set up and ready'],
  'workspace.started': ['player-play', 'good', (d) => (d['by'] === 'schedule' ? 'Started by its schedule' : 'Started')],
  'workspace.stopped': ['player-stop', 'calm', (d) => stopSentence(d['by'])],
  'workspace.start-failed': ['alert-circle', 'bad', 'Could not be started'],
  'workspace.paused': ['player-pause', 'calm', 'Paused'],
  'workspace.resumed': ['player-play', 'good', 'Resumed'],
  'workspace.restarted': ['refresh', 'calm', 'Restarted'],
  'workspace.renamed': ['edit', 'calm', (d) => `Renamed from “${textOf(d['before'])}” to “${textOf(d['after'])}”`],
  'workspace.changed': ['adjustments', 'calm', 'Template or size changed'],
  'workspace.extended': ['clock-play', 'calm', 'Automatic stop put off'],
  'workspace.auto-stop-announced': ['hourglass', 'warn', 'Automatic stop announced'],
  'workspace.auto-stop-called-off': ['hourglass', 'calm', 'Automatic stop called off'],
  'workspace.auto-stop-set': ['settings', 'calm', (d) => (d['after'] ? `Stops when nobody uses it for ${String(d['after'])} minutes` : 'Does not stop by itself any more')],
  'workspace.schedule-saved': ['calendar-time', 'calm', 'Schedule saved'],
  'workspace.schedule-deleted': ['calendar-time', 'calm', 'Schedule removed'],
  'workspace.schedule-refused': ['calendar-time', 'warn', 'Not started by its schedule'],
  'workspace.force-stopped': ['player-stop', 'warn', 'Stopped by our team'],
  'workspace.archived': ['archive', 'warn', 'Removed; files kept for now'],
  'workspace.restored': ['arrow-back-up', 'good', 'Brought back'],
  'workspace.terminated': ['trash', 'calm', 'Removed with its files'],
  'workspace.opened': ['external-link', 'calm', 'Opened'],
  'workspace.credentials-revealed': ['eye', 'warn', 'Login shown'],
  'workspace.budget-set': ['gauge', 'calm', 'Budget changed'],
  'workspace.budget-warned': ['gauge', 'warn', 'Budget nearly spent'],
  'workspace.budget-stopped': ['gauge', 'bad', 'Budget spent'],
  'service.suspended': ['player-pause', 'warn', 'Suspended'],
  'service.unsuspended': ['circle-check', 'good', 'No longer suspended'],
}
const known = Object.keys(tellings)
export const MOMENTS_A_PAGE = 25

const parsed = (data: Row['data']): Data => (typeof data === 'string' ? (JSON.parse(data) as Data) : data)

/** `user` is the owner: events of a workspace are caused by nobody else's account. */
function whoOf({ actor_kind }: Row): string {
  if (actor_kind === 'user') return 'You'
  return actor_kind === 'staff' || actor_kind === 'member' ? 'Our team' : 'Automatically'
}

function tell(row: Row): Moment {
  const [icon, tone, title] = tellings[row.type]!
  return { icon, tone, title: typeof title === 'string' ? title : title(parsed(row.data)), at: row.occurred_at, by: whoOf(row) }
}

const eventsOf = (service: Service, workspace: Workspace) => tenantDb()('events').whereIn('type', known)
  .where((q) => void q.where({ subject_type: 'kasm_workspaces', subject_id: workspace.id }).orWhere((s) => void s.where({ subject_type: 'services', subject_id: service.id })))

/** Newest first. */
export async function momentsOf(service: Service, workspace: Workspace, limit = MOMENTS_A_PAGE, offset = 0): Promise<Moment[]> {
  const rows = (await eventsOf(service, workspace).orderBy('id', 'desc').limit(limit).offset(offset).select('type', 'data', 'actor_kind', 'actor_id', 'occurred_at')) as Row[]
  return rows.map(tell)
}

export interface ActivityPage extends WorkspaceFrame { moments: Moment[]; previousHref: string | null; nextHref: string | null; summary: string }

export async function activityPage(service: Service, workspace: Workspace, page: number): Promise<ActivityPage> {
  const frame = frameOf(service, workspace, 'activity')
  const from = (page - 1) * MOMENTS_A_PAGE
  const [{ total }] = (await eventsOf(service, workspace).count({ total: '*' })) as unknown as [{ total: number }]
  const moments = await momentsOf(service, workspace, MOMENTS_A_PAGE, from)
  return {
    ...frame, moments, summary: total > MOMENTS_A_PAGE ? `${from + 1}–${from + moments.length} of ${total}` : '',
    previousHref: page > 1 ? `${frame.href}/activity?page=${page - 1}` : null, nextHref: from + moments.length < total ? `${frame.href}/activity?page=${page + 1}` : null,
  }
}
