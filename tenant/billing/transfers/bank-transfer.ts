/** Money that arrived on the shop's bank account, as the statement says. It becomes payments when somebody says whose it is. */
import { Refusal } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Payment } from '../payments/payment.js'

export class BankTransfer extends TenantModel {
  static override tableName = 'bank_transfers'
  declare id: number
  declare publicId: string
  /** Made from what the statement says: the same line imported twice is one transfer. */
  declare statementKey: string
  /** `yyyy-mm-dd`, as the bank books it. */
  declare receivedOn: string
  declare amountMinor: number
  declare currency: string
  declare payer: string
  declare reference: string
  /** ignored: not a customer's payment. */
  declare status: 'unmatched' | 'partly' | 'matched' | 'ignored'
  declare note: string | null
  declare createdAt: Date
  declare updatedAt: Date

  get amount(): Money {
    return Money.of(this.amountMinor, this.currency)
  }
  refusalToSetAside(): Refusal | null {
    if (this.status === 'ignored') return new Refusal('transfer.ignored', 'This transfer is set aside already.')
    return this.status === 'unmatched' ? null : new Refusal('transfer.matched', 'Something of this transfer is matched. Undo that first.')
  }
  refusalToTakeBack(): Refusal | null {
    return this.status === 'ignored' ? null : new Refusal('transfer.not-aside', 'This transfer is not set aside.')
  }
}

/** What was made of it: payments that still count, and those that were taken back. */
export const paymentsFrom = (transferId: number): Promise<Payment[]> => Payment.query().where({ bankTransferId: transferId }).orderBy('id').then((rows) => rows)

/** What nobody has been credited with yet. */
export async function unmatchedOf(transfer: BankTransfer): Promise<Money> {
  const counted = (await paymentsFrom(transfer.id)).filter((p) => p.status === 'succeeded')
  return transfer.amount.sub(Money.sum(counted.map((p) => p.amount), transfer.currency))
}
