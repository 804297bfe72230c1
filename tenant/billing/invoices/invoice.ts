/**
 * What a customer owes for something. draft → open → paid | void | uncollectible. Drafts have no number; an open invoice is frozen except for what is paid on
 * it. A paid one opens again when its payment is taken back. Where the shop wants it, an order's invoice is a proforma until it is paid: open, with a proforma number, and its own number comes with the money.
 */
import { Refusal } from '../../../shared/errors.js'
import { belowGatewayMinimum } from '../../../shared/money/currency.js'
import { Money } from '../../../shared/money/money.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
export type InvoiceKind = 'usage' | 'order' | 'renewal' | 'change' | 'manual'

/** Who sells, as it was on the day of issue. */
export interface Seller {
  readonly name: string
  readonly legalName: string
  readonly address: readonly string[]
  readonly taxId: string | null
  readonly email: string
  readonly phone: string | null
}
/** Who buys, as it was on the day of issue. */
export interface Buyer {
  readonly name: string
  readonly company: string | null
  readonly email: string
  readonly address: readonly string[]
  readonly taxId: string | null
}

const proforma = (): Refusal => new Refusal('invoice.proforma', 'A proforma is no invoice yet: void it instead.')
const beingPaid = (): Refusal => new Refusal('invoice.being-paid', 'A payment for this invoice is under way. Wait for its result.')

export class Invoice extends TenantModel {
  static override tableName = 'invoices'
  static override jsonAttributes = ['seller', 'buyer', 'codes', 'notes']
  static override booleans = ['pricesInclusive']
  static override moves = { draft: ['open', 'void'], open: ['paid', 'void', 'uncollectible'], uncollectible: ['paid'], paid: ['open'], void: [] } as const
  declare id: number
  declare publicId: string
  declare businessKey: string
  declare number: string | null
  declare proformaNumber: string | null
  declare userId: number
  declare kind: InvoiceKind
  declare status: InvoiceStatus
  declare currency: string
  /** The lines' amounts have tax in them. */
  declare pricesInclusive: boolean
  /** Sum of the lines' amounts, before discount. */
  declare subtotalMinor: number
  declare discountMinor: number
  declare taxMinor: number
  /** Sum of net and tax over the lines. */
  declare totalMinor: number
  declare paidMinor: number
  /** Paid from credit, taken back by credit notes, or moved onto the next invoice; less what this invoice took over from earlier ones, so it may be negative. */
  declare creditedMinor: number
  /** Coupon codes to price the draft with. */
  declare codes: string[] | null
  /** Sentences that the law wants on it, e.g. of reverse charge. */
  declare notes: string[] | null
  declare memo: string | null
  declare periodStart: Date | null
  declare periodEnd: Date | null
  declare seller: Seller | null
  declare buyer: Buyer | null
  declare issuedAt: Date | null
  declare dueAt: Date | null
  /** When the saved payment method is charged; null: not by itself. */
  declare collectAt: Date | null
  declare paidAt: Date | null
  declare voidedAt: Date | null
  declare writtenOffAt: Date | null
  /** Why it was voided or written off. */
  declare closingReason: string | null
  /** The void invoice that this one stands for. */
  declare replacesId: number | null
  declare createdAt: Date
  declare updatedAt: Date

  get total(): Money {
    return Money.of(this.totalMinor, this.currency)
  }
  /** What people call it. */
  get label(): string {
    return this.number ?? this.proformaNumber ?? 'Draft'
  }
  get isProforma(): boolean {
    return this.number === null && this.proformaNumber !== null
  }
  /** What is left to pay; zero for drafts and for what is void. */
  get balance(): Money {
    const owed = this.status === 'open' || this.status === 'uncollectible'
    return Money.of(owed ? this.totalMinor - this.paidMinor - this.creditedMinor : 0, this.currency)
  }
  /** Too little for a card, whatever it is for: it moves onto the next invoice, and nobody is dunned for it. An order is paid or expires. */
  get waitsForNext(): boolean {
    return this.status === 'open' && this.kind !== 'order' && belowGatewayMinimum(this.balance, 'stripe')
  }
  isOverdue(now: Date): boolean {
    return this.status === 'open' && this.dueAt !== null && this.dueAt <= now
  }

  refusalToIssue(): Refusal | null {
    return this.status === 'draft' ? null : new Refusal('invoice.not-draft', 'This invoice was already issued.')
  }
  refusalToPay(): Refusal | null {
    if (this.status === 'paid') return new Refusal('invoice.paid', 'This invoice is already paid.')
    if (this.status !== 'open' && this.status !== 'uncollectible') return new Refusal('invoice.not-open', 'This invoice is not open for payment.')
    return this.balance.isPositive() ? null : new Refusal('invoice.nothing-due', 'Nothing is left to pay on this invoice.')
  }
  /** `openAttempts`: payment attempts on it whose end is not known yet. `returnable`: what of `creditedMinor` voiding undoes: credit spent on it, less what it took over. */
  refusalToVoid(openAttempts: number, returnable = 0): Refusal | null {
    if (this.status !== 'open' && this.status !== 'draft') return new Refusal('invoice.not-open', 'Only an open invoice can be voided.')
    if (this.paidMinor !== 0 || this.creditedMinor !== returnable) return new Refusal('invoice.partly-paid', 'Something was already paid or credited on this invoice: it cannot be voided. Write a credit note instead.')
    return openAttempts ? beingPaid() : null
  }
  refusalToCredit(): Refusal | null {
    if (this.isProforma) return proforma()
    return this.issuedAt !== null && this.status !== 'draft' && this.status !== 'void' ? null : new Refusal('invoice.not-issued', 'Only an issued invoice that was not voided can be taken back.')
  }
  refusalToWriteOff(openAttempts: number): Refusal | null {
    if (this.isProforma) return proforma()
    if (this.status !== 'open') return new Refusal('invoice.not-open', 'Only an open invoice can be written off.')
    return openAttempts ? beingPaid() : null
  }
}
