import { FormErrors, OutsideError, refuse, Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { connectionOf, kasmOf } from '../provider/connection.js'
import { sightings } from '../provider/sightings.js'
import { Workspace } from '../workspace.js'

export const LEAST_IDLE_MINUTES = 30
export const MOST_IDLE_MINUTES = 24 * 60
const cannotTell = (): Refusal => new Refusal('workspace.idle-unknown',
  'The workspace server does not tell when a desktop was last used, so it cannot be stopped when idle. Set hours at which it stops instead.')

/**
 * May an idle time be set? Not where the server does not tell: by its form, or by what it shows of the running desktop. A server that does not
 * answer just now may tell.
 */
export async function refusalToIdleStop(workspace: Workspace): Promise<Refusal | null> {
  try {
    if (!(await kasmOf(workspace)).can.activity) return cannotTell()
    if (workspace.status !== 'running') return null
    const { byUser } = await sightings(await connectionOf(workspace))
    const own = byUser.get(workspace.kasmUserId ?? '')?.find((s) => s.kasmId === workspace.kasmWorkspaceId)
    return own?.status === 'running' && own.lastActiveAt === null ? cannotTell() : null
  } catch (error) {
    if (error instanceof OutsideError) return null
    throw error
  }
}

/** Stops it by itself when nobody was connected for so many minutes (30 to 1440), a quarter of an hour after saying so; null: never. */
export async function setAutoStop(workspace: Workspace, { idleMinutes }: { idleMinutes: number | null }, now = clock.now()): Promise<void> {
  if (idleMinutes !== null && (!Number.isInteger(idleMinutes) || idleMinutes < LEAST_IDLE_MINUTES || idleMinutes > MOST_IDLE_MINUTES)) {
    throw new FormErrors({ idleMinutes: `Choose between ${LEAST_IDLE_MINUTES} minutes and 24 hours.` })
  }
  refuse(workspace.refusalToPlan(now))
  if (idleMinutes !== null) refuse(await refusalToIdleStop(workspace))
  if (idleMinutes === workspace.autoStopIdleMinutes) return
  await tenantTransaction(async () => {
    await Workspace.query().patch({ autoStopIdleMinutes: idleMinutes }).where({ id: workspace.id })
    await record('workspace.auto-stop-set', workspace, { before: workspace.autoStopIdleMinutes, after: idleMinutes }, { userId: workspace.userId })
  })
  workspace.$set({ autoStopIdleMinutes: idleMinutes })
}
