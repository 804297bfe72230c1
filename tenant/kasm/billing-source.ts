/** What billing reads of the meter (its contract: tenant/billing/usage/usage-source.ts). Billing asks; it never sees our tables. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Period } from '../../shared/time/period.js'
import type { BilledSlice, UsageRun, UsageSource } from '../billing/usage/usage-source.js'
import { clock } from '../../shared/time/clock.js'
import { billableSecondsBefore } from './metering/meter.js'

interface Row {
  id: number; service_id: number; user_id: number; service_name: string; plan_name: string; currency: string; cost_per_hour_micros: number
  started_at: Date; stopped_at: Date | null; last_seen_at: Date; billed_seconds: number
}

/** Increments that somebody saw begin: an open run counts until it was last seen. */
function runOf(row: Row): UsageRun {
  const known = { startedAt: row.started_at, stoppedAt: row.stopped_at ?? row.last_seen_at }
  return {
    sessionId: row.id, serviceId: row.service_id, userId: row.user_id, serviceName: row.service_name, planName: row.plan_name, currency: row.currency,
    rateMicros: Number(row.cost_per_hour_micros), startedAt: row.started_at, stoppedAt: row.stopped_at, billedSeconds: Number(row.billed_seconds),
    secondsBefore: (instant) => billableSecondsBefore(known, instant, known.stoppedAt),
    secondsSoFar: (instant, now) => billableSecondsBefore({ startedAt: row.started_at, stoppedAt: row.stopped_at }, instant, now),
  }
}

const sessions = () => tenantDb()('kasm_usage_sessions as k').join('kasm_workspaces as w', 'w.id', 'k.kasm_workspace_id')

export const billingSource: UsageSource = {
  kind: 'kasm',

  async customersToBill(instant) {
    const rows = (await sessions().where('k.unbilled', 1).where('k.started_at', '<', instant).groupBy('w.user_id').orderBy('w.user_id')
      .select('w.user_id').min('k.started_at as since')) as Array<{ user_id: number; since: Date }>
    return rows.map((r) => ({ userId: r.user_id, since: r.since }))
  },

  async sessionsForPeriod(userId: number, period: Period) {
    const rows = (await sessions().join('services as s', 's.id', 'w.service_id').join('plans as p', 'p.id', 's.plan_id')
      .where('w.user_id', userId).where('k.started_at', '<', period.end)
      .where((q) => void q.where('k.unbilled', 1).orWhereNull('k.stopped_at').orWhere('k.stopped_at', '>', period.start))
      .orderBy(['k.started_at', 'k.id'])
      .select('k.id', 'w.service_id', 'w.user_id', 's.name as service_name', 'p.name as plan_name', 'k.currency', 'k.cost_per_hour_micros', 'k.started_at', 'k.stopped_at', 'k.last_seen_at', 'k.billed_seconds')) as Row[]
    return rows.map(runOf)
  },

  async lagsBehind(userId: number, period: Period) {
    const behind = await sessions().where('w.user_id', userId).whereNull('k.stopped_at').where('k.started_at', '<', period.end).where('k.last_seen_at', '<', period.end).first('k.id')
    return behind !== undefined
  },

  async markBilled(slices: readonly BilledSlice[]) {
    const db = tenantDb()
    for (const slice of slices) {
      await db('kasm_billed_slices').insert({
        kasm_usage_session_id: slice.sessionId, period_start: slice.period.start, period_end: slice.period.end, billed_seconds: slice.seconds,
        cost_per_hour_micros: slice.rateMicros, invoice_id: slice.invoiceId, invoice_line_id: slice.invoiceLineId, created_at: clock.now(),
      })
      await db('kasm_usage_sessions').where({ id: slice.sessionId }).increment('billed_seconds', slice.seconds)
    }
  },

  async moveBilled(moves) {
    for (const { fromLineId, toLineId, toInvoiceId } of moves) await tenantDb()('kasm_billed_slices').where({ invoice_line_id: fromLineId }).update({ invoice_line_id: toLineId, invoice_id: toInvoiceId })
  },
}
