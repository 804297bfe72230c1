/** The run of this moment, for tickers: what it has cost so far, as far as that is certain. */
import type { Money } from '../../../shared/money/money.js'
import type { Rate } from '../../../shared/money/rate.js'
import type { Starter } from '../workspace.js'
import { INCREMENT_SECONDS } from './meter.js'
import { vouchedFrom } from './moved-clock.js'
import type { UsageSession } from './usage-session.js'

export interface OpenRun {
  readonly sessionId: number
  readonly startedAt: Date
  readonly startedBy: Starter
  /** Since the start, cut down. */
  readonly seconds: number
  readonly billedSeconds: number
  /** Begun quarter hours in which nobody saw it, in seconds; not charged. */
  readonly unchargedSeconds: number
  readonly cost: Money
  readonly rate: Rate
  readonly lastSeenAt: Date
  /** Since when the desktop could not be seen, where that is longer than three minutes: the cost stands still. */
  readonly unseenSince: Date | null
  /** When the next quarter hour begins. */
  readonly nextIncrementAt: Date
}

/** Among the newest runs of a workspace the one that goes on; null while it does not run. Pure. */
export function openRun(runs: readonly UsageSession[], now: Date): OpenRun | null {
  const run = runs.find((session) => session.stoppedAt === null)
  if (!run) return null
  const lastSeenAt = vouchedFrom(run.lastSeenAt, Number(run.seenOffsetMs))
  const seconds = run.elapsedSeconds(now)
  return {
    sessionId: run.id, startedAt: run.startedAt, startedBy: run.startedBy, seconds, billedSeconds: run.billableSeconds(now), unchargedSeconds: run.unchargedSeconds(lastSeenAt),
    cost: run.cost(now), rate: run.rate, lastSeenAt, unseenSince: run.unseenSince(now),
    nextIncrementAt: new Date(run.startedAt.getTime() + (Math.floor(seconds / INCREMENT_SECONDS) + 1) * INCREMENT_SECONDS * 1000),
  }
}
