/** A change of plan, quantity, options, cycle or price: quoted, then applied at once or scheduled for the end of a period. The quote binds: it keeps its instant and its sum. */
import { Refusal } from '../../../shared/errors.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Money } from '../../../shared/money/money.js'
import type { Cycle } from '../../../shared/time/period.js'
import type { PricedItem, Selection } from '../../catalog/price-selection.js'

/** What a subscription charges by. */
export interface Terms {
  readonly planId: number
  readonly planVersion: number
  readonly productId: number | null
  readonly billingCycle: Cycle
  readonly quantity: number
  readonly selection: Selection
  readonly items: readonly PricedItem[]
  readonly amountMinor: number
}
/** The changed subscription and the add-ons that follow it into another cycle, by id. */
export type TermsById = Readonly<Record<number, Terms>>

/** A change that waits for its day. */
export interface Scheduled {
  readonly effectiveAt: Date
  readonly terms: Terms
}

export interface PreviewLine {
  readonly label: string
  readonly text: string
  readonly amountMinor: number
}
/** What the customer saw. */
export interface ChangePreview {
  readonly before: string
  readonly after: string
  readonly lines: readonly PreviewLine[]
  readonly discountMinor: number
  readonly taxMinor: number
  /** Labels of open invoices that are taken back and made anew. */
  readonly replaces: readonly string[]
  readonly replacedMinor: number
  /** The next period under the new terms, before discount and tax. */
  readonly nextAt: string
  readonly nextMinor: number
}

export type ChangeKind = 'plan' | 'quantity' | 'option' | 'cycle' | 'price'
export type ChangeStatus = 'quoted' | 'scheduled' | 'applied' | 'undone'
export type Timing = 'now' | 'period-end'

/** So long a quote may be accepted. */
export const quoteMinutes = 15

export class Change extends TenantModel {
  static override tableName = 'subscription_changes'
  static override jsonAttributes = ['terms', 'preview']
  static override moves = { quoted: ['applied', 'scheduled', 'undone'], scheduled: ['applied', 'undone'], applied: [], undone: [] } as const
  declare id: number
  declare publicId: string
  declare businessKey: string | null
  declare subscriptionId: number
  declare userId: number
  declare kind: ChangeKind
  declare status: ChangeStatus
  declare timing: Timing
  /** The instant of every second that was counted. */
  declare quotedAt: Date
  declare expiresAt: Date | null
  declare effectiveAt: Date
  declare terms: TermsById
  declare preview: ChangePreview
  /** Sum of the invoices that the change makes, tax included; negative: it becomes credit. */
  declare totalMinor: number
  declare currency: string
  declare invoiceId: number | null
  declare createdAt: Date
  declare updatedAt: Date

  get total(): Money {
    return Money.of(this.totalMinor, this.currency)
  }
  /** What it makes of its own subscription. */
  get scheduled(): Scheduled {
    return { effectiveAt: this.effectiveAt, terms: this.terms[this.subscriptionId]! }
  }
  refusalToApply(now: Date): Refusal | null {
    if (this.status === 'undone') return new Refusal('change.moved', 'Something has changed since this preview. Look at the new one, then confirm.')
    if (this.status !== 'quoted') return new Refusal('change.used', 'This change was already confirmed.')
    return this.expiresAt && now < this.expiresAt ? null : new Refusal('change.expired', 'This preview is older than 15 minutes. Look at the new one, then confirm.')
  }
  refusalToUndo(now: Date): Refusal | null {
    return this.status === 'scheduled' && this.kind !== 'price' && now < this.effectiveAt ? null : new Refusal('change.not-scheduled', 'This change is not waiting any more.')
  }

  /** Changes that wait, by subscription id (add-ons that follow stand under their own id). */
  static async scheduledFor(subscriptionIds: readonly number[]): Promise<Map<number, Change>> {
    const rows = await Change.query().where({ status: 'scheduled' }).whereIn('subscriptionId', [...subscriptionIds])
    return new Map(rows.map((row) => [row.subscriptionId, row]))
  }
}
