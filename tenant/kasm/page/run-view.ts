/** A run as tables and its receipt show it. */
import type { Money } from '../../../shared/money/money.js'
import type { Rate } from '../../../shared/money/rate.js'
import type { HistoryRow } from '../metering/history.js'
import { endedBy, startedBy } from './words.js'

export interface RunView {
  href: string; startedAt: Date; stoppedAt: Date | null; seconds: number; billedSeconds: number; unchargedSeconds: number; cost: Money; rate: Rate; startedBy: string | null; why: string | null
}

export const runView = (run: HistoryRow, href: string): RunView => ({
  href: `${href}/runs/${run.sessionId}`, startedAt: run.startedAt, stoppedAt: run.stoppedAt, seconds: run.seconds, billedSeconds: run.billedSeconds, unchargedSeconds: run.unchargedSeconds, cost: run.cost, rate: run.rate,
  startedBy: startedBy(run.startedBy), why: endedBy(run.endReason),
})
