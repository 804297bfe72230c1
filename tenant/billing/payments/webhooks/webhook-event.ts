/** An event that the gateway sent and signed, as it came. Unique by (account, event id): the second copy changes nothing. */
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import { Refusal } from '../../../../shared/errors.js'

/** Tries before a person must look. With the waits between them: about fifteen hours. */
const MOST_TRIES = 8
const SECOND = 1000

export type EventStatus = 'received' | 'processed' | 'ignored' | 'parked' | 'dead'

export class WebhookEvent extends TenantModel {
  static override tableName = 'webhook_events'
  static override timestamps = [] as const
  /** parked: it does not match ours, a person must look; nothing was changed by it. dead: it could not be worked on, however often we tried. Replaying begins anew. */
  static override moves = {
    received: ['processed', 'ignored', 'parked', 'dead'], parked: ['received'], dead: ['received'], processed: ['received'], ignored: ['received'],
  } as const
  declare id: number
  declare gatewayAccountId: number
  declare eventId: string
  declare type: string
  /** Raw body. */
  declare payload: string
  declare status: EventStatus
  declare attempts: number
  declare error: string | null
  declare receivedAt: Date
  /** When a `received` one is tried again; null: now. */
  declare nextTryAt: Date | null
  declare processedAt: Date | null

  /** After a failed try: the instant of the next, or null when there is none. */
  nextTry(attempts: number, now: Date): Date | null {
    return attempts >= MOST_TRIES ? null : new Date(now.getTime() + 10 * SECOND * 4 ** (attempts - 1))
  }
  refusalToReplay(): Refusal | null {
    return this.status === 'received' ? new Refusal('webhook.waiting', 'This event is being worked on already.') : null
  }
}
