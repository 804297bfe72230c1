/** One run of a workspace, from "Kasm says running" to the customer's stop. What it costs is decided here, once, by meter.ts and its frozen rate. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { record } from '../../../shared/events/record.js'
import type { Money } from '../../../shared/money/money.js'
import { amountOf, costOf, hourly, type Rate } from '../../../shared/money/rate.js'
import type { Span } from '../../../shared/time/period.js'
import type { Service } from '../../services/service.js'
import { billableSeconds, billableSecondsIn, elapsedSeconds } from './meter.js'
import type { EndReason, Workspace } from '../workspace.js'

export type { EndReason } from '../workspace.js'

export class UsageSession extends TenantModel {
  static override tableName = 'kasm_usage_sessions'

  id!: number
  kasmWorkspaceId!: number
  kasmSessionId!: string | null
  startedAt!: Date
  stoppedAt!: Date | null
  /** The last time anybody saw it run. */
  lastSeenAt!: Date
  durationSeconds!: number | null
  durationBillableSeconds!: number | null
  costPerHourMicros!: number
  currency!: string
  totalCostMicros!: number | null
  billedSeconds!: number
  wholesaleSku!: string | null
  startedBy!: string
  endReason!: EndReason | null
  createdAt!: Date
  updatedAt!: Date

  get rate(): Rate {
    return hourly(Number(this.costPerHourMicros), this.currency)
  }
  /** As billed, for the whole run so far. */
  billableSeconds(now: Date): number {
    return billableSeconds(this, now)
  }
  billableSecondsIn(period: Span, now: Date): number {
    return billableSecondsIn(this, period, now)
  }
  elapsedSeconds(now: Date): number {
    return elapsedSeconds(this, now)
  }
  cost(now: Date): Money {
    return amountOf(this.rate, this.billableSeconds(now))
  }
  /** Until when use is certain: a provider that vanished may turn out to have ended the run earlier than now. */
  get certainUntil(): Date {
    return this.stoppedAt ?? this.lastSeenAt
  }

  /** Starts the meter, in the open transaction. A unique key allows one open run per workspace. */
  static async open(workspace: Workspace, service: Service, kasmSessionId: string, startedBy: string, now: Date): Promise<UsageSession> {
    return UsageSession.query().insertAndFetch({
      kasmWorkspaceId: workspace.id, kasmSessionId, startedAt: now, lastSeenAt: now, costPerHourMicros: service.priceMicros, currency: service.currency,
      wholesaleSku: `kasm.${workspace.workspaceType}`, startedBy, createdAt: now, updatedAt: now,
    })
  }

  static async openFor(workspace: Workspace): Promise<UsageSession | undefined> {
    return UsageSession.query().findOne({ open_workspace_id: workspace.id })
  }

  /** Ends the run at `at` and writes its total, in the open transaction; the reactions count it wholesale. Closing twice changes nothing. */
  async close(at: Date, reason: EndReason, now: Date): Promise<void> {
    const stoppedAt = at < this.startedAt ? this.startedAt : at
    const billable = billableSeconds({ startedAt: this.startedAt, stoppedAt }, now)
    const changed = await UsageSession.query().where({ id: this.id }).whereNull('stopped_at').patch({
      stoppedAt, endReason: reason, durationSeconds: elapsedSeconds({ startedAt: this.startedAt, stoppedAt }, now), durationBillableSeconds: billable,
      totalCostMicros: Number(costOf(this.rate, billable)), updatedAt: now,
    })
    if (changed) await record('workspace.session-closed', this, { reason, billableSeconds: billable })
  }
}
