import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { refusalToKeep } from './limits/ask-limits.js'
import { nudgeAccess } from './user-access.js'
import type { Workspace } from './workspace.js'

/** Undoes a removal while its files are kept: it is stopped then, as it was. A suspended service may be saved so too; it stays suspended. */
export async function restoreWorkspace(workspace: Workspace, service: Service, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToRestore(now))
  refuse(service.isOver ? service.refusalToUse() : null)
  await tenantTransaction(async () => {
    refuse(await refusalToKeep(workspace, now))
    await workspace.become('stopped', { archivedAt: null, keepUntil: null, expiryWarnedAt: null, statusMessage: null, accessTryAt: null })
    await record('workspace.restored', workspace, {}, { userId: workspace.userId })
    await nudgeAccess(workspace.id)
  })
}
