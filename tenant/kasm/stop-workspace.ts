import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { beginStopping, moved } from './wishes.js'
import { Workspace, type EndReason } from './workspace.js'

/** Accepts the wish to stop. The meter stops at `now`, however long Kasm takes. A restart that still waits for the stop becomes a stop. */
export async function stopWorkspace(workspace: Workspace, now = clock.now(), by: EndReason = 'customer'): Promise<void> {
  refuse(workspace.refusalToStop(now))
  await tenantTransaction(() => (workspace.status === 'stopping' ? stayStopped(workspace, by) : beginStopping(workspace, by, now)))
}

/** Staff's stop of whatever runs, starts or pauses. The customer is mailed the reason. */
export async function forceStopWorkspace(workspace: Workspace, reason: string, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToForceStop(now))
  await tenantTransaction(async () => {
    if (workspace.status === 'stopping') await stayStopped(workspace, 'staff')
    else await beginStopping(workspace, 'staff', now)
    await record('workspace.force-stopped', workspace, { reason }, { userId: workspace.userId })
  })
}

async function stayStopped(workspace: Workspace, by: EndReason): Promise<void> {
  const changed = await Workspace.query().patch({ nextWish: null, stopReason: by }).where({ id: workspace.id, status: 'stopping', nextWish: 'start' })
  if (!changed) throw moved()
  workspace.$set({ nextWish: null, stopReason: by })
  await record('workspace.stop-requested', workspace, { by }, { userId: workspace.userId })
}
