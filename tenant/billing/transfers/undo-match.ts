/** Takes a matched transfer back from an invoice or a customer: entries are reversed, never deleted; the invoice is owed again. */
import type { Knex } from 'knex'
import { Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { CreditNote } from '../invoices/credit-notes/credit-note.js'
import { Invoice } from '../invoices/invoice.js'
import type { AccountKind } from '../ledger-accounts.js'
import { accounts } from '../ledger-accounts.js'
import { lockBalances, post } from '../ledger.js'
import { lockInvoicesOf } from '../payments/apply-payment.js'
import { partsOf } from '../payments/payment-allocation.js'
import { Payment } from '../payments/payment.js'
import { Refund } from '../payments/refunds/refund.js'
import { BankTransfer } from './bank-transfer.js'
import { updateStatus } from './match-transfer.js'

interface Entry { code: string; kind: AccountKind; user_id: number | null; amount_minor: number; invoice_id: number | null }

/** Throws Refusal when it is no transfer, was refunded or taken back by credit notes, or became credit that is spent. Records `payment.reversed` and `invoice.reopened`. */
export async function undoMatch(given: Payment, reason: string, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const transfer = await BankTransfer.query().findById(given.bankTransferId ?? 0).forUpdate()
    await lockInvoicesOf(given.id)
    const payment = await Payment.query().findById(given.id).forUpdate().throwIfNotFound()
    if (!transfer || payment.status !== 'succeeded') throw new Refusal('transfer.not-matched', 'Only a transfer that is matched can be taken back.')
    if (await Refund.query().where({ paymentId: payment.id }).whereNot({ status: 'failed' }).first()) throw new Refusal('transfer.refunded', 'Something of this payment was refunded. It cannot be taken back any more.')
    await reverseEntries(trx, payment, now)
    for (const part of await partsOf(payment.id)) await reopen(part.invoiceId, part.appliedMinor)
    await payment.become('reversed', { failureMessage: reason.slice(0, 500) })
    await updateStatus(transfer)
    await record('payment.reversed', payment, { reason, transferId: transfer.id, amountMinor: payment.amountMinor, currency: payment.currency }, { userId: payment.userId })
  })
}

async function reverseEntries(trx: Knex.Transaction, payment: Payment, now: Date): Promise<void> {
  const key = `payment:${payment.id}:succeeded`
  const entries = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id')
    .where((q) => void q.where('t.business_key', key).orWhere('t.business_key', 'like', `${key}:%`)).select<Entry[]>('a.code', 'a.kind', 'a.user_id', 'e.amount_minor', 'e.invoice_id')
  const toCredit = -entries.filter((e) => e.kind === 'credit').reduce((sum, e) => sum + e.amount_minor, 0)
  const credit = accounts.credit(payment.userId)
  const held = (await lockBalances(trx, [credit, accounts.receivable(payment.userId)], payment.currency)).get(credit.code)!.negate()
  if (held.minor < toCredit) throw new Refusal('transfer.credit-spent', 'A part of this transfer became credit that is spent. Refund what is left instead.')
  await post(trx, {
    key: `payment:${payment.id}:reversed`, description: 'Transfer taken back', occurredAt: now, currency: payment.currency,
    entries: entries.map((e) => ({ account: { code: e.code, kind: e.kind, userId: e.user_id }, amountMinor: -e.amount_minor, invoiceId: e.invoice_id, paymentId: payment.id })),
  })
}

/** Minor units of credit notes that did not go against what was still to pay: they gave back money that came in. */
async function givenBackByNotes(invoiceId: number): Promise<number> {
  const notes = await CreditNote.query().where({ invoiceId }).whereNot({ destination: 'invoice' })
  return notes.reduce((sum, note) => sum + note.totalMinor, 0)
}

/** The invoice is locked. What its payment brought is owed again. */
async function reopen(invoiceId: number, appliedMinor: number): Promise<void> {
  const invoice = await Invoice.query().findById(invoiceId).throwIfNotFound()
  if (appliedMinor === 0) return
  if (invoice.status !== 'open' && invoice.status !== 'paid') throw new Refusal('transfer.invoice-closed', `Invoice ${invoice.label} is closed. Correct it with a credit note.`)
  const left = invoice.paidMinor - appliedMinor + invoice.creditedMinor
  if ((await givenBackByNotes(invoice.id)) > Math.max(0, left)) throw new Refusal('transfer.credited', `A credit note has given back what this transfer paid on invoice ${invoice.label}. It cannot be taken back any more.`)
  await Invoice.query().patch({ status: 'open', paidMinor: invoice.paidMinor - appliedMinor, paidAt: null }).where({ id: invoice.id })
  await record('invoice.reopened', invoice, { amountMinor: appliedMinor, currency: invoice.currency }, { userId: invoice.userId })
}
