/** A reseller's terms: fee, discount, commission and billing day. Billing periods are months in UTC from the billing day on. */
import { CentralModel } from '../../shared/database/central-model.js'
import { monthOf } from '../../shared/time/period.js'

export class Terms extends CentralModel {
  static override tableName = 'tenant_billing'
  static override idColumn = 'tenant_id'
  tenantId!: number
  tier!: string
  currency!: string
  wholesaleDiscountPpm!: number
  monthlyFeeMinor!: number
  commissionPpm!: number
  billingCycleDay!: number
  paymentDays!: number
  startedAt!: Date
  nextBillingAt!: Date
  status!: string
  updatedAt!: Date
}

/** End of the period that contains the start: the instant from which the first bill may be made. */
export function firstBillingAt(startedAt: Date, billingDay: number): Date {
  return monthOf(startedAt, 'UTC', billingDay).end
}
