/** A customer who pays no tax, with the evidence. Counts only once staff approved it, and only within its dates. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Refusal } from '../../../shared/errors.js'

export class TaxExemption extends TenantModel {
  static override tableName = 'tax_exemptions'
  static override moves = { asked: ['approved', 'declined'], approved: ['ended'], declined: [], ended: [] } as const
  declare id: number
  declare publicId: string
  declare userId: number
  /** Where it counts; empty for everywhere. */
  declare country: string
  /** In the words of the invoice: "Exempt: registered charity". */
  declare reason: string
  declare evidence: string
  /** Number of the certificate. */
  declare reference: string | null
  declare validFrom: Date
  /** Half-open; null: until it is ended. */
  declare validUntil: Date | null
  declare status: 'asked' | 'approved' | 'declined' | 'ended'
  declare approvedBy: string | null
  declare approvedAt: Date | null
  declare endedAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  countsAt(now: Date, country: string): boolean {
    return this.status === 'approved' && this.validFrom <= now && (!this.validUntil || now < this.validUntil) && (!this.country || this.country === country)
  }
  refusalToEnd(): Refusal | null {
    if (this.status === 'asked') return new Refusal('exemption.asked', 'Nobody has approved it yet: decline it instead.')
    return this.status === 'approved' ? null : new Refusal('exemption.over', 'This exemption is over already.')
  }
  refusalToDecline(): Refusal | null {
    return this.status === 'asked' ? null : new Refusal('exemption.decided', 'It was decided on already.')
  }
  get wording(): string {
    return this.reference ? `${this.reason} (${this.reference})` : this.reason
  }

  /** The one that counts for the customer there and then; the newest, when there are several. */
  static async counting(userId: number, now: Date, country: string): Promise<TaxExemption | null> {
    const rows = await TaxExemption.query().where({ userId, status: 'approved' }).orderBy('id', 'desc')
    return rows.find((row) => row.countsAt(now, country)) ?? null
  }
}
