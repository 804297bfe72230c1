import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { keepFiles } from './keep-files.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { nudgeAccess } from './user-access.js'
import { beginStopping, moved, noAutomaticStop } from './wishes.js'
import { Workspace } from './workspace.js'

const DAY_MS = 86_400_000

/**
 * Accepts the wish to remove it. The meter stops at `now`, its desktop ends, its files are kept for the shop's number of days and nothing is charged;
 * until then restoreWorkspace undoes it. A shop that keeps nothing removes it at once.
 */
export async function archiveWorkspace(workspace: Workspace, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToArchive(now))
  const { days } = await keepFiles.read()
  if (days === 0) return terminateWorkspace(workspace, now)
  const keepUntil = new Date(now.getTime() + days * DAY_MS)
  await tenantTransaction(async () => {
    if (workspace.status === 'stopping') await archiveWhenStopped(workspace, keepUntil)
    else if (hasDesktop(workspace)) await beginStopping(workspace, 'terminated', now, { nextWish: 'archive', keepUntil })
    else await settleArchived(workspace, keepUntil, now)
  })
}

/** Something at Kasm may have to be ended: what runs or starts, or the disk of a stopped one. */
const hasDesktop = (w: Workspace): boolean => w.kasmWorkspaceId !== null || (w.status !== 'stopped' && w.status !== 'failed')

async function archiveWhenStopped(workspace: Workspace, keepUntil: Date): Promise<void> {
  const changed = await Workspace.query().patch({ nextWish: 'archive', keepUntil }).where({ id: workspace.id, status: 'stopping' })
  if (!changed) throw moved()
  workspace.$set({ nextWish: 'archive', keepUntil })
}

/** Its desktop is gone: in the open transaction. */
export async function settleArchived(workspace: Workspace, keepUntil: Date, now: Date): Promise<void> {
  await workspace.become('archived', {
    ...noAutomaticStop, archivedAt: now, keepUntil, expiryWarnedAt: null, statusMessage: null, failureCode: null, nextAttemptAt: null, nextWish: null, accessTryAt: null,
  })
  await record('workspace.archived', workspace, { keepUntil }, { userId: workspace.userId })
  await nudgeAccess(workspace.id)
}
