/** One line of an invoice: what, how much, and in `detail` everything it was computed from. Never changes once the invoice is open. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Money } from '../../../shared/money/money.js'
import type { LineDiscount, LineKind, LineTax } from '../charges/charge.js'

export type { LineKind } from '../charges/charge.js'

/** One run listed beneath a usage line. */
export interface RunDetail {
  readonly sessionId: number
  readonly start: string
  /** Null: it went on past the end of the period. */
  readonly stop: string | null
  /** Minutes it ran inside the period, cut down. */
  readonly minutes: number
  readonly billedMinutes: number
}
/** One part of a recurring amount, as it was priced. `unitMicros`: micro-units of the major unit for one. */
export interface ItemDetail {
  readonly label: string
  readonly quantity: number
  readonly unitMicros: number
  readonly amountMinor: number
  readonly tier?: string
}
/** How a part of a period was priced: `share` of the whole period's amount, by seconds. */
export interface ProrationDetail {
  readonly wholeMinor: number
  readonly seconds: number
  readonly ofSeconds: number
}
export interface LineDetail {
  readonly runs?: readonly RunDetail[]
  readonly planName?: string
  readonly serviceName?: string
  /** `services.service_type`; names the ledger's account `revenue:<type>`. */
  readonly serviceType?: string
  /** Version of the price that was frozen for this customer. */
  readonly priceVersion?: number
  readonly items?: readonly ItemDetail[]
  readonly proration?: ProrationDetail
  /** For a credit (negative amount): the taxes of the line it undoes. For an issued line: what was applied. */
  readonly taxes?: readonly LineTax[]
  readonly discounts?: readonly LineDiscount[]
}

export class InvoiceLine extends TenantModel {
  static override tableName = 'invoice_lines'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['detail']
  declare id: number
  declare invoiceId: number
  declare businessKey: string
  declare kind: LineKind
  declare serviceId: number | null
  declare subscriptionId: number | null
  declare planId: number | null
  declare productId: number | null
  declare description: string
  declare quantitySeconds: number | null
  declare quantity: number | null
  declare rateMicros: number | null
  declare taxClass: string | null
  /** Before discount; with tax in it when the invoice's prices are inclusive. */
  declare amountMinor: number
  /** Zero or more. */
  declare discountMinor: number
  /** After discount, without tax. `net + tax` is what this line costs; over all lines it is the invoice's total. */
  declare netMinor: number
  declare taxMinor: number
  declare periodStart: Date | null
  declare periodEnd: Date | null
  declare detail: LineDetail
  declare sortOrder: number
  /** The invoice was voided and what this line bills may be billed again. */
  declare releasedAt: Date | null
  declare createdAt: Date

  /** What the customer owes for this line, minor units. */
  get totalMinor(): number {
    return this.netMinor + this.taxMinor
  }
  total(currency: string): Money {
    return Money.of(this.totalMinor, currency)
  }
}
