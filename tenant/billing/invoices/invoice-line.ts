/** One line of an invoice: what, how much, and in `detail` everything it was computed from. Never changes once the invoice is open. */
import { TenantModel } from '../../../shared/database/tenant-model.js'

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
export interface LineDetail {
  readonly runs?: readonly RunDetail[]
  readonly planName?: string
  readonly serviceName?: string
  readonly serviceType?: string
}

export class InvoiceLine extends TenantModel {
  static override tableName = 'invoice_lines'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['detail']
  declare id: number
  declare invoiceId: number
  declare businessKey: string
  declare kind: 'usage' | 'recurring' | 'setup' | 'manual' | 'credit'
  declare serviceId: number | null
  declare subscriptionId: number | null
  declare description: string
  declare quantitySeconds: number | null
  declare quantity: number | null
  declare rateMicros: number | null
  declare amountMinor: number
  declare taxMinor: number
  declare periodStart: Date | null
  declare periodEnd: Date | null
  declare detail: LineDetail
  declare sortOrder: number
  declare createdAt: Date
}
