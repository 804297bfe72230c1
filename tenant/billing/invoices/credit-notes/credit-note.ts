/** Takes back an issued invoice, whole or in part. It has its own number and, like an invoice, never changes. */
import { Money } from '../../../../shared/money/money.js'
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import type { LineTax } from '../../charges/charge.js'
import type { Buyer, Seller } from '../invoice.js'

/** `invoice`: less is left to pay on it. `balance`: the money becomes the customer's credit. `source`: it goes back the way it came. */
export type CreditDestination = 'invoice' | 'balance' | 'source'

export class CreditNote extends TenantModel {
  static override tableName = 'credit_notes'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['seller', 'buyer']
  declare id: number
  declare publicId: string
  declare businessKey: string
  declare number: string | null
  declare invoiceId: number
  declare userId: number
  declare currency: string
  declare destination: CreditDestination
  /** Of a note to the source: the payment that is refunded. */
  declare paymentId: number | null
  declare reason: string
  declare netMinor: number
  declare taxMinor: number
  /** Positive. */
  declare totalMinor: number
  declare seller: Seller
  declare buyer: Buyer
  declare issuedAt: Date
  declare createdAt: Date

  get total(): Money {
    return Money.of(this.totalMinor, this.currency)
  }
  get label(): string {
    return this.number ?? 'Credit note'
  }
}

export class CreditNoteLine extends TenantModel {
  static override tableName = 'credit_note_lines'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['taxes']
  declare id: number
  declare creditNoteId: number
  declare invoiceLineId: number
  declare description: string
  declare netMinor: number
  declare taxMinor: number
  declare totalMinor: number
  /** Tax taken back, by rate. */
  declare taxes: LineTax[]
  declare sortOrder: number
  declare createdAt: Date
}
