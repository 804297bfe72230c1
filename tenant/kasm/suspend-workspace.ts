/** A suspended service does not run: its workspace is stopped, its files stay. Starting is refused by the service itself; what was starting is stopped once it runs. */
import { Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { Service } from '../services/service.js'
import { UsageSession } from './metering/usage-session.js'
import { nudge } from './pursue.js'
import { Workspace } from './workspace.js'

/** Stops it when it runs, in the open transaction or one of its own. The meter stops at `now`. Repeatable. */
export async function stopSuspended(workspace: Workspace, now: Date): Promise<void> {
  if (workspace.status !== 'running') return
  await tenantTransaction(async () => {
    await workspace.become('stopping', { stopRequestedAt: now, startAttempts: 0, nextAttemptAt: now, statusMessage: null })
    await (await UsageSession.openFor(workspace))?.close(now, 'suspended', now)
    await record('workspace.stop-requested', workspace, { by: 'suspension' }, { userId: workspace.userId })
    await nudge(workspace.id)
  })
}

/** From the timetable: workspaces that came up although their service was suspended meanwhile. One that moves at this moment waits for the next turn. */
export async function stopAllSuspended(now: Date): Promise<void> {
  const suspended = Service.query().where({ status: 'suspended' }).select('id')
  for (const workspace of await Workspace.query().where({ status: 'running' }).whereIn('serviceId', suspended)) {
    await stopSuspended(workspace, now).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    })
  }
}
