/**
 * The minute's look at what runs: one list call for all of this tenant's workspaces. What we see is noted as seen; what Kasm ended by itself is closed
 * at the last moment we saw it run, so nobody is billed for what nobody saw. No answer from Kasm changes nothing.
 */
import { record } from '../../shared/events/record.js'
import { log } from '../../shared/log.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { kasm } from './provider/connection.js'
import type { KasmSession } from './provider/kasm-api.js'
import { UsageSession } from './metering/usage-session.js'
import { Workspace } from './workspace.js'

type Verdict = 'seen' | 'ended' | 'unsure'

export async function pollWorkspaces(): Promise<void> {
  const running = await Workspace.query().where('status', 'running').orderBy('id')
  if (!running.length) return
  const lookedAt = clock.now()
  const sessions = new Map((await (await kasm()).sessions()).map((s) => [s.kasmId, s]))
  await noteSeen(running.filter((w) => verdictOn(w, sessions) === 'seen'), lookedAt)
  for (const workspace of running) if (verdictOn(workspace, sessions) === 'ended') await endedByKasm(workspace, lookedAt)
}

/** `unsure` keeps the meter as it is: a word of Kasm that we do not know is no proof of an end. */
export function verdictOn(workspace: Pick<Workspace, 'kasmWorkspaceId' | 'kasmUserId'>, sessions: ReadonlyMap<string, KasmSession>): Verdict {
  const session = sessions.get(workspace.kasmWorkspaceId ?? '')
  if (!session || session.userId !== workspace.kasmUserId) return 'ended'
  if (session.status === 'running') return 'seen'
  return session.status === 'starting' || session.status === 'unknown' ? 'unsure' : 'ended'
}

async function noteSeen(workspaces: Workspace[], at: Date): Promise<void> {
  for (let from = 0; from < workspaces.length; from += 500) {
    const ids = workspaces.slice(from, from + 500).map((w) => w.id)
    await UsageSession.query().patch({ lastSeenAt: at }).whereIn('open_workspace_id', ids).where('last_seen_at', '<', at)
    await Workspace.query().patch({ lastSeenAt: at }).whereIn('id', ids).where('status', 'running').where('last_seen_at', '<', at)
  }
}

/** A run that began after we looked is not meant by what we saw. */
async function endedByKasm(workspace: Workspace, lookedAt: Date): Promise<void> {
  if (workspace.lastStartedAt && workspace.lastStartedAt >= lookedAt) return
  const changed = await tenantTransaction(async () => {
    const session = await UsageSession.openFor(workspace)
    if (!session || session.startedAt >= lookedAt) return false
    await workspace.become('stopped', {
      lastStoppedAt: session.lastSeenAt, nextAttemptAt: null, statusMessage: 'The desktop ended by itself, for example because it was idle for too long. You were charged until it was last seen running; your files are kept.',
    })
    await session.close(session.lastSeenAt, 'provider', clock.now())
    await record('workspace.stopped', workspace, { by: 'provider' }, { userId: workspace.userId })
    return true
  }).catch(ignoreMoved)
  if (changed) log().info({ workspace: workspace.id }, 'A workspace was ended by its provider')
}

/** Somebody stopped it while we looked: their wish stands. */
function ignoreMoved(error: unknown): false {
  if ((error as { code?: string }).code === 'kasm_workspaces.moved') return false
  throw error
}
