/** Why a customer left: asked when they cancel, counted at the desk. */
import { TenantModel } from '../../../shared/database/tenant-model.js'

export const cancelReasons = {
  'too-expensive': 'It is too expensive',
  'not-needed': 'I do not need it any more',
  'missing-feature': 'Something is missing',
  'too-slow': 'It is too slow or not reliable',
  switching: 'I am moving to somebody else',
  other: 'Something else',
} as const
export type CancelReason = keyof typeof cancelReasons

export class Cancellation extends TenantModel {
  static override tableName = 'subscription_cancellations'
  declare id: number
  declare subscriptionId: number
  declare userId: number
  declare timing: 'now' | 'end'
  declare askedBy: 'customer' | 'staff'
  declare reason: CancelReason | null
  declare comment: string | null
  declare effectiveAt: Date
  declare refund: 'none' | 'credit'
  declare undoneAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date
}
