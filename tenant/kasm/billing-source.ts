/** What billing reads of the meter (its contract: tenant/billing/usage/usage-source.ts). Billing asks; it never sees our tables. */
import type { Knex } from 'knex'
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Period } from '../../shared/time/period.js'
import type { BilledSlice, UsageRun, UsageSource } from '../billing/usage/usage-source.js'
import { clock } from '../../shared/time/clock.js'
import { byRun, type GapRow } from './metering/gaps.js'
import { billableSecondsBefore, certain, INCREMENT_SECONDS, instantAfter, stoppedNow, type Gap } from './metering/meter.js'
import { vouchedFrom } from './metering/moved-clock.js'

interface Row {
  id: number; service_id: number; user_id: number; service_name: string; plan_name: string; currency: string; cost_per_hour_micros: number
  started_at: Date; stopped_at: Date | null; last_seen_at: Date; seen_offset_ms: number; billed_seconds: number
}

/** Increments that somebody saw begin: an open run counts until it was last seen. */
function runOf(row: Row, gaps: readonly Gap[], interimSeconds: number): UsageRun {
  const run = { startedAt: row.started_at, stoppedAt: row.stopped_at, lastSeenAt: row.last_seen_at, gaps }
  const known = certain(run)
  return {
    sessionId: row.id, serviceId: row.service_id, userId: row.user_id, serviceName: row.service_name, planName: row.plan_name, currency: row.currency,
    rateMicros: Number(row.cost_per_hour_micros), startedAt: row.started_at, stoppedAt: row.stopped_at, billedSeconds: Number(row.billed_seconds), interimSeconds,
    secondsBefore: (instant) => billableSecondsBefore(known, instant, row.last_seen_at),
    secondsSoFar: (instant, now) => billableSecondsBefore(stoppedNow({ ...run, lastSeenAt: vouchedFrom(row.last_seen_at, Number(row.seen_offset_ms)) }, now), instant, now),
    secondsIfKept: (until) => billableSecondsBefore(run, until, until),
    instantAfter: (seconds) => instantAfter(known, seconds, row.last_seen_at),
  }
}

const sessions = () => tenantDb()('kasm_usage_sessions as k').join('kasm_workspaces as w', 'w.id', 'k.kasm_workspace_id')

/** Runs of this customer that began before the period's end and reach into it, or still hold something to bill. */
const concerned = (query: Knex.QueryBuilder, userId: number, period: Period): Knex.QueryBuilder => query.where('w.user_id', userId).where('k.started_at', '<', period.end)
  .where((q) => void q.where('k.unbilled', 1).orWhereNull('k.stopped_at').orWhere('k.stopped_at', '>', period.start))

async function gapsFor(userId: number, period: Period): Promise<Map<number, Gap[]>> {
  const query = concerned(sessions().join('kasm_usage_gaps as g', 'g.kasm_usage_session_id', 'k.id'), userId, period).orderBy(['g.kasm_usage_session_id', 'g.started_at'])
  return byRun((await query.select('g.kasm_usage_session_id', 'g.started_at', 'g.ended_at', 'g.seen_again')) as GapRow[])
}

/** Seconds that bills of this very period have taken already, by run; less what was taken back of them. */
async function interimFor(userId: number, period: Period): Promise<Map<number, number>> {
  const query = concerned(sessions().join('kasm_billed_slices as s', 's.kasm_usage_session_id', 'k.id'), userId, period).where('s.period_start', '>=', period.start).where('s.period_start', '<', period.end)
  const back = tenantDb().raw('sum(s.billed_seconds) - coalesce(sum((select sum(p.seconds) from kasm_correction_parts p where p.kasm_billed_slice_id = s.id)), 0) as seconds')
  const rows = (await query.groupBy('k.id').select('k.id', back)) as Array<{ id: number; seconds: string | number }>
  return new Map(rows.map((row) => [row.id, Number(row.seconds)]))
}

/** A month of one customer may hold thousands of runs: two statements for each few hundred. */
const BATCH = 500

async function markSome(slices: readonly BilledSlice[]): Promise<void> {
  const rows = slices.map((slice) => ({
    kasm_usage_session_id: slice.sessionId, period_start: slice.period.start, period_end: slice.period.end, billed_seconds: slice.seconds,
    cost_per_hour_micros: slice.rateMicros, invoice_id: slice.invoiceId, invoice_line_id: slice.invoiceLineId, created_at: clock.now(),
  }))
  await tenantDb()('kasm_billed_slices').insert(rows)
  for (const start of new Set(slices.map((slice) => slice.period.start.getTime()))) {
    const ids = slices.filter((slice) => slice.period.start.getTime() === start).map((slice) => slice.sessionId)
    await tenantDb().raw(`update kasm_usage_sessions k join kasm_billed_slices s on s.kasm_usage_session_id = k.id and s.period_start = ?
      set k.billed_seconds = k.billed_seconds + s.billed_seconds where k.id in (${ids.map(() => '?').join(', ')})`, [new Date(start), ...ids])
  }
}

export const billingSource: UsageSource = {
  kind: 'kasm',
  incrementSeconds: INCREMENT_SECONDS,

  async customersToBill(instant, userId) {
    const rows = (await sessions().where('k.unbilled', 1).where('k.started_at', '<', instant).modify((q) => void (userId === undefined || q.where('w.user_id', userId))).groupBy('w.user_id').orderBy('w.user_id')
      .select('w.user_id').min('k.started_at as since')) as Array<{ user_id: number; since: Date }>
    return rows.map((r) => ({ userId: r.user_id, since: r.since }))
  },

  async sessionsForPeriod(userId: number, period: Period) {
    const [gaps, interim] = [await gapsFor(userId, period), await interimFor(userId, period)]
    const rows = (await concerned(sessions().join('services as s', 's.id', 'w.service_id').join('plans as p', 'p.id', 's.plan_id'), userId, period).orderBy(['k.started_at', 'k.id'])
      .select('k.id', 'w.service_id', 'w.user_id', 's.name as service_name', 'p.name as plan_name', 'k.currency', 'k.cost_per_hour_micros', 'k.started_at', 'k.stopped_at', 'k.last_seen_at', 'k.seen_offset_ms', 'k.billed_seconds')) as Row[]
    return rows.map((row) => runOf(row, gaps.get(row.id) ?? [], interim.get(row.id) ?? 0))
  },

  async lagsBehind(userId: number, period: Period) {
    const behind = await sessions().where('w.user_id', userId).whereNull('k.stopped_at').where('k.started_at', '<', period.end).where('k.last_seen_at', '<', period.end).first('k.id')
    return behind !== undefined
  },

  async markBilled(slices: readonly BilledSlice[]) {
    for (let from = 0; from < slices.length; from += BATCH) await markSome(slices.slice(from, from + BATCH))
  },

  async moveBilled(moves) {
    for (const { fromLineId, toLineId, toInvoiceId } of moves) await tenantDb()('kasm_billed_slices').where({ invoice_line_id: fromLineId }).update({ invoice_line_id: toLineId, invoice_id: toInvoiceId })
  },
}
