/** What a shop was told last about one subject. The row is the outbox of its Discord post; the letter has an outbox of its own. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import type { AlertKind } from './alert-channel.js'

/** A subject is spoken of once in this time. */
export const QUIET_MS = 3_600_000
/** Waits after the first, second, … failed try of a post, in seconds: together about four hours. */
const waits = [15, 30, 60, 120, 300, 600, 1800, 3600, 7200] as const

/** Failed tries so far → seconds until the next; null: given up. Pure. */
export const waitAfter = (attempts: number): number | null => waits[attempts - 1] ?? null

export interface News {
  readonly kind: AlertKind | 'test'
  /** What it is about, e.g. `workspace:17`. Together with the kind it is spoken of once an hour. */
  readonly subject: string
  readonly level: 'info' | 'warning' | 'error'
  readonly title: string
  readonly message: string
  readonly fields?: Readonly<Record<string, string | number>>
  /** Where it is at the desk: `/workspaces/…`. */
  readonly href?: string
}

export class ShopAlert extends TenantModel {
  static override tableName = 'alerts'
  static override get jsonAttributes() {
    return ['fields']
  }

  id!: number
  subject!: string
  kind!: News['kind']
  level!: News['level']
  title!: string
  message!: string
  fields!: Record<string, string | number>
  href!: string | null
  raisedAt!: Date
  /** `none`: no Discord at the time. `off`: the webhook was gone. */
  postStatus!: 'none' | 'waiting' | 'posted' | 'given-up' | 'off'
  postAttempts!: number
  nextAttemptAt!: Date | null
  postedAt!: Date | null
  lastError!: string | null
  createdAt!: Date
  updatedAt!: Date
}
