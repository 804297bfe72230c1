/** A customer's tax number and what is known of it. Only `valid` changes a price. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Refusal } from '../../../shared/errors.js'

/** `pending`: asked, no answer yet. `unchecked`: of a country that offers no check. */
export type TaxNumberStatus = 'pending' | 'valid' | 'invalid' | 'unchecked'

/** An answer younger than this is not asked for again. */
const freshMs = 10 * 60_000

export class TaxNumber extends TenantModel {
  static override tableName = 'tax_numbers'
  declare id: number
  declare userId: number
  /** ISO 3166; Greece is GR here though its numbers begin with EL. */
  declare country: string
  /** As written on invoices, with its prefix: `DE136695976`. */
  declare number: string
  declare status: TaxNumberStatus
  /** Questions in a row that brought no answer. */
  declare attempts: number
  declare nextCheckAt: Date | null
  /** Of the last answer. */
  declare checkedAt: Date | null
  declare validSince: Date | null
  declare holderName: string | null
  declare holderAddress: string | null
  /** Row of `tax_number_checks` that proves the last answer. */
  declare proofId: number | null
  declare createdAt: Date
  declare updatedAt: Date

  /** May staff have the register asked out of turn? */
  refusalToAsk(now: Date): Refusal | null {
    if (this.status === 'unchecked') return new Refusal('tax-number.unchecked', 'No register is asked about this number.')
    if (this.nextCheckAt && this.nextCheckAt <= now) return new Refusal('tax-number.asking', 'It is being asked about already.')
    return this.checkedAt && this.checkedAt.getTime() > now.getTime() - freshMs ? new Refusal('tax-number.fresh', 'The register answered only minutes ago.') : null
  }

  static async of(userId: number): Promise<TaxNumber | null> {
    return (await TaxNumber.query().findOne({ userId })) ?? null
  }
}

/** One question to VIES and its answer: the proof that an auditor asks for. Never changed, never deleted. */
export class TaxNumberCheck extends TenantModel {
  static override tableName = 'tax_number_checks'
  static override timestamps = ['createdAt'] as const
  declare id: number
  declare userId: number
  declare country: string
  declare number: string
  declare outcome: 'valid' | 'invalid' | 'no-answer'
  declare error: string | null
  /** VIES' own id of the consultation. */
  declare requestId: string | null
  declare requester: string | null
  declare holderName: string | null
  declare holderAddress: string | null
  declare askedAt: Date
  declare answeredAt: Date | null
  declare createdAt: Date
}
