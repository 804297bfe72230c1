/** Use by day, for charts and the table beside them. Each quarter hour belongs to the day in which it starts; the days' costs add up to what the whole time costs on a bill. */
import { DateTime } from 'luxon'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { amountOf, hourly } from '../../../shared/money/rate.js'
import { localDateOf, localMidnight } from '../../../shared/time/local-date.js'
import { clock } from '../../../shared/time/clock.js'
import type { Span } from '../../../shared/time/period.js'
import type { EndReason } from '../workspace.js'
import { gapsOf } from './gaps.js'
import { billableSecondsBefore, stoppedNow, type Run } from './meter.js'
import { vouchedFrom } from './moved-clock.js'

/** Of one workspace, of one customer, or of the whole shop. */
export type UsageScope = { readonly workspaceId: number } | { readonly userId: number } | Record<string, never>
export interface DayUse {
  /** In the zone asked for. */
  readonly day: string
  readonly start: Date
  readonly seconds: number
  readonly cost: Money
}

interface Row { id: number; kasm_workspace_id: number; started_at: Date; stopped_at: Date | null; last_seen_at: Date; seen_offset_ms: number; cost_per_hour_micros: number }
const BATCH = 2_000

/** `endedBy`: only of runs that ended so; `running`: of those that still go on. */
export interface DayWish { readonly currency: string; readonly timeZone: string; readonly endedBy?: EndReason | 'running' | null | undefined }

/** Every day of the span, also those without use. Only use in this currency. */
export async function usageByDay(scope: UsageScope, span: Span, wish: DayWish, now = clock.now()): Promise<DayUse[]> {
  const { currency, timeZone } = wish
  const days = daysOf(span, timeZone)
  const seconds = days.map(() => 0)
  const costs = days.map(() => 0)
  let group = { key: '', rate: 0, use: days.map(() => 0) }
  for await (const { row, run } of runsIn(scope, span, wish, now)) {
    const key = `${row.kasm_workspace_id}:${row.cost_per_hour_micros}`
    if (group.key !== key) {
      addCosts(costs, group, currency)
      group = { key, rate: Number(row.cost_per_hour_micros), use: days.map(() => 0) }
    }
    for (const [i, use] of useByDay(run, days, now)) {
      group.use[i]! += use
      seconds[i]! += use
    }
  }
  addCosts(costs, group, currency)
  return days.map((day, i) => ({ day: day.name, start: day.start, seconds: seconds[i]!, cost: Money.of(costs[i]!, currency) }))
}

/** A day costs what the sum up to its end costs, less what it cost up to its start: so no cent is lost between days. */
function addCosts(costs: number[], { rate, use }: { rate: number; use: readonly number[] }, currency: string): void {
  let [upTo, before] = [0, 0]
  for (const [i, seconds] of use.entries()) {
    if (!seconds) continue
    upTo += seconds
    const amount = amountOf(hourly(rate, currency), upTo).minor
    costs[i]! += amount - before
    before = amount
  }
}

interface Day extends Span { readonly name: string }

function daysOf(span: Span, timeZone: string): Day[] {
  const days: Day[] = []
  for (let start = span.start; start < span.end;) {
    const today = localDateOf(start, timeZone)
    const tomorrow = DateTime.fromObject(today, { zone: 'utc' }).plus({ days: 1 })
    const midnight = localMidnight({ year: tomorrow.year, month: tomorrow.month, day: tomorrow.day }, timeZone)
    const end = midnight < span.end ? midnight : span.end
    days.push({ name: DateTime.fromObject(today, { zone: 'utc' }).toISODate()!, start, end })
    start = end
  }
  return days
}

/** Only the days that the run touches. */
function useByDay(run: Run, days: readonly Day[], now: Date): Array<[number, number]> {
  const end = run.stoppedAt ?? now
  const used: Array<[number, number]> = []
  for (let i = firstDay(run.startedAt, days); i < days.length && days[i]!.start < end; i++) {
    const seconds = billableSecondsBefore(run, days[i]!.end, now) - billableSecondsBefore(run, days[i]!.start, now)
    if (seconds) used.push([i, seconds])
  }
  return used
}

/** The first day that has not ended when the run starts. */
function firstDay(startedAt: Date, days: readonly Day[]): number {
  let [low, high] = [0, days.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (days[middle]!.end > startedAt) high = middle
    else low = middle + 1
  }
  return low
}

/** By workspace and rate, some thousand at a time: a shop's month does not have to fit into memory. */
async function* runsIn(scope: UsageScope, span: Span, wish: DayWish, now: Date): AsyncGenerator<{ row: Row; run: Run }> {
  let last: Row | undefined
  for (;;) {
    const rows = await batch(scope, span, wish, last)
    const gaps = await gapsOf(rows.map((row) => row.id))
    for (const row of rows) {
      const seen = { startedAt: row.started_at, stoppedAt: row.stopped_at, gaps: gaps.get(row.id) ?? [], lastSeenAt: vouchedFrom(row.last_seen_at, Number(row.seen_offset_ms)) }
      yield { row, run: stoppedNow(seen, now) }
    }
    if (rows.length < BATCH) return
    last = rows.at(-1)
  }
}

async function batch(scope: UsageScope, span: Span, { currency, endedBy }: DayWish, after: Row | undefined): Promise<Row[]> {
  const query = tenantDb()('kasm_usage_sessions as k').where('k.currency', currency).where('k.started_at', '<', span.end).where((q) => void q.whereNull('k.stopped_at').orWhere('k.stopped_at', '>', span.start))
  if (endedBy === 'running') void query.whereNull('k.stopped_at')
  else if (endedBy) void query.where('k.end_reason', endedBy)
  if ('workspaceId' in scope) void query.where('k.kasm_workspace_id', scope.workspaceId)
  if ('userId' in scope) void query.join('kasm_workspaces as w', 'w.id', 'k.kasm_workspace_id').where('w.user_id', scope.userId)
  if (after) void query.whereRaw('(k.kasm_workspace_id, k.cost_per_hour_micros, k.id) > (?, ?, ?)', [after.kasm_workspace_id, after.cost_per_hour_micros, after.id])
  return (await query.orderBy(['k.kasm_workspace_id', 'k.cost_per_hour_micros', 'k.id']).limit(BATCH)
    .select('k.id', 'k.kasm_workspace_id', 'k.started_at', 'k.stopped_at', 'k.last_seen_at', 'k.seen_offset_ms', 'k.cost_per_hour_micros')) as Row[]
}
