/** What a customer ordered, once. The key of the checkout makes a double click, a reload and "back" one order. */
import { TenantModel } from '../../shared/database/tenant-model.js'

export class Order extends TenantModel {
  static override tableName = 'orders'
  static override get jsonAttributes() {
    return ['detail']
  }
  id!: number
  publicId!: string
  checkoutKey!: string
  userId!: number
  planId!: number
  serviceId!: number | null
  paymentMethodId!: number | null
  status!: 'placed'
  detail!: Record<string, unknown>
  createdAt!: Date
  updatedAt!: Date

  /** Keys come from forms: they are only ever looked up together with their owner. */
  static keyFor(userId: number, checkoutKey: string): string {
    return `u${userId}.${checkoutKey}`
  }
}
