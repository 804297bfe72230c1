/** Takes an unpaid invoice back. Its number stays used; credit that was spent on it comes back, what it took over is owed where it was; metered use on it counts as forgiven and is not billed again. */
import type { Knex } from 'knex'
import { refuse } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { unbookInvoice } from './book-invoice.js'
import { carriedOnto, carryBack } from './carry-over.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice } from './invoice.js'

export interface Voiding {
  /** What its lines bill may be billed again: their keys, the invoice's own and (subscription, kind, period) are free afterwards. */
  readonly release?: boolean
  /** For staff and history. */
  readonly reason?: string | null
  readonly now?: Date
}

/** Throws Refusal when something was paid on it or a payment is under way. */
export async function voidInvoice(given: Invoice, { release = false, reason = null, now = clock.now() }: Voiding = {}): Promise<Invoice> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    const fromCredit = await spentCredit(invoice)
    refuse(invoice.refusalToVoid(await openAttempts(invoice), await returnableOn(invoice)))
    const wasIssued = invoice.status === 'open'
    await invoice.become('void', { voidedAt: now, closingReason: reason, creditedMinor: 0 })
    if (wasIssued) {
      await carryBack(trx, invoice, now)
      await returnCredit(trx, invoice, fromCredit, now)
      await unbookInvoice(trx, invoice, await InvoiceLine.query().where({ invoiceId: invoice.id }), now)
    }
    if (release) await releaseKeys(trx, invoice, now)
    await record('invoice.voided', invoice, { totalMinor: invoice.totalMinor, currency: invoice.currency, kind: invoice.kind, wasIssued }, { userId: invoice.userId })
    return invoice
  })
}

/** Payment attempts on it whose end is not known yet. */
export async function openAttempts(invoice: Invoice): Promise<number> {
  const row = await tenantDb()('payment_allocations').where({ open_invoice_id: invoice.id }).count({ n: '*' }).first<{ n: number }>()
  return Number(row.n)
}

/** Minor units of the customer's credit that went into this invoice. */
export async function spentCredit(invoice: Invoice): Promise<number> {
  const row = await tenantDb()('ledger_entries as e').join('ledger_accounts as a', 'a.id', 'e.account_id').join('ledger_transactions as t', 't.id', 'e.transaction_id')
    .where({ 'e.invoice_id': invoice.id, 'a.kind': 'credit' }).where('t.business_key', 'like', `invoice:${invoice.id}:credit:%`).sum({ sum: 'e.amount_minor' }).first<{ sum: string | null }>()
  return Number(row.sum ?? 0)
}

/** What of its `creditedMinor` comes back when it is voided, for `refusalToVoid`. */
export const returnableOn = async (invoice: Invoice): Promise<number> => (await spentCredit(invoice)) - (await carriedOnto(invoice))

async function returnCredit(trx: Knex.Transaction, invoice: Invoice, fromCredit: number, now: Date): Promise<void> {
  if (fromCredit === 0) return
  await post(trx, {
    key: `invoice:${invoice.id}:credit-returned`, description: 'Credit returned from a void invoice', occurredAt: now, currency: invoice.currency,
    entries: [{ account: accounts.receivable(invoice.userId), amountMinor: fromCredit, invoiceId: invoice.id }, { account: accounts.credit(invoice.userId), amountMinor: -fromCredit, invoiceId: invoice.id }],
  })
}

async function releaseKeys(trx: Knex.Transaction, invoice: Invoice, now: Date): Promise<void> {
  await trx('invoice_lines').where({ invoice_id: invoice.id }).update({ released_at: now, business_key: trx.raw(`concat(business_key, '~', id)`) })
  await trx('invoices').where({ id: invoice.id }).update({ business_key: trx.raw(`concat(business_key, '~', id)`) })
}
