/** Removed workspaces whose files are kept: says two days before that they go, and removes them when their time is over. May be run at any time. */
import { refusalIn } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { Workspace } from './workspace.js'

export const WARNED_BEFORE_MS = 2 * 86_400_000
const BATCH = 200

export async function endKeptFiles(now: Date): Promise<void> {
  const over = await Workspace.query().where('status', 'archived').where('keep_until', '<=', now).orderBy('keep_until').limit(BATCH)
  for (const workspace of over) await refusalIn(() => terminateWorkspace(workspace, now))   // refused: brought back in this moment
  const ahead = new Date(now.getTime() + WARNED_BEFORE_MS)
  const soon = await Workspace.query().where('status', 'archived').whereNull('expiry_warned_at').whereBetween('keep_until', [now, ahead]).orderBy('keep_until').limit(BATCH)
  for (const workspace of soon) await warn(workspace, now)
}

/** Files that are kept for two days or less were announced to go by the letter of the removal. */
async function warn(workspace: Workspace, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    const first = await Workspace.query().patch({ expiryWarnedAt: now }).where({ id: workspace.id, status: 'archived' }).whereNull('expiry_warned_at')
    const long = workspace.keepUntil!.getTime() - (workspace.archivedAt ?? now).getTime() > WARNED_BEFORE_MS
    if (first && long) await record('workspace.files-go-soon', workspace, { keepUntil: workspace.keepUntil }, { userId: workspace.userId })
  })
}
