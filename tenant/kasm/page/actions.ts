/** Which buttons a workspace has now: each appears exactly when the rule that its verb asks says nothing against it. */
import type { CardAction } from '../../services/driver.js'
import type { Service } from '../../services/service.js'
import { offersPause } from '../pause-workspace.js'
import type { Workspace } from '../workspace.js'

export interface Actions {
  start: boolean; resume: boolean; stop: boolean; pause: boolean; restart: boolean; launch: boolean; extend: boolean; rename: boolean; change: boolean; plan: boolean; archive: boolean; restore: boolean; terminate: boolean
}

/** Of a card in the list of services: open and stop, or start. */
export function cardActions(service: Service, workspace: Workspace, now: Date): CardAction[] {
  const href = `/services/${service.publicId}`
  return [
    ...(workspace.refusalToLaunch(now, service) ? [] : [{ label: 'Open', icon: 'external-link', action: `${href}/launch`, blank: true, tone: 'primary' } as const]),
    ...(workspace.refusalToStart(now, service) ? [] : [{ label: workspace.status === 'paused' ? 'Resume' : 'Start', icon: 'player-play', action: `${href}/session`, tone: 'primary' } as const]),
    ...(workspace.refusalToStop(now) ? [] : [{ label: 'Stop', icon: 'player-stop', action: `${href}/session`, method: 'delete', tone: 'secondary' } as const]),
  ]
}

export async function actionsOf(service: Service, workspace: Workspace, now: Date): Promise<Actions> {
  const start = !workspace.refusalToStart(now, service)
  const paused = workspace.status === 'paused'
  return {
    start: start && !paused, resume: start && paused, stop: !workspace.refusalToStop(now), pause: workspace.status === 'running' && !workspace.refusalToPause(now, await offersPause(workspace)),
    restart: !workspace.refusalToRestart(now, service), launch: !workspace.refusalToLaunch(now, service), extend: !workspace.refusalToExtend(now), rename: !workspace.refusalToRename(now),
    change: !workspace.refusalToChange(now, service), plan: !workspace.refusalToPlan(now), archive: !workspace.refusalToArchive(now), restore: !workspace.refusalToRestore(now), terminate: !workspace.refusalToTerminate(now),
  }
}
