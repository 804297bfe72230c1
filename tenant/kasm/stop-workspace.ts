import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { nudge } from './pursue.js'
import { UsageSession } from './metering/usage-session.js'
import type { Workspace } from './workspace.js'

/** Accepts the customer's wish to stop. The meter stops at `now`, however long Kasm takes. */
export async function stopWorkspace(workspace: Workspace, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToStop(now))
  await tenantTransaction(async () => {
    await workspace.become('stopping', { stopRequestedAt: now, startAttempts: 0, nextAttemptAt: now, statusMessage: null })
    await (await UsageSession.openFor(workspace))?.close(now, 'customer', now)
    await record('workspace.stop-requested', workspace, {}, { userId: workspace.userId })
    await nudge(workspace.id)
  })
}
