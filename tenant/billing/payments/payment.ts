/**
 * One attempt to take money. The row and its idempotency key are committed before the gateway is asked; the gateway answers the same key with the same
 * charge for a day, so repeating is safe. A lost answer is `unknown`, never `failed`; while it is unknown there is no other attempt (unique index).
 */
import { Money } from '../../../shared/money/money.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'

/** `reversed`: a bank transfer that was matched by mistake. */
export type PaymentStatus = 'pending' | 'requires_action' | 'processing' | 'succeeded' | 'failed' | 'unknown' | 'canceled' | 'reversed'
/** Its end is not known: no other attempt on the invoice. */
export const openStatuses: readonly PaymentStatus[] = ['pending', 'requires_action', 'processing', 'unknown']

/** How long a payment may be disputed, in milliseconds: card schemes give 120 days, PayPal 180. */
export const DISPUTABLE = 180 * 24 * 3_600_000
/** A bank page that nobody answered is closed after this. */
const ACTION_LIFE = 24 * 3_600_000
/** Failures that tell nothing about the customer's card: no letter, no dunning step. */
const ours = new Set(['not-received', 'gateway-refused', 'unreachable', 'rate_limit', 'amount_too_small', 'superseded'])

export class Payment extends TenantModel {
  static override tableName = 'payments'
  static override booleans = ['offSession']
  /** `failed` and `canceled` may still turn out as `succeeded`: what the gateway took is always booked. */
  static override moves = {
    pending: ['requires_action', 'processing', 'succeeded', 'failed', 'unknown', 'canceled'],
    requires_action: ['processing', 'succeeded', 'failed', 'canceled'],
    processing: ['requires_action', 'succeeded', 'failed', 'canceled'],
    unknown: ['requires_action', 'processing', 'succeeded', 'failed', 'canceled'],
    failed: ['succeeded'],
    canceled: ['succeeded'],
    succeeded: ['reversed'],
    reversed: [],
  } as const
  declare id: number
  /** Written on the gateway's payment as `attempt`: how every event finds its row. */
  declare publicId: string
  declare userId: number
  /** The one invoice it pays; null for a top-up, and when it pays several (see PaymentAllocation). */
  declare invoiceId: number | null
  declare purpose: 'invoice' | 'top-up'
  /** Null, as the method: a bank transfer. */
  declare gatewayAccountId: number | null
  declare paymentMethodId: number | null
  declare bankTransferId: number | null
  /** 1, 2, … within the invoice. */
  declare attemptNo: number
  declare idempotencyKey: string
  declare amountMinor: number
  declare currency: string
  declare status: PaymentStatus
  declare offSession: boolean
  declare gatewayPaymentId: string | null
  declare failureCode: string | null
  /** Fit to show. */
  declare failureMessage: string | null
  declare nextCheckAt: Date | null
  /** Looks so far. */
  declare checks: number
  declare settledAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  /** Also closes the open markers of its invoices when its end is known. Call it in the verb's transaction. */
  override async become(to: PaymentStatus, patch: object = {}): Promise<void> {
    await super.become(to, patch)
    if (!openStatuses.includes(to)) await tenantDb()('payment_allocations').where({ payment_id: this.id, is_open: 1 }).update({ is_open: 0 })
  }

  get amount(): Money {
    return Money.of(this.amountMinor, this.currency)
  }
  get isOpen(): boolean {
    return openStatuses.includes(this.status)
  }
  /** It failed for a reason that is not the customer's. */
  get failedByUs(): boolean {
    return this.status === 'failed' && ours.has(this.failureCode ?? '')
  }
  /** Sending the same request again cannot charge twice: the gateway surely remembers the key for `keyLifeMs`. */
  mayRepeat(now: Date, keyLifeMs: number): boolean {
    return now.getTime() - this.createdAt.getTime() < keyLifeMs
  }
  /** A bank page that was left open for too long. */
  isAbandoned(now: Date): boolean {
    return this.status === 'requires_action' && now.getTime() - this.createdAt.getTime() >= ACTION_LIFE
  }
}
