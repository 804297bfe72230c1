/** May this be done to a workspace now? Pure; each answers null or the sentence that the customer reads. Asked through the methods of Workspace. */
import { Refusal } from '../../shared/errors.js'
import type { Service } from '../services/service.js'
import type { Workspace } from './workspace.js'

const no = (code: string, message: string): Refusal => new Refusal(`workspace.${code}`, message)

/** It is gone, or on its way. */
export function ended(w: Workspace): Refusal | null {
  if (w.status === 'terminating') return no('terminating', 'This workspace is being removed.')
  return w.status === 'terminated' ? no('terminated', 'This workspace has been removed.') : null
}

/** Removed by the customer, files kept for now. */
function putAway(w: Workspace): Refusal | null {
  if (w.status === 'archived') return no('archived', 'This workspace was removed. Bring it back first; its files are still kept.')
  return w.nextWish === 'archive' ? no('archiving', 'This workspace is being removed. You can bring it back as soon as its desktop has ended.') : null
}
const gone = (w: Workspace): Refusal | null => ended(w) ?? putAway(w)

export function toStart(w: Workspace, service: Service, _now: Date): Refusal | null {
  const unusable = service.refusalToUse() ?? gone(w)
  if (unusable) return unusable
  switch (w.status) {
    case 'stopped': case 'paused': return null
    case 'failed': return service.status === 'active' ? null
      : no('not-set-up', 'This workspace could not be set up yet. Our team has been told and will try again.')
    case 'stopping': return w.nextWish === 'start' ? no('already-started', 'The workspace is restarting: it starts as soon as it has stopped.')
      : no('stopping', 'The workspace is still stopping. Start it again in a moment.')
    case 'pausing': return no('pausing', 'The workspace is still pausing. Resume it in a moment.')
    default: return no('already-started', w.status === 'running' ? 'The workspace is already running.' : 'The workspace is already starting.')
  }
}

/** A paused one may be stopped; a restart under way may be turned into a stop. */
export function toStop(w: Workspace): Refusal | null {
  const over = gone(w)
  if (over) return over
  if (w.status === 'running' || w.status === 'paused' || (w.status === 'stopping' && w.nextWish === 'start')) return null
  if (w.status === 'provisioning' || w.status === 'starting') return no('starting', 'The workspace is still starting; nothing is charged yet. Stop it once it runs.')
  if (w.status === 'pausing') return no('pausing', 'The workspace is still pausing; nothing is charged any more. Stop it in a moment.')
  return no('not-running', w.status === 'stopping' ? 'The workspace is stopping already; nothing is charged any more.' : 'The workspace is not running.')
}

export function toPause(w: Workspace, offered: boolean): Refusal | null {
  const over = gone(w)
  if (over) return over
  if (!offered) return no('cannot-pause', 'This workspace cannot be paused. Stop it instead: your files are kept.')
  if (w.status === 'running') return null
  if (w.status === 'paused') return no('already-paused', 'The workspace is paused already.')
  if (w.status === 'pausing') return no('already-paused', 'The workspace is pausing already.')
  return no('not-running', 'Only a running workspace can be paused.')
}

export function toRestart(w: Workspace, service: Service): Refusal | null {
  const unusable = service.refusalToUse() ?? gone(w)
  if (unusable) return unusable
  if (w.status === 'running') return null
  if (w.status === 'stopping' && w.nextWish === 'start') return no('already-started', 'The workspace is restarting already.')
  return no('not-running', 'Only a running workspace can be restarted. Start it instead.')
}

export function toChange(w: Workspace, service: Service): Refusal | null {
  const unusable = service.refusalToUse() ?? gone(w)
  if (unusable) return unusable
  if (w.status === 'running' || w.status === 'stopped') return null
  if (w.status === 'failed') return service.status === 'active' ? null : no('not-set-up', 'This workspace could not be set up yet. It can be changed when it has run once.')
  if (w.status === 'paused') return no('paused', 'Stop the workspace before you change it: what is open on a paused desktop would be lost.')
  return no('moving', 'The workspace is changing its state just now. Change it in a moment.')
}

export function toExtend(w: Workspace): Refusal | null {
  const over = gone(w)
  if (over) return over
  return w.status === 'running' ? null : no('not-running', 'Only a running workspace has an automatic stop to put off.')
}

export const toPlan = (w: Workspace): Refusal | null => gone(w)

export function toArchive(w: Workspace): Refusal | null {
  const over = gone(w)
  if (over) return over
  if (!w.provisionedAt) return no('not-set-up', 'This workspace has never run, so there are no files to keep. Remove it at once instead.')
  return w.status === 'pausing' ? no('pausing', 'The workspace is still pausing. Remove it in a moment.') : null
}

export function toRestore(w: Workspace, now: Date): Refusal | null {
  const over = ended(w)
  if (over) return over
  if (w.status !== 'archived') return w.nextWish === 'archive' ? putAway(w) : no('not-archived', 'This workspace was not removed.')
  return w.keepUntil && w.keepUntil <= now ? no('expired', 'The time in which this workspace could be brought back is over. Its files are being removed.') : null
}

export function toLaunch(w: Workspace, service: Service): Refusal | null {
  const unusable = service.refusalToUse() ?? gone(w)
  if (unusable) return unusable
  if (w.status === 'running' && w.kasmWorkspaceId && w.kasmUserId) return null
  return no('not-running', 'Start the workspace before you open it.')
}

export function toForceStop(w: Workspace): Refusal | null {
  const over = gone(w)
  if (over) return over
  if (['provisioning', 'starting', 'running', 'pausing', 'paused'].includes(w.status) || (w.status === 'stopping' && w.nextWish === 'start')) return null
  return no('not-running', 'The workspace is not running.')
}
