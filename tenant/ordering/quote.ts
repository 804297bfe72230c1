/** An offer that staff writes for one customer: its prices bind until a day. draft → sent → accepted | declined | expired. Accepting makes one order. */
import { Refusal } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import type { ChosenOption, PricedItem } from '../catalog/price-selection.js'

export type QuoteStatus = 'draft' | 'sent' | 'accepted' | 'declined' | 'expired'
export const mostLines = 20

export class Quote extends TenantModel {
  static override tableName = 'quotes'
  static override moves = { draft: ['sent'], sent: ['accepted', 'declined', 'expired'], accepted: [], declined: [], expired: [] } as const
  declare id: number
  declare publicId: string
  /** Drawn when it is sent. */
  declare number: string | null
  /** Of the link in the letter: whoever has it may read and answer. */
  declare tokenHash: string | null
  declare userId: number
  declare status: QuoteStatus
  declare currency: string
  /** Off the first invoice, parts of a million: 100000 = 10 %. */
  declare discountPpm: number
  /** For the customer, above the lines. */
  declare note: string
  /** It binds before this instant. */
  declare validUntil: Date
  declare orderId: number | null
  declare sentAt: Date | null
  declare answeredAt: Date | null
  declare declineReason: string | null
  declare createdAt: Date
  declare updatedAt: Date

  /** What people call it. */
  get label(): string {
    return this.number ?? 'Draft'
  }
  /** An instant of the last day on which it is valid. */
  get lastDay(): Date {
    return new Date(this.validUntil.getTime() - 1)
  }
  refusalToChange(): Refusal | null {
    return this.status === 'draft' ? null : new Refusal('quote.sent', 'This quote was already sent: write a new one instead.')
  }
  refusalToSend(lines: number, now: Date): Refusal | null {
    if (this.status !== 'draft' && this.status !== 'sent') return new Refusal('quote.answered', 'This quote was already answered.')
    if (lines === 0) return new Refusal('quote.empty', 'Add at least one line before you send it.')
    return this.validUntil > now ? null : new Refusal('quote.over', 'Choose a day in the future until which it is valid.')
  }
  refusalToAnswer(now: Date): Refusal | null {
    if (this.status === 'sent') return now < this.validUntil ? null : new Refusal('quote.expired', 'This quote is not valid any more. Ask us for a new one.')
    if (this.status === 'expired') return new Refusal('quote.expired', 'This quote is not valid any more. Ask us for a new one.')
    return new Refusal('quote.answered', this.status === 'declined' ? 'You have declined this quote.' : 'This quote was already accepted.')
  }
}

/** A plan as it was priced when the line was written, or a line of free text that is charged once. */
export class QuoteLine extends TenantModel {
  static override tableName = 'quote_lines'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['options', 'items']
  declare id: number
  declare publicId: string
  declare quoteId: number
  /** Null: free text. */
  declare planId: number | null
  declare quantity: number
  declare options: ChosenOption[]
  declare name: string
  declare recurringMinor: number
  declare setupMinor: number
  /** Of free text: once. */
  declare amountMinor: number
  /** What the plan's price was computed from. */
  declare items: PricedItem[]
  declare createdAt: Date

  static ofQuote(quote: Pick<Quote, 'id'>): Promise<QuoteLine[]> {
    return QuoteLine.query().where({ quoteId: quote.id }).orderBy('id').execute()
  }
  money(minor: number, quote: Quote): Money {
    return Money.of(minor, quote.currency)
  }
}
