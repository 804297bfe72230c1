/** How far setting up a new workspace has come. Pure. */
import type { Workspace } from './workspace.js'

export interface Step {
  label: string
  text: string | null
  at: Date | null
  state: 'done' | 'current' | 'failed' | 'waiting'
}

/** Empty once the workspace ran for the first time, or when it is on its way out. */
export function stepsOf(workspace: Workspace): Step[] {
  if (workspace.provisionedAt || workspace.status === 'terminating' || workspace.status === 'terminated') return []
  const done = [true, workspace.kasmUserId !== null, workspace.kasmWorkspaceId !== null, false]
  const next = done.indexOf(false)
  const plain: Array<[string, string, Date | null]> = [
    ['Order received', 'Your price is fixed.', workspace.createdAt],
    ['Prepare your own account', 'Your files live there, whatever happens to the desktop.', null],
    ['Reserve a desktop', `${workspace.vcpu} vCPU and ${workspace.ramMb / 1024} GB of memory.`, null],
    ['Start it', 'Usually less than a minute. The meter starts when it runs.', null],
  ]
  return plain.map(([label, text, at], n) => ({ label, text, at, state: done[n] ? 'done' : n !== next ? 'waiting' : workspace.status === 'failed' ? 'failed' : 'current' }))
}
