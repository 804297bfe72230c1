/** An event that the gateway sent and signed, as it came. Unique by (account, event id): the second copy changes nothing. */
import { TenantModel } from '../../../shared/database/tenant-model.js'

export class WebhookEvent extends TenantModel {
  static override tableName = 'webhook_events'
  static override timestamps = [] as const
  /** parked: a person must look; nothing was changed by it. */
  static override moves = { received: ['processed', 'ignored', 'parked'], parked: ['processed', 'ignored'], processed: [], ignored: [] } as const
  declare id: number
  declare gatewayAccountId: number
  declare eventId: string
  declare type: string
  /** Raw body. */
  declare payload: string
  declare status: 'received' | 'processed' | 'ignored' | 'parked'
  declare attempts: number
  declare error: string | null
  declare receivedAt: Date
  declare processedAt: Date | null
}
