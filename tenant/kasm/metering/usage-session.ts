/** One run of a workspace, from "Kasm says running" to the customer's stop. What it costs is decided here, once, by meter.ts and its frozen rate. */
import type { StaticHookArguments } from 'objection'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { record } from '../../../shared/events/record.js'
import type { Money } from '../../../shared/money/money.js'
import { amountOf, costOf, hourly, type Rate } from '../../../shared/money/rate.js'
import type { Span } from '../../../shared/time/period.js'
import type { Service } from '../../services/service.js'
import { connectionOf } from '../provider/connection.js'
import type { EndReason, Starter, Workspace } from '../workspace.js'
import { gapsOf, keepGap } from './gaps.js'
import { billableSeconds, billableSecondsIn, certain, elapsedSeconds, gapBefore, stoppedNow, unchargedSeconds, unseenSince, type Gap, type Run, type SeenRun } from './meter.js'
import { clockOffset, vouchedFrom } from './moved-clock.js'
import { noteUse, sourceOfEnd, sourceOfStart } from './usage-event.js'

export type { EndReason, Starter } from '../workspace.js'

export class UsageSession extends TenantModel {
  static override tableName = 'kasm_usage_sessions'
  static override noun = 'run'

  id!: number
  kasmWorkspaceId!: number
  kasmSessionId!: string | null
  startedAt!: Date
  stoppedAt!: Date | null
  /** The last time anybody saw it run. */
  lastSeenAt!: Date
  /** How far ahead the shop's clock ran then, milliseconds; zero outside sandboxes. */
  seenOffsetMs!: number
  /** When the server says that this desktop began; another beginning is another run. Null until the first poll that was told. */
  providerStartedAt!: Date | null
  durationSeconds!: number | null
  durationBillableSeconds!: number | null
  costPerHourMicros!: number
  currency!: string
  totalCostMicros!: number | null
  /** Seconds that stand on invoices, less what credit notes took back. */
  billedSeconds!: number
  wholesaleSku!: string | null
  startedBy!: Starter
  endReason!: EndReason | null
  createdAt!: Date
  updatedAt!: Date
  #gaps: readonly Gap[] = []

  /** What nobody saw of it; read with the run. */
  get gaps(): readonly Gap[] {
    return this.#gaps
  }
  static override async afterFind({ result }: StaticHookArguments<UsageSession>): Promise<void> {
    const found = (Array.isArray(result) ? result : [result]).filter((row: unknown): row is UsageSession => row instanceof UsageSession && row.id !== undefined && row.startedAt !== undefined)
    const gaps = await gapsOf(found.map((session) => session.id))
    for (const session of found) session.#gaps = gaps.get(session.id) ?? []
  }

  get #seen(): SeenRun {
    return { startedAt: this.startedAt, stoppedAt: this.stoppedAt, gaps: this.#gaps, lastSeenAt: vouchedFrom(this.lastSeenAt, Number(this.seenOffsetMs)) }
  }
  #live(now: Date): Run {
    return stoppedNow(this.#seen, now)
  }
  get rate(): Rate {
    return hourly(Number(this.costPerHourMicros), this.currency)
  }
  /** As it would be billed if it were stopped at `now`: the live figure, and of a closed run the receipt's. */
  billableSeconds(now: Date): number {
    return billableSeconds(this.#live(now), now)
  }
  billableSecondsIn(period: Span, now: Date): number {
    return billableSecondsIn(this.#live(now), period, now)
  }
  elapsedSeconds(now: Date): number {
    return elapsedSeconds(this, now)
  }
  /** Begun quarter hours that are not charged because nobody saw the desktop in them, in seconds. */
  unchargedSeconds(now: Date): number {
    return unchargedSeconds(this.#live(now), now)
  }
  unchargedSecondsIn(period: Span, now: Date): number {
    const run = this.#live(now)
    return billableSecondsIn({ startedAt: run.startedAt, stoppedAt: run.stoppedAt }, period, now) - billableSecondsIn(run, period, now)
  }
  /** Since when the desktop could not be seen, where that is longer than three minutes: its cost is shown only as far as it is certain. */
  unseenSince(now: Date): Date | null {
    return unseenSince(this.#seen, now)
  }
  cost(now: Date): Money {
    return amountOf(this.rate, this.billableSeconds(now))
  }
  /** Until when use is certain: a provider that vanished may turn out to have ended the run earlier than now. */
  get certainUntil(): Date {
    return this.stoppedAt ?? this.lastSeenAt
  }
  /** What bills and wholesale records count. */
  get certainRun(): Run {
    return certain(this)
  }

  /** Starts the meter, in the open transaction. A unique key allows one open run per workspace. Use of a shop's own server is on record apart. */
  static async open(workspace: Workspace, service: Service, kasmSessionId: string, startedBy: Starter, now: Date): Promise<UsageSession> {
    const { own } = await connectionOf(workspace)
    const session = await UsageSession.query().insertAndFetch({
      kasmWorkspaceId: workspace.id, kasmSessionId, startedAt: now, lastSeenAt: now, seenOffsetMs: clockOffset(), costPerHourMicros: service.priceMicros, currency: service.currency,
      wholesaleSku: own ? 'kasm.own' : `kasm.${workspace.workspaceType}`, startedBy, createdAt: now, updatedAt: now,
    })
    await noteUse({ workspaceId: workspace.id, sessionId: session.id, kind: 'started', source: sourceOfStart(startedBy), at: now, detail: { by: startedBy } })
    return session
  }

  static async openFor(workspace: Workspace): Promise<UsageSession | undefined> {
    return UsageSession.query().findOne({ open_workspace_id: workspace.id })
  }

  /** Ends the run at `at` and writes its total, in the open transaction; the reactions count it wholesale. Closing twice changes nothing. */
  async close(at: Date, reason: EndReason, now: Date): Promise<void> {
    const run = await this.#ended(at)
    const billable = billableSeconds(run, now)
    const changed = await UsageSession.query().where({ id: this.id }).whereNull('stopped_at').patch({
      stoppedAt: run.stoppedAt, endReason: reason, durationSeconds: elapsedSeconds(run, now), durationBillableSeconds: billable, totalCostMicros: Number(costOf(this.rate, billable)), updatedAt: now,
    })
    if (!changed) return
    const gap = run.gaps.find((g) => !g.seenAgain)
    if (gap) await keepGap(this, gap)
    await noteUse({ workspaceId: this.kasmWorkspaceId, sessionId: this.id, kind: 'stopped', source: sourceOfEnd(reason), at: run.stoppedAt, detail: { by: reason } })
    await record('workspace.session-closed', this, { reason, billableSeconds: billable })
  }

  /** The run as it ends at `at`: by the newest sighting, under a lock, so that a poll of this moment is counted or comes too late. */
  async #ended(at: Date): Promise<{ startedAt: Date; stoppedAt: Date; gaps: readonly Gap[] }> {
    const row = (await tenantDb()('kasm_usage_sessions').where({ id: this.id }).forUpdate().first('last_seen_at', 'seen_offset_ms')) as { last_seen_at: Date; seen_offset_ms: number }
    const stoppedAt = at < this.startedAt ? this.startedAt : at
    const gap = gapBefore(vouchedFrom(row.last_seen_at, Number(row.seen_offset_ms)), stoppedAt, false)
    const known = (await gapsOf([this.id])).get(this.id) ?? []
    return { startedAt: this.startedAt, stoppedAt, gaps: [...known, ...(gap ? [gap] : [])] }
  }
}
