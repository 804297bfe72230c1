/** The run of this moment, for tickers: what it has cost so far, as far as that is certain. */
import type { Money } from '../../../shared/money/money.js'
import type { Rate } from '../../../shared/money/rate.js'
import { clock } from '../../../shared/time/clock.js'
import type { Starter, Workspace } from '../workspace.js'
import { INCREMENT_SECONDS } from './meter.js'
import { UsageSession } from './usage-session.js'

export interface OpenRun {
  readonly sessionId: number
  readonly startedAt: Date
  readonly startedBy: Starter
  /** Since the start, cut down. */
  readonly seconds: number
  readonly billedSeconds: number
  readonly cost: Money
  readonly rate: Rate
  /** Since when the desktop could not be seen, where that is longer than three minutes: the cost stands still. */
  readonly unseenSince: Date | null
  /** When the next quarter hour begins. */
  readonly nextIncrementAt: Date
}

/** Null while it does not run. */
export async function openRun(workspace: Workspace, now = clock.now()): Promise<OpenRun | null> {
  const session = await UsageSession.openFor(workspace)
  if (!session) return null
  const passed = Math.max(0, now.getTime() - session.startedAt.getTime())
  const next = (Math.floor(passed / (INCREMENT_SECONDS * 1000)) + 1) * INCREMENT_SECONDS * 1000
  return {
    sessionId: session.id, startedAt: session.startedAt, startedBy: session.startedBy, seconds: session.elapsedSeconds(now), billedSeconds: session.billableSeconds(now), cost: session.cost(now),
    rate: session.rate, unseenSince: session.unseenSince(now), nextIncrementAt: new Date(session.startedAt.getTime() + next),
  }
}
