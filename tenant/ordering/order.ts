/**
 * What a customer ordered, once. The key of the checkout makes a double click, a reload and "back" one order. placed → paid, or expired | cancelled before
 * anything was paid. A metered workspace has no first invoice: its order stays `placed`.
 */
import { Refusal } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import { TenantModel } from '../../shared/database/tenant-model.js'

export type OrderStatus = 'placed' | 'paid' | 'expired' | 'cancelled'

export class Order extends TenantModel {
  static override tableName = 'orders'
  static override moves = { placed: ['paid', 'expired', 'cancelled'], paid: [], expired: [], cancelled: [] } as const
  static override get jsonAttributes() {
    return ['detail']
  }
  id!: number
  publicId!: string
  checkoutKey!: string
  userId!: number
  /** Of a workspace ordered by itself; what came from a cart has its items. */
  planId!: number | null
  serviceId!: number | null
  invoiceId!: number | null
  paymentMethodId!: number | null
  status!: OrderStatus
  currency!: string | null
  /** Total of its invoice. */
  totalMinor!: number
  /** The terms that were accepted, and when. */
  termsVersion!: number | null
  termsAcceptedAt!: Date | null
  /** Unpaid until then, it is given up. */
  expiresAt!: Date | null
  closedAt!: Date | null
  paidAt!: Date | null
  detail!: Record<string, unknown>
  createdAt!: Date
  updatedAt!: Date

  get total(): Money | null {
    return this.currency === null ? null : Money.of(this.totalMinor, this.currency)
  }
  /** A workspace that is charged by the hour. */
  get isMetered(): boolean {
    return this.invoiceId === null
  }
  /** May it be given up? Only while nothing was paid. */
  refusalToClose(): Refusal | null {
    if (this.status === 'paid' || this.isMetered) return new Refusal('order.paid', 'This order is paid. Cancel its services instead.')
    return this.status === 'placed' ? null : new Refusal('order.closed', 'This order was already given up.')
  }

  /** Keys come from forms: they are only ever looked up together with their owner. */
  static keyFor(userId: number, checkoutKey: string): string {
    return `u${userId}.${checkoutKey}`
  }
}
