/** The minute's look at automatic stops. May be run at any time, any number of times. */
import { OutsideError, refusalIn } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { log } from '../../../shared/log.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import { clock } from '../../../shared/time/clock.js'
import { connectedApi } from '../provider/connected-api.js'
import { connectionOf } from '../provider/connection.js'
import type { KasmSession } from '../provider/kasm-api.js'
import { sightings } from '../provider/sightings.js'
import { unchanged } from '../extend-workspace.js'
import { stopWorkspace } from '../stop-workspace.js'
import { Workspace } from '../workspace.js'
import { comingStop, idleStop, nextStep, NOTICE_MS, type ComingStop, type Step } from './automatic-stop.js'
import { Schedule } from './schedule.js'
import { Turn } from './turn.js'

const BATCH = 500

type AtHome<T> = Map<number | null, Promise<T>>
/** What one run asks once for each home (`providerConnectionId`), however many live there. Null: its server did not answer. */
interface Looks {
  readonly connections: AtHome<ProviderConnection>
  /** The minute's list, by user. */
  readonly minute: AtHome<ReadonlyMap<string, KasmSession[]> | null>
  /** One fresh list, for those that have been idle for long enough. */
  readonly fresh: AtHome<KasmSession[] | null>
}

export async function watchStops(now: Date): Promise<void> {
  const looks: Looks = { connections: new Map(), minute: new Map(), fresh: new Map() }
  for (let after = 0; ;) {
    const batch = await candidates(now, after)
    if (batch.length) await judgeAll(batch, looks, now)
    if (batch.length < BATCH) return
    after = batch.at(-1)!.id
  }
}

/** Running, and with anything that may stop them. */
function candidates(now: Date, after: number): Promise<Workspace[]> {
  const soon = new Date(now.getTime() + NOTICE_MS)
  return Workspace.query().where('status', 'running').where('id', '>', after)
    .where((q) => void q.whereNotNull('auto_stop_idle_minutes').orWhereNotNull('stop_at')
    .orWhereIn('id', Schedule.query().where('next_stop_at', '<=', soon).select('kasm_workspace_id'))
    .orWhereIn('id', Turn.query().where({ status: 'waiting', kind: 'stop' }).select('kasm_workspace_id'))).orderBy('id').limit(BATCH).execute()
}

async function judgeAll(batch: readonly Workspace[], looks: Looks, now: Date): Promise<void> {
  const ids = batch.map((w) => w.id)
  const schedules = await Schedule.query().whereIn('kasm_workspace_id', ids).whereNotNull('next_stop_at')
  const waiting = await Turn.query().whereIn('kasm_workspace_id', ids).where({ status: 'waiting', kind: 'stop' })
  for (const workspace of batch) {
    const active = workspace.autoStopIdleMinutes === null ? null : await lastActive(workspace, looks)
    const own = <T extends { kasmWorkspaceId: number }>(rows: T[]): T[] => rows.filter((r) => r.kasmWorkspaceId === workspace.id)
    const coming = comingStop(workspace, { schedules: own(schedules), waiting: own(waiting), lastActiveAt: active?.at ?? null })
    await refusalIn(() => act(workspace, nextStep(workspace, coming, now, active?.blind ?? false), looks, now))   // refused: the customer was faster
  }
}

/** From the minute's list. `blind`: its server did not answer. */
async function lastActive(workspace: Workspace, looks: Looks): Promise<{ at: Date | null; blind: boolean }> {
  const byUser = await once(looks.minute, workspace, () => minuteList(workspace, looks).catch(unlessOutside))
  return { at: byUser && activeIn(byUser.get(workspace.kasmUserId ?? ''), workspace), blind: byUser === null }
}

const minuteList = async (workspace: Workspace, looks: Looks) => (await sightings(await homeOf(workspace, looks))).byUser
const freshList = async (workspace: Workspace, looks: Looks) => connectedApi(await homeOf(workspace, looks)).sessions()
const homeOf = (workspace: Workspace, looks: Looks): Promise<ProviderConnection> => once(looks.connections, workspace, () => connectionOf(workspace))

function once<T>(known: AtHome<T>, { providerConnectionId: home }: Workspace, look: () => Promise<T>): Promise<T> {
  const answer = known.get(home) ?? look()
  known.set(home, answer)
  return answer
}

/** On the shop's own clock: a sandbox may run ahead of the server's. */
function activeIn(seen: readonly KasmSession[] | undefined, workspace: Workspace): Date | null {
  const at = seen?.find((s) => s.kasmId === workspace.kasmWorkspaceId)?.lastActiveAt
  return at ? new Date(at.getTime() + clock.ahead()) : null
}

async function act(workspace: Workspace, step: Step, looks: Looks, now: Date): Promise<void> {
  if (step.do === 'announce') await announce(workspace, step.stop, now)
  if (step.do === 'call-off') await callOff(workspace)
  if (step.do === 'stop') await stopIdle(workspace, looks, now)
}

/** Once for each time that it is said: compare and set. */
async function announce(workspace: Workspace, { at, why }: ComingStop, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    const first = await change(workspace, { stopAt: at, stopWhy: why, autoStopAnnouncedAt: now })
    if (first) await record('workspace.auto-stop-announced', workspace, { at, why }, { userId: workspace.userId })
  })
}

async function callOff(workspace: Workspace): Promise<void> {
  await tenantTransaction(async () => {
    const why = workspace.stopWhy
    const first = await change(workspace, { stopAt: null, stopWhy: null, autoStopAnnouncedAt: null })
    if (first) await record('workspace.auto-stop-called-off', workspace, { why }, { userId: workspace.userId })
  })
}

async function change(workspace: Workspace, patch: Partial<Workspace>): Promise<boolean> {
  const changed = await Workspace.query().patch(patch).where({ id: workspace.id, status: 'running' }).where(unchanged(workspace))
  return changed > 0
}

/** The list may be a minute old: somebody may have come back since. */
async function stopIdle(workspace: Workspace, looks: Looks, now: Date): Promise<void> {
  const seen = await once(looks.fresh, workspace, () => freshList(workspace, looks).catch(unlessOutside))
  if (!seen) return
  const at = idleStop(workspace, activeIn(seen, workspace))
  if (!at || at > now) return callOff(workspace)
  await stopWorkspace(workspace, now, 'idle')
}

/** Nothing is decided about those who live there; the next minute looks again. */
function unlessOutside(error: unknown): null {
  if (!(error instanceof OutsideError)) throw error
  log().warn({ err: error, code: error.code }, 'Idle workspaces could not be looked at')
  return null
}
