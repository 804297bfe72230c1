/** What a failed try means: when to try again, when to give up, and the sentence the customer reads. Pure. */
import type { OutsideError } from '../../shared/errors.js'
import { kasmCodes } from './provider/kasm-api.js'
import type { Workspace, WorkspaceStatus } from './workspace.js'

/** Waits after the first, second, … failed try, in seconds; together about 19 minutes. After the last one we give up starting. */
export const waits = [5, 15, 30, 60, 120, 300, 600] as const
export const MAX_ATTEMPTS = waits.length + 1
/** Stopping, pausing and removing never give up; the wait stays at the longest. Staff hear of it once, at this try. */
export const ALERT_AT_ATTEMPT = 5
/** Kasm may call a desktop "starting" for so long before we call it failed; see startLimit. */
const START_LIMIT_MS = 10 * 60_000
/** Kasm may show a desktop as running for so long after it accepted the stop; then it is ended, and the profile kept all the same. */
export const STOP_LIMIT_MS = 2 * 60_000
/** How long a start waits for a desktop that Kasm is still deleting, so that its profile is saved. */
export const DELETING_LIMIT_MS = 5 * 60_000
/** How often a desktop that comes up is looked at. */
export const LOOK_AGAIN_MS = 3_000
/** A try has the workspace for itself this long; more than all its calls can take. */
export const LEASE_MS = 150_000

/** Failed tries so far, this one included → milliseconds until the next. */
export const waitAfter = (attempts: number): number => (waits[Math.min(attempts, waits.length) - 1] ?? waits[0]) * 1000

/** How long after the wish a desktop may take to come up, in milliseconds: the pauses between failed tries are not the desktop's. */
export const startLimit = (failedTries: number): number => waits.slice(0, failedTries).reduce((sum, seconds) => sum + seconds * 1000, START_LIMIT_MS)

const starts = (status: WorkspaceStatus): boolean => status === 'provisioning' || status === 'starting'

/** Is another try pointless? Winding down is tried for ever. */
export function isHopeless(status: WorkspaceStatus, attempts: number, error: Pick<OutsideError, 'retryable'>): boolean {
  return starts(status) && (!error.retryable || attempts >= MAX_ATTEMPTS)
}

/** What the customer reads while we wait for the next try. */
export function waitingSentence(workspace: Pick<Workspace, 'status'>, code: string | undefined): string {
  if (workspace.status === 'stopping') return 'The meter has stopped. The desktop itself is taking longer than usual to shut down; we keep trying.'
  if (workspace.status === 'pausing') return 'The meter has stopped. The workspace server is taking longer than usual to pause the desktop; we keep trying.'
  if (workspace.status === 'terminating') return 'The workspace server is not answering. Your workspace will be removed as soon as it does; nothing more is charged.'
  if (code === kasmCodes.noResources) return 'All workspace servers are busy right now. We try again every few minutes; nothing is charged until your desktop runs.'
  return 'The workspace server is not answering as it should. We keep trying; nothing is charged until your desktop runs.'
}

/** What the customer reads after we gave up. */
export function failedSentence(wasProvisioned: boolean): string {
  return wasProvisioned
    ? 'The workspace could not be started. Nothing was charged and your files are safe. Start it again, or contact support if it keeps happening.'
    : 'We could not set up this workspace. Nothing was charged. Our team has been told and will try again; you will get a mail when it is ready.'
}
