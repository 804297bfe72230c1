import { pursuit } from './pursue.js'
import { waitingStatuses, Workspace } from './workspace.js'

/** Finds workspaces whose next try is due and whose nudge got lost (a worker was killed, the job store was away), and nudges them again. */
export async function sweepWorkspaces(now: Date): Promise<void> {
  const due = await Workspace.query().select('id').whereIn('status', waitingStatuses).where('next_attempt_at', '<=', now).orderBy('next_attempt_at').limit(500)
  for (const { id } of due) await pursuit.enqueue({ id }, { key: `kasm.sweep:${id}` })
}
