/** Writes down what is wished of a workspace, in the open transaction: the row waits for Kasm from then on, and pursue.ts does the rest. */
import { Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { UsageSession } from './metering/usage-session.js'
import { nudge } from './nudge.js'
import { Workspace, type EndReason, type Starter } from './workspace.js'

/** What holds once no automatic stop is ahead. */
export const noAutomaticStop = { stopAt: null, stopWhy: null, autoStopAnnouncedAt: null, extendedUntil: null } as const

/** What every new wish begins with. */
export const afresh = { startAttempts: 0, statusMessage: null, suspectedAt: null } as const

/** Code of a refusal: somebody was first. */
export const MOVED = 'workspace.moved'
/** Somebody was first: what become() says, for changes within one state. */
export const moved = (): Refusal => new Refusal(MOVED, 'This workspace has changed in the meantime. Please look at it again.')

/**
 * A try that is under way has the row for itself: the next one is due when its time is over. In the open transaction; asks the row, because a try
 * may have begun since it was read.
 */
export async function afterTry(workspace: Workspace, now: Date): Promise<Date> {
  if (!workspace.isWaiting) return now
  const current = await Workspace.query().findById(workspace.id).forUpdate()
  return current?.nextAttemptAt && current.nextAttemptAt > now ? current.nextAttemptAt : now
}

/** Nothing is charged until Kasm says that it runs. */
export async function beginStarting(workspace: Workspace, by: Starter, now: Date): Promise<void> {
  await workspace.become('starting', { ...afresh, startRequestedAt: now, startedBy: by, nextAttemptAt: now, failureCode: null, nextWish: null })
  await record('workspace.start-requested', workspace, { by }, { userId: workspace.userId })
  await nudge(workspace.id)
}

/** The meter stops at `now`, however long Kasm takes. */
export async function beginStopping(workspace: Workspace, by: EndReason, now: Date, patch: Partial<Workspace> = {}): Promise<void> {
  const due = await afterTry(workspace, now)
  await workspace.become('stopping', { ...afresh, ...noAutomaticStop, stopRequestedAt: now, stopReason: by, nextAttemptAt: due, nextWish: null, ...patch })
  await endRun(workspace, by, now)
  await record('workspace.stop-requested', workspace, { by }, { userId: workspace.userId })
  await nudge(workspace.id, due)
}

/** Closes the open run, if there is one. */
export async function endRun(workspace: Workspace, by: EndReason, now: Date): Promise<void> {
  await (await UsageSession.openFor(workspace))?.close(now, by, now)
}
