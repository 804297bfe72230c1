/** Gives up on an open invoice: the loss is booked. The invoice can still be paid, and then the loss is taken back. */
import { refuse } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { Invoice } from './invoice.js'
import { openAttempts } from './void-invoice.js'

/** Throws Refusal when it is not open or a payment is under way. */
export async function writeOff(given: Invoice, { reason = null, now = clock.now() }: { reason?: string | null; now?: Date } = {}): Promise<Invoice> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(invoice.refusalToWriteOff(await openAttempts(invoice)))
    const lost = invoice.balance
    await invoice.become('uncollectible', { writtenOffAt: now, closingReason: reason })
    await post(trx, {
      key: `invoice:${invoice.id}:written-off`, description: 'Invoice written off', occurredAt: now, currency: invoice.currency,
      entries: [{ account: accounts.writeOffs(), amountMinor: lost.minor, invoiceId: invoice.id }, { account: accounts.receivable(invoice.userId), amountMinor: -lost.minor, invoiceId: invoice.id }],
    })
    await record('invoice.written-off', invoice, { totalMinor: invoice.totalMinor, lostMinor: lost.minor, currency: invoice.currency, kind: invoice.kind }, { userId: invoice.userId })
    return invoice
  })
}
