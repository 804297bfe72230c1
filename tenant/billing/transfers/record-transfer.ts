/** Writes down what the bank statement says. The same line twice is one transfer. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { newPublicId } from '../../../shared/security/token.js'
import { BankTransfer } from './bank-transfer.js'

export interface ArrivedTransfer {
  /** From the statement, or made with the form. */
  readonly key: string
  readonly receivedOn: string
  readonly amountMinor: number
  readonly currency: string
  readonly payer: string
  readonly reference: string
}

/** The row, and whether it is new. */
export async function recordTransfer(facts: ArrivedTransfer): Promise<{ transfer: BankTransfer; fresh: boolean }> {
  return tenantTransaction(async () => {
    const { key, ...row } = facts
    const known = await BankTransfer.query().findOne({ statementKey: key })
    if (known) return { transfer: known, fresh: false }
    const transfer = await BankTransfer.query().insertAndFetch({ ...row, statementKey: key, publicId: newPublicId(), status: 'unmatched' })
    await record('transfer.recorded', transfer, { amountMinor: transfer.amountMinor, currency: transfer.currency, receivedOn: transfer.receivedOn })
    return { transfer, fresh: true }
  })
}

/** Keys of these that were recorded before. */
export async function knownKeys(keys: readonly string[]): Promise<Set<string>> {
  return new Set((await BankTransfer.query().whereIn('statementKey', [...keys]).select('statementKey')).map((t) => t.statementKey))
}
