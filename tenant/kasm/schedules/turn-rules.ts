/** What becomes of an occurrence of a schedule now. Pure. `wait`: look again in a minute. */
import type { Workspace } from '../workspace.js'
import type { Turn } from './turn.js'

type Verdict = 'act' | 'wait' | 'skipped' | 'missed'

export function judgeStart(turn: Pick<Turn, 'until'>, workspace: Workspace, now: Date): Verdict {
  if (turn.until && now >= turn.until) return 'missed'
  if (workspace.isOver || workspace.status === 'archived' || workspace.nextWish) return 'skipped'
  switch (workspace.status) {
    case 'stopped': case 'paused': case 'failed': return 'act'
    case 'stopping': case 'pausing': return 'wait'
    default: return 'skipped'                                       // it runs, or is about to
  }
}

/** A run that somebody began after the time is not meant. What starts is stopped once it runs; an extension is waited for. */
export function judgeStop(turn: Pick<Turn, 'at'>, workspace: Workspace, now: Date): Verdict {
  const comesBack = workspace.status === 'stopping' && workspace.nextWish === 'start'
  if (!['running', 'starting', 'provisioning', 'pausing'].includes(workspace.status) && !comesBack) return 'skipped'
  if (workspace.wishedAt >= turn.at && !comesBack) return 'skipped'
  if (workspace.status === 'running' || comesBack) return workspace.extendedUntil && workspace.extendedUntil > now ? 'wait' : 'act'
  return 'wait'
}
