import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { nudge } from './nudge.js'
import { afresh, afterTry, endRun, noAutomaticStop } from './wishes.js'
import type { Workspace } from './workspace.js'

/** Accepts the wish to end the workspace for good, files included. The meter stops at `now`. A try that is under way finishes first. */
export async function terminateWorkspace(workspace: Workspace, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToTerminate(now))
  await tenantTransaction(async () => {
    const due = await afterTry(workspace, now)
    await workspace.become('terminating', { ...afresh, ...noAutomaticStop, stopRequestedAt: now, stopReason: 'terminated', nextAttemptAt: due, nextWish: null })
    await endRun(workspace, 'terminated', now)
    await record('workspace.removal-requested', workspace, {}, { userId: workspace.userId })
    await nudge(workspace.id, due)
  })
}
