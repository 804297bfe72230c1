/** Money that goes back to the customer: to where it came from, or onto the account as credit. The row is committed before the gateway is asked. */
import { Money } from '../../../../shared/money/money.js'
import { TenantModel } from '../../../../shared/database/tenant-model.js'

/** `processing`: the gateway took it and the bank has not confirmed. A refund that succeeded may still fail: the money came back. */
export type RefundStatus = 'pending' | 'unknown' | 'processing' | 'succeeded' | 'failed'
export type RefundDestination = 'source' | 'credit'

export class Refund extends TenantModel {
  static override tableName = 'refunds'
  static override moves = {
    pending: ['unknown', 'processing', 'succeeded', 'failed'], unknown: ['processing', 'succeeded', 'failed'], processing: ['succeeded', 'failed'], succeeded: ['failed'], failed: [],
  } as const
  declare id: number
  /** Written on the gateway's refund as `refund`. */
  declare publicId: string
  declare paymentId: number
  declare userId: number
  declare destination: RefundDestination
  declare amountMinor: number
  /** The part that is taken out of the customer's credit: a top-up, or what was paid too much. */
  declare fromCreditMinor: number
  declare currency: string
  declare status: RefundStatus
  declare reason: string
  declare idempotencyKey: string
  declare gatewayRefundId: string | null
  /** Fit to show to staff. */
  declare failureMessage: string | null
  declare nextCheckAt: Date | null
  declare checks: number
  declare settledAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  get amount(): Money {
    return Money.of(this.amountMinor, this.currency)
  }
  /** What of the payment is gone by it: nothing when it failed, but for what a credit note had promised, which is the customer's credit then. */
  get given(): Money {
    if (this.status !== 'failed') return this.amount
    return Money.of(this.ofCreditNote ? this.amountMinor - this.fromCreditMinor : 0, this.currency)
  }
  /** The part of `given` that came out of the credit, in minor units. */
  get givenFromCredit(): number {
    return this.status === 'failed' ? 0 : this.fromCreditMinor
  }
  get isOpen(): boolean {
    return this.status === 'pending' || this.status === 'unknown' || this.status === 'processing'
  }
  /** It undoes an invoice: when it fails for good, the customer keeps the money as credit. */
  get ofCreditNote(): boolean {
    return this.idempotencyKey.includes(':credit-note:')
  }
}
