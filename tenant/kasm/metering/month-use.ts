/** What each workspace used and costs in a period so far, as the bill will say: seconds summed by rate, money rounded once a rate. */
import { Money } from '../../../shared/money/money.js'
import { amountOf } from '../../../shared/money/rate.js'
import type { Span } from '../../../shared/time/period.js'
import { UsageSession } from './usage-session.js'

export interface MonthUse {
  readonly seconds: number
  readonly cost: Money
  /** What it will be at the period's end if what runs now keeps running. */
  readonly forecast: Money
}

/** Pure. `sessions` are one workspace's. */
export function useOf(sessions: readonly UsageSession[], period: Span, now: Date, currency: string): MonthUse {
  const total = (at: Date) => {
    const byRate = new Map<number, { session: UsageSession; seconds: number }>()
    for (const session of sessions.filter((s) => s.currency === currency)) {
      const sum = byRate.get(session.costPerHourMicros) ?? { session, seconds: 0 }
      sum.seconds += session.billableSecondsIn(period, at)
      byRate.set(session.costPerHourMicros, sum)
    }
    const parts = [...byRate.values()]
    return { seconds: parts.reduce((a, p) => a + p.seconds, 0), cost: Money.sum(parts.map((p) => amountOf(p.session.rate, p.seconds)), currency) }
  }
  return { ...total(now), forecast: total(period.end).cost }
}

/** By workspace id; workspaces without use in the period are there with zero. */
export async function monthUse(workspaces: ReadonlyArray<{ id: number; currency: string }>, period: Span, now: Date): Promise<Map<number, MonthUse>> {
  const ids = workspaces.map((w) => w.id)
  const sessions = ids.length
    ? await UsageSession.query().whereIn('kasm_workspace_id', ids).where('started_at', '<', period.end).where((q) => void q.whereNull('stopped_at').orWhere('stopped_at', '>', period.start))
    : []
  return new Map(workspaces.map((w) => [w.id, useOf(sessions.filter((s) => s.kasmWorkspaceId === w.id), period, now, w.currency)]))
}
