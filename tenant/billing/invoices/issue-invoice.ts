/** draft → open: totals, seller and buyer are frozen, the ledger is told, credit is spent, and last of all the number is drawn. */
import type { Knex } from 'knex'
import { refuse } from '../../../shared/errors.js'
import { nextNumber } from '../../../shared/database/sequence.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { spendCreditOnInvoice } from '../credit/spend-credit.js'
import { accounts } from '../ledger-accounts.js'
import { lockBalances, post } from '../ledger.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice } from './invoice.js'
import { ensureInvoiceSeries } from './number-series.js'
import { billedCustomer, sellerToday } from './parties.js'

/** Days a customer has to pay. */
export const paymentTermDays = 7

/** Issues the draft. Throws Refusal when it is not a draft (any more). An invoice with nothing left to pay is paid at once. */
export async function issueInvoice(draft: Invoice, now = clock.now()): Promise<Invoice> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(draft.id).forUpdate().throwIfNotFound()
    refuse(invoice.refusalToIssue())
    const lines = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder')
    const dueAt = new Date(now.getTime() + paymentTermDays * 86_400_000)
    await invoice.become('open', { ...totals(lines, invoice.currency), seller: sellerToday(), buyer: (await billedCustomer(invoice.userId)).buyer, issuedAt: now, dueAt })
    await postRevenue(trx, invoice, lines, now)
    await record('invoice.issued', invoice, { totalMinor: invoice.totalMinor, currency: invoice.currency, kind: invoice.kind }, { userId: invoice.userId })
    if (invoice.totalMinor > 0) await spendCreditOnInvoice(invoice, now)
    else await settleNothing(invoice, now)
    await ensureInvoiceSeries(trx)
    const number = await nextNumber(trx, 'invoice')
    await Invoice.query().patch({ number }).where({ id: invoice.id })
    return Invoice.query().findById(invoice.id).throwIfNotFound()
  })
}

function totals(lines: readonly InvoiceLine[], currency: string): { subtotalMinor: number; taxMinor: number; totalMinor: number } {
  const subtotal = Money.sum(lines.map((l) => Money.of(l.amountMinor, currency)), currency)
  const tax = Money.sum(lines.map((l) => Money.of(l.taxMinor, currency)), currency)
  return { subtotalMinor: subtotal.minor, taxMinor: tax.minor, totalMinor: subtotal.add(tax).minor }
}

async function settleNothing(invoice: Invoice, now: Date): Promise<void> {
  await invoice.become('paid', { paidAt: now })
  await record('invoice.paid', invoice, { totalMinor: 0, currency: invoice.currency }, { userId: invoice.userId })
}

async function postRevenue(trx: Knex.Transaction, invoice: Invoice, lines: readonly InvoiceLine[], now: Date): Promise<void> {
  const revenue = lines.map((line) => ({ account: accounts.revenue(line.detail.serviceType ?? 'other'), amountMinor: -line.amountMinor, invoiceId: invoice.id }))
  const tax = invoice.taxMinor ? [{ account: accounts.tax('standard'), amountMinor: -invoice.taxMinor, invoiceId: invoice.id }] : []
  await lockBalances(trx, [accounts.receivable(invoice.userId), accounts.credit(invoice.userId), ...revenue.map((r) => r.account), ...tax.map((t) => t.account)], invoice.currency)
  const receivable = { account: accounts.receivable(invoice.userId), amountMinor: invoice.totalMinor, invoiceId: invoice.id }
  await post(trx, { key: `invoice:${invoice.id}:finalised`, description: 'Invoice issued', occurredAt: now, currency: invoice.currency, entries: [receivable, ...revenue, ...tax] })
}
