/**
 * The minute's work of schedules: takes what has become due, each occurrence once, then does what waits. May be run at any time, any number of
 * times.
 */
import { refusalIn, type Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Service } from '../../services/service.js'
import { startWorkspace } from '../start-workspace.js'
import { stopWorkspace } from '../stop-workspace.js'
import { Workspace } from '../workspace.js'
import { lastOf, nextOf, windowEnd } from './occurrences.js'
import { Schedule } from './schedule.js'
import { judgeStart, judgeStop } from './turn-rules.js'
import { Turn } from './turn.js'
import { MOVED } from '../wishes.js'

const BATCH = 500

export async function runSchedules(now: Date): Promise<void> {
  const due = await Schedule.query().select('id').where('next_start_at', '<=', now).orWhere('next_stop_at', '<=', now).orderBy('id').limit(BATCH)
  for (const { id } of due) await takeTurns(id, now)
  const waiting = await Turn.query().where('status', 'waiting').where('at', '<=', now).orderBy(['at', { column: 'kind', order: 'desc' }, 'id']).limit(BATCH)   // of one instant the stop first
  for (const turn of waiting) await settleTurn(turn, now)
}

/** After an outage only the last of each kind counts, and a stop is past when the start after it is due as well. */
async function takeTurns(id: number, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    const schedule = await Schedule.query().findById(id).forUpdate()
    if (!schedule) return
    const due = (at: Date | null): at is Date => at !== null && at <= now
    const start = due(schedule.nextStartAt) ? lastOf(schedule, 'start', schedule.nextStartAt, now) : null
    const stop = due(schedule.nextStopAt) ? lastOf(schedule, 'stop', schedule.nextStopAt, now) : null
    const until = start && windowEnd(schedule, start)
    if (stop) await take(schedule, 'stop', stop, null, start && until && stop < start && now < until ? 'skipped' : 'waiting')
    if (start) await take(schedule, 'start', start, until, 'waiting')
    const next = nextOf(schedule, now)
    await schedule.$query().patch({ nextStartAt: next.start, nextStopAt: next.stop })
  })
}

async function take(schedule: Schedule, kind: Turn['kind'], at: Date, until: Date | null, status: Turn['status']): Promise<void> {
  const row = { kasmWorkspaceId: schedule.kasmWorkspaceId, kasmScheduleId: schedule.id, kind, at, until, status }
  await Turn.query().insert(row).onConflict(['kasm_schedule_id', 'kind', 'at']).ignore()
}

/** Decides with the row as it is now, and acts and settles in one transaction. */
async function settleTurn(turn: Turn, now: Date): Promise<void> {
  const workspace = await Workspace.findOwned<Workspace>({ id: turn.kasmWorkspaceId })
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  const verdict = turn.kind === 'start' ? judgeStart(turn, workspace, now) : judgeStop(turn, workspace, now)
  if (verdict === 'wait') return
  if (verdict !== 'act') return void (await turn.settle(verdict, now))
  const refusal = await refusalIn(() => tenantTransaction(async () => {
    if (!(await turn.settle('done', now))) return
    if (turn.kind === 'start') await startWorkspace(workspace, service, now, 'schedule')
    else await stopWorkspace(workspace, now, 'schedule')
  }))
  if (refusal && refusal.code !== MOVED) await noteRefused(turn, workspace, refusal, now)   // moved: the next minute looks again
}

/** Money or a limit: the customer is told, but not each morning again for the same reason. */
async function noteRefused(turn: Turn, workspace: Workspace, refusal: Refusal, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    const earlier = Turn.query().where({ kasmWorkspaceId: workspace.id, kind: turn.kind }).whereNot('status', 'waiting').where('at', '<', turn.at)
    const before = await earlier.orderBy('at', 'desc').first()
    const note = refusal.message.slice(0, 500)
    if (!(await turn.settle('refused', now, note)) || (before?.status === 'refused' && before.note === note)) return
    const facts = { kind: turn.kind, code: refusal.code, reason: refusal.message, at: turn.at }
    await record('workspace.schedule-refused', workspace, facts, { userId: workspace.userId })
  })
}
