/** EZSCALE's bill to a reseller for one period. Made from central records only; never changed after it is issued. */
import { CentralModel } from '../../shared/database/central-model.js'
import { Refusal } from '../../shared/errors.js'

export class WholesaleInvoice extends CentralModel {
  static override tableName = 'wholesale_invoices'
  static override moves: Record<string, readonly string[]> = { open: ['paid', 'void'], paid: [], void: [] }

  id!: number
  publicId!: string
  tenantId!: number
  number!: string
  status!: 'open' | 'paid' | 'void'
  currency!: string
  periodStart!: Date
  periodEnd!: Date
  platformFeeMinor!: number
  usageChargesMinor!: number
  subscriptionChargesMinor!: number
  discountMinor!: number
  commissionMinor!: number
  totalMinor!: number
  issuedAt!: Date
  dueDate!: Date
  paidAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  refusalToPay(): Refusal | null {
    return this.status === 'open' ? null : new Refusal('wholesale.not-open', `Invoice ${this.number} is ${this.status}.`)
  }
}

export class WholesaleLine extends CentralModel {
  static override tableName = 'wholesale_invoice_lines'
  id!: number
  wholesaleInvoiceId!: number
  businessKey!: string
  kind!: 'fee' | 'usage' | 'subscription' | 'discount' | 'commission'
  sku!: string | null
  description!: string
  quantitySeconds!: number | null
  quantity!: number | null
  rateMicros!: number | null
  amountMinor!: number
  sortOrder!: number
  createdAt!: Date
}
