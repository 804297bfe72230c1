import type { QueryBuilder } from 'objection'
import { FormErrors, OutsideError, refuse, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { log } from '../../shared/log.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { refOf } from './own-sessions.js'
import { kasmOf } from './provider/connection.js'
import { moved } from './wishes.js'
import { Workspace } from './workspace.js'

export const LEAST_EXTENSION = 15
export const MOST_EXTENSION = 240
const MINUTE_MS = 60_000

/**
 * Puts off automatic stops by so many minutes (15 to 240), counted from the announced stop, or from `now` when none is announced, and asks the
 * server to keep the desktop.
 * `usageReached`: the server says that the hours it allows are used up, and may end the desktop by itself. Two clicks at once put it off once.
 */
export async function extendWorkspace(workspace: Workspace, minutes: number, now = clock.now()): Promise<{ until: Date; usageReached: boolean }> {
  if (!Number.isInteger(minutes) || minutes < LEAST_EXTENSION || minutes > MOST_EXTENSION) {
    throw new FormErrors({ minutes: `Choose between ${LEAST_EXTENSION} and ${MOST_EXTENSION} minutes.` })
  }
  refuse(workspace.refusalToExtend(now))
  const from = Math.max(now.getTime(), workspace.stopAt?.getTime() ?? 0, workspace.extendedUntil?.getTime() ?? 0)
  const until = new Date(from + minutes * MINUTE_MS)
  if (until.getTime() - now.getTime() > 2 * MOST_EXTENSION * MINUTE_MS) throw new Refusal('workspace.far-enough', 'The automatic stop is put off for hours already.')
  await tenantTransaction(() => putOff(workspace, until))
  return { until, usageReached: await keepAlive(workspace) }
}

/** For a compare and set: the automatic stop is still what we read. */
export const unchanged = ({ stopAt, extendedUntil }: Pick<Workspace, 'stopAt' | 'extendedUntil'>) => (q: QueryBuilder<Workspace, unknown>): void => {
  void (stopAt ? q.where('stop_at', stopAt) : q.whereNull('stop_at'))
  void (extendedUntil ? q.where('extended_until', extendedUntil) : q.whereNull('extended_until'))
}

/** A new announcement comes before the new time. Throws Refusal when it has stopped, or was put off, meanwhile. */
async function putOff(workspace: Workspace, until: Date): Promise<void> {
  const patch = { extendedUntil: until, stopAt: null, stopWhy: null, autoStopAnnouncedAt: null }
  const { id, stopAt, extendedUntil } = workspace
  const changed = await Workspace.query().patch(patch).where({ id, status: 'running' }).where(unchanged({ stopAt, extendedUntil }))
  if (!changed) throw moved()
  workspace.$set(patch)
  await record('workspace.extended', workspace, { until }, { userId: workspace.userId })
}

/** Our own stop is put off already; what the server says comes on top. */
async function keepAlive(workspace: Workspace): Promise<boolean> {
  const ref = refOf(workspace)
  try {
    const api = await kasmOf(workspace)
    return ref !== null && api.can.keepalive && (await api.keepalive(ref)).usageReached
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    log().warn({ err: error, code: error.code, workspace: workspace.id }, 'A desktop could not be kept alive at its server')
    return false
  }
}
