/** Takes an unpaid invoice back. Its number stays used; metered use on it counts as forgiven and is not billed again. */
import { refuse } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice } from './invoice.js'

/** Throws Refusal when something was paid on it or a payment is under way. */
export async function voidInvoice(given: Invoice, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    const attempts = await tenantDb()('payment_allocations').where({ open_invoice_id: invoice.id }).count({ n: '*' }).first<{ n: number }>()
    refuse(invoice.refusalToVoid(Number(attempts.n)))
    const wasIssued = invoice.status === 'open'
    await invoice.become('void', { voidedAt: now })
    if (wasIssued) {
      const lines = await InvoiceLine.query().where({ invoiceId: invoice.id })
      await post(trx, {
        key: `invoice:${invoice.id}:voided`, description: 'Invoice voided', occurredAt: now, currency: invoice.currency,
        entries: [
          { account: accounts.receivable(invoice.userId), amountMinor: -invoice.totalMinor, invoiceId: invoice.id },
          ...lines.map((line) => ({ account: accounts.revenue(line.detail.serviceType ?? 'other'), amountMinor: line.amountMinor, invoiceId: invoice.id })),
          { account: accounts.tax('standard'), amountMinor: invoice.taxMinor, invoiceId: invoice.id },
        ],
      })
    }
    await record('invoice.voided', invoice, {}, { userId: invoice.userId })
  })
}
