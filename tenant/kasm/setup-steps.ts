/** How far setting up a new workspace has come, with times, and in honest words how long it still takes. Pure. */
import type { Workspace } from './workspace.js'

export interface Step {
  label: string
  text: string | null
  at: Date | null
  state: 'done' | 'current' | 'failed' | 'waiting'
}
/** So long a finished set-up is still shown. */
const SHOWN_AFTER_MS = 10 * 60_000
/** Longer than this is longer than usual. */
const USUAL_MS = 90_000
const over: ReadonlySet<string> = new Set(['archived', 'terminating', 'terminated'])

/** Empty some minutes after the workspace ran for the first time, and when it is on its way out. */
export function stepsOf(workspace: Workspace, now: Date): Step[] {
  const ready = workspace.provisionedAt
  if (over.has(workspace.status) || (ready && now.getTime() - ready.getTime() >= SHOWN_AFTER_MS)) return []
  const done = [true, ready !== null || workspace.kasmUserId !== null, ready !== null || workspace.kasmWorkspaceId !== null, ready !== null]
  const next = done.indexOf(false)
  const failed = workspace.status === 'failed'
  const plain: Array<[string, string, Date | null]> = [
    ['Queued', 'Order received. Your price is fixed.', workspace.createdAt],
    ['Creating your account', 'Your files live there, whatever happens to the desktop.', workspace.groupJoinedAt],
    ['Starting the desktop', `${workspace.vcpu} vCPU and ${workspace.ramMb / 1024} GB of memory. Usually less than a minute.`, workspace.desktopAskedAt],
    ['Ready', ready ? 'The meter started here.' : 'The meter starts when it runs.', ready],
  ]
  return plain.map(([label, text, at], n) => ({
    label, text: n === next ? delayOf(workspace, now) ?? text : text, at: done[n] ? at : null, state: done[n] ? 'done' : n !== next ? 'waiting' : failed ? 'failed' : 'current',
  }))
}

/** What to say when it does not go as usual; null: it does. */
function delayOf(workspace: Workspace, now: Date): string | null {
  if (workspace.status === 'failed') return 'This did not work, and trying again by itself has ended. Our team has been told. Nothing is charged.'
  const waited = now.getTime() - (workspace.startRequestedAt ?? workspace.createdAt).getTime()
  const again = workspace.nextAttemptAt ? minutesText(workspace.nextAttemptAt.getTime() - now.getTime()) : 'soon'
  if (workspace.startAttempts > 0) return `It did not work at once; ${workspace.startAttempts === 1 ? 'one try has' : `${workspace.startAttempts} tries have`} failed so far. The next one is ${again}. You need not wait here, and nothing is charged.`
  return waited > USUAL_MS ? `This takes longer than usual: ${Math.floor(waited / 60_000)} min so far. We keep trying, and nothing is charged until it runs.` : null
}

const minutesText = (ms: number): string => (ms <= 20_000 ? 'due now' : ms < 90_000 ? 'in about a minute' : `in about ${Math.round(ms / 60_000)} minutes`)
