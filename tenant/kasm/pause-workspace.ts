import { OutsideError, refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { nudge } from './nudge.js'
import { kasmOf } from './provider/connection.js'
import { afresh, endRun, noAutomaticStop } from './wishes.js'
import type { Workspace } from './workspace.js'

/** Can its server pause? Told by the connection's settings; nobody is called. */
export async function offersPause(workspace: Workspace): Promise<boolean> {
  const api = await kasmOf(workspace).catch((error: unknown) => {
    if (error instanceof OutsideError) return null
    throw error
  })
  return api !== null && api.can.pause && api.can.resume
}

/** Accepts the wish to pause: disk and memory stay, and the meter stops at `now`. Starting it resumes. */
export async function pauseWorkspace(workspace: Workspace, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToPause(now, await offersPause(workspace)))
  await tenantTransaction(async () => {
    await workspace.become('pausing', { ...afresh, ...noAutomaticStop, stopRequestedAt: now, stopReason: 'paused', nextAttemptAt: now })
    await endRun(workspace, 'paused', now)
    await record('workspace.pause-requested', workspace, {}, { userId: workspace.userId })
    await nudge(workspace.id)
  })
}
