/**
 * A suspended service does not run: its workspace is stopped, its user may not enter at Kasm, its files stay. What was starting ends as soon as its
 * next step finds the suspension.
 */
import { refusalIn } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Service } from '../services/service.js'
import { nudgeAccess } from './user-access.js'
import { beginStopping } from './wishes.js'
import { Workspace } from './workspace.js'

/** Stops it when it runs or is paused, in the open transaction or one of its own. The meter stops at `now`. Repeatable. */
export async function stopSuspended(workspace: Workspace, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    if (workspace.status === 'running' || workspace.status === 'paused') await beginStopping(workspace, 'suspended', now)
    await nudgeAccess(workspace.id)
  })
}

/**
 * From the timetable: workspaces that came up although their service was suspended meanwhile, and all of a shop that is suspended itself. One that
 * moves at this moment waits for the next turn.
 */
export async function stopAllSuspended(now: Date): Promise<void> {
  const up = Workspace.query().whereIn('status', ['running', 'paused']).orderBy('id').limit(500)
  if (currentTenant().status !== 'suspended') void up.whereIn('serviceId', Service.query().where({ status: 'suspended' }).select('id'))
  for (const workspace of await up) {
    await refusalIn(() => stopSuspended(workspace, now))
  }
}
