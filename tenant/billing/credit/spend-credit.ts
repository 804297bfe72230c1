/** Pays as much of an invoice, or of all open ones, as the customer's credit allows. */
import type { Knex } from 'knex'
import { refuse } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { reduceBalance } from '../invoices/settle-invoice-payment.js'
import { accounts } from '../ledger-accounts.js'
import { creditBalance } from './credit.js'
import { lockBalances, post } from '../ledger.js'

/**
 * Takes min(credit, what is left to pay) and returns it; zero when there is no credit. The balance is read under lock, so any number of parallel calls
 * spend a cent once. An invoice on which a payment attempt is open is left alone: its charge was made for the whole balance. Throws Refusal when not open.
 */
export async function spendCreditOnInvoice(given: Invoice, now = clock.now()): Promise<Money> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(invoice.refusalToPay())
    const nothing = Money.zero(invoice.currency)
    if (await trx('payment_allocations').where({ open_invoice_id: invoice.id }).first('id')) return nothing
    const [credit, receivable] = [accounts.credit(invoice.userId), accounts.receivable(invoice.userId)]
    const held = (await lockBalances(trx, [credit, receivable], invoice.currency)).get(credit.code)!.negate()
    const amount = held.min(invoice.balance)
    if (!amount.isPositive()) return nothing
    const booked = await post(trx, {
      key: await nextKey(trx, invoice), description: 'Invoice paid from credit', occurredAt: now, currency: invoice.currency,
      entries: [{ account: credit, amountMinor: amount.minor, invoiceId: invoice.id }, { account: receivable, amountMinor: -amount.minor, invoiceId: invoice.id }],
    })
    if (!booked) throw new Error(`Credit on invoice ${invoice.id} was booked under this key before.`)
    await reduceBalance(trx, invoice, { creditedMinor: invoice.creditedMinor + amount.minor }, now)
    return amount
  })
}

/** Credit came back by another way than `bookCredit`: it pays what is open, oldest first, invoice by invoice. Safe to repeat. */
export async function spendCreditOf(userId: number, now = clock.now()): Promise<void> {
  for (const invoice of await Invoice.query().where({ userId, status: 'open' }).orderBy('issuedAt').orderBy('id')) {
    if ((await creditBalance(userId, invoice.currency)).isPositive()) await spendIfOpen(invoice, now)
  }
}

/** As spendCreditOnInvoice; nothing when it is no longer to be paid. Returns the invoice as it stands then. */
export async function spendIfOpen(given: Invoice, now = clock.now()): Promise<Invoice> {
  return tenantTransaction(async () => {
    const invoice = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    if (!invoice.refusalToPay()) await spendCreditOnInvoice(invoice, now)
    return Invoice.query().findById(given.id).throwIfNotFound()
  })
}

/** The invoice is locked, so the count stays true until the commit. */
async function nextKey(trx: Knex.Transaction, invoice: Invoice): Promise<string> {
  const head = `invoice:${invoice.id}:credit:`
  const { n } = (await trx('ledger_transactions').where('business_key', 'like', `${head}%`).count({ n: '*' }).first()) as { n: number }
  return `${head}${n}`
}
