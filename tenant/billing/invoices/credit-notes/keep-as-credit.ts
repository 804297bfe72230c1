/** A credit note whose money cannot go back the way it came (refunded otherwise meanwhile, disputed, taken back): the customer has it as credit instead. */
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { clock } from '../../../../shared/time/clock.js'
import { bookCredit } from '../../credit/add-credit.js'
import { accounts } from '../../ledger-accounts.js'
import { CreditNote } from './credit-note.js'

/** Once; nothing for a note that is not to the source. */
export async function keepAsCredit(given: Pick<CreditNote, 'id'>, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const note = await CreditNote.query().findById(given.id).forUpdate().throwIfNotFound()
    if (note.destination !== 'source') return
    await note.$query().patch({ destination: 'balance', paymentId: null })
    const from = [{ account: accounts.refunds(), amountMinor: note.totalMinor, invoiceId: note.invoiceId }]
    await bookCredit(trx, { userId: note.userId, amount: note.total, key: `credit-note:${note.id}:kept`, description: 'Credit note: kept as credit', from, now })
  })
}
