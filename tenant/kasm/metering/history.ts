/** The runs of one workspace: a page of them, and what all of them together come to. Totals are rounded once for each rate, as the lines of an invoice are. */
import { stringify } from 'csv-stringify/sync'
import type { QueryBuilder } from 'objection'
import { begunIncrements } from '../../../shared/database/begun-increments.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { amountOf, hourly, type Rate } from '../../../shared/money/rate.js'
import { clock } from '../../../shared/time/clock.js'
import type { Span } from '../../../shared/time/period.js'
import { formatRate } from '../../../shared/views/format.js'
import { Service } from '../../services/service.js'
import type { EndReason, Starter, Workspace } from '../workspace.js'
import { INCREMENT_SECONDS } from './meter.js'
import { openRun, type OpenRun } from './open-run.js'
import { UsageSession } from './usage-session.js'

export interface HistoryFilter {
  /** Increments that start within `[from, to)` are counted; without them all. */
  readonly from?: Date | null
  readonly to?: Date | null
  /** `running`: what still goes on. */
  readonly endedBy?: EndReason | 'running' | null
  /** From 1. */
  readonly page?: number
  /** Rows a page; 25. */
  readonly size?: number
}
export interface HistoryRow {
  readonly sessionId: number
  readonly startedAt: Date
  readonly stoppedAt: Date | null
  /** Whole seconds of it within the time asked for. */
  readonly seconds: number
  readonly billedSeconds: number
  /** Quarter hours that were begun and are not charged because nobody saw the desktop in them. */
  readonly unchargedSeconds: number
  readonly cost: Money
  readonly rate: Rate
  readonly startedBy: Starter
  readonly endReason: EndReason | null
  /** Of an open run: the server can be seen. */
  readonly seen: boolean
}
export interface HistoryTotals { readonly runs: number; readonly seconds: number; readonly billedSeconds: number; readonly unchargedSeconds: number; readonly cost: Money }
export interface History {
  readonly runs: HistoryRow[]
  /** Over all pages. */
  readonly totals: HistoryTotals
  readonly page: number
  readonly pages: number
  readonly total: number
}
/** Rows of one export; narrow the time for more. */
export const mostExported = 20_000
const MAX_SIZE = 100

/** Newest first. */
export async function historyOf(workspace: Workspace, filter: HistoryFilter = {}, now = clock.now()): Promise<History> {
  const size = Math.min(MAX_SIZE, Math.max(1, filter.size ?? 25))
  const page = Math.max(1, filter.page ?? 1)
  const { results, total } = await matching(workspace, filter).orderBy('startedAt', 'desc').page(page - 1, size)
  return { runs: results.map((session) => rowOf(session, filter, now)), totals: await totalsOf(workspace, filter, now), page, pages: Math.max(1, Math.ceil(total / size)), total }
}

/** The newest runs and the one that goes on, without a sum over all: for a page that looks again every few seconds. */
export async function lastRuns(workspace: Workspace, count: number, now = clock.now()): Promise<{ runs: HistoryRow[]; open: OpenRun | null }> {
  const sessions = await matching(workspace, {}).orderBy('startedAt', 'desc').orderBy('id', 'desc').limit(count)
  return { runs: sessions.map((session) => rowOf(session, {}, now)), open: openRun(sessions, now) }
}

function matching(workspace: Workspace, { from, to, endedBy }: HistoryFilter): QueryBuilder<UsageSession, UsageSession[]> {
  const query = UsageSession.query().where('kasmWorkspaceId', workspace.id)
  if (to) void query.where('startedAt', '<', to)
  if (from) void query.where((q) => void q.whereNull('stopped_at').orWhere('stopped_at', '>', from).orWhere('started_at', '>=', from))
  if (endedBy === 'running') void query.whereNull('stoppedAt')
  else if (endedBy) void query.where('endReason', endedBy)
  return query
}

const everything: Span = { start: new Date(-8.64e15), end: new Date(8.64e15) }
const spanOf = ({ from, to }: HistoryFilter): Span => ({ start: from ?? everything.start, end: to ?? everything.end })

function rowOf(session: UsageSession, filter: HistoryFilter, now: Date): HistoryRow {
  const span = spanOf(filter)
  const billedSeconds = session.billableSecondsIn(span, now)
  return {
    sessionId: session.id, startedAt: session.startedAt, stoppedAt: session.stoppedAt, seconds: ranWithin(session, span, now), billedSeconds, unchargedSeconds: session.unchargedSecondsIn(span, now),
    cost: amountOf(session.rate, billedSeconds), rate: session.rate, startedBy: session.startedBy, endReason: session.endReason, seen: session.unseenSince(now) === null,
  }
}

function ranWithin(session: UsageSession, span: Span, now: Date): number {
  const end = Math.min((session.stoppedAt ?? now).getTime(), span.end.getTime())
  return Math.max(0, Math.floor((end - Math.max(session.startedAt.getTime(), span.start.getTime())) / 1000))
}

interface Sum { rate: number; currency: string; runs: number; seconds: number; billed: number; uncharged: number }

/** Runs that lie wholly within are added up by the database from what they were closed with; those over an edge, and what still goes on, by the meter. */
async function totalsOf(workspace: Workspace, filter: HistoryFilter, now: Date): Promise<HistoryTotals> {
  const [within, span] = [await sumsWithin(workspace, filter), spanOf(filter)]
  const rest = await matching(workspace, filter).where((q) => void q.whereNull('stopped_at').orWhere('started_at', '<', filter.from ?? longAgo).orWhere('stopped_at', '>', filter.to ?? forever))
  const sums = [...within, ...rest.map((s): Sum => ({
    rate: Number(s.costPerHourMicros), currency: s.currency, runs: 1, seconds: ranWithin(s, span, now), billed: s.billableSecondsIn(span, now), uncharged: s.unchargedSecondsIn(span, now),
  }))]
  const { currency } = await Service.findOwned({ id: workspace.serviceId })
  const add = (pick: (sum: Sum) => number): number => sums.reduce((all, sum) => all + pick(sum), 0)
  return { runs: add((s) => s.runs), seconds: add((s) => s.seconds), billedSeconds: add((s) => s.billed), unchargedSeconds: add((s) => s.uncharged), cost: costOfSums(sums, currency) }
}

/** What a datetime column can hold. */
const longAgo = new Date('1000-01-01T00:00:00Z')
const forever = new Date('9999-01-01T00:00:00Z')

async function sumsWithin(workspace: Workspace, filter: HistoryFilter): Promise<Sum[]> {
  const query = tenantDb()('kasm_usage_sessions').where('kasm_workspace_id', workspace.id).where('started_at', '>=', filter.from ?? longAgo).whereNotNull('stopped_at').where('stopped_at', '<=', filter.to ?? forever)
  if (filter.to) void query.where('started_at', '<', filter.to)
  if (filter.endedBy) void query.where('end_reason', filter.endedBy)
  const rows = (await query.groupBy('cost_per_hour_micros', 'currency').select('cost_per_hour_micros', 'currency', tenantDb().raw(`count(*) as runs, sum(duration_seconds) as seconds, sum(duration_billable_seconds) as billed,
    sum(${begunIncrements('started_at', 'stopped_at', INCREMENT_SECONDS)}) as begun`))) as Array<Record<'cost_per_hour_micros' | 'runs' | 'seconds' | 'billed' | 'begun', number | string> & { currency: string }>
  return rows.map((row) => ({ rate: Number(row.cost_per_hour_micros), currency: row.currency, runs: Number(row.runs), seconds: Number(row.seconds), billed: Number(row.billed), uncharged: Number(row.begun) - Number(row.billed) }))
}

/** In the service's currency; rounded once a rate. */
function costOfSums(sums: readonly Sum[], currency: string): Money {
  const byRate = new Map<number, number>()
  for (const sum of sums) if (sum.currency === currency) byRate.set(sum.rate, (byRate.get(sum.rate) ?? 0) + sum.billed)
  return Money.sum([...byRate].map(([rate, seconds]) => amountOf(hourly(rate, currency), seconds)), currency)
}

/** Every matching run, oldest first; instants in UTC, the last line the totals. */
export async function historyCsv(workspace: Workspace, filter: HistoryFilter = {}, now = clock.now()): Promise<string> {
  const runs = (await matching(workspace, filter).orderBy('startedAt').limit(mostExported)).map((session) => rowOf(session, filter, now))
  const totals = await totalsOf(workspace, filter, now)
  const minutes = (seconds: number): number => Math.floor(seconds / 60)
  const rows = runs.map((r) => [r.sessionId, r.startedAt.toISOString(), r.stoppedAt?.toISOString() ?? '', minutes(r.seconds), r.billedSeconds / 60, r.unchargedSeconds / 60, formatRate(r.rate, 'en-US'), r.cost.toString(), r.cost.currency, r.startedBy, r.endReason ?? 'running'])
  const sum = ['Total', '', '', minutes(totals.seconds), totals.billedSeconds / 60, totals.unchargedSeconds / 60, '', totals.cost.toString(), totals.cost.currency, '', '']
  return stringify([['Run', 'Start (UTC)', 'Stop (UTC)', 'Minutes', 'Charged minutes', 'Minutes not charged', 'Rate', 'Cost', 'Currency', 'Started by', 'Ended by'], ...rows, sum], { record_delimiter: '\r\n' })
}
