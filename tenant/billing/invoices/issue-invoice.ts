/** draft → open: prices, seller and buyer are frozen, the ledger is told, what is too small for a card is taken over, credit is spent, and last of all the number is drawn. */
import type { Knex } from 'knex'
import { refuse } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { bookCredit } from '../credit/add-credit.js'
import { spendCreditOnInvoice } from '../credit/spend-credit.js'
import type { PricedCharge } from '../charges/charge.js'
import { recordPricing } from '../charges/record-pricing.js'
import { accounts } from '../ledger-accounts.js'
import { bookInvoice } from './book-invoice.js'
import { carryOver, smallInvoices } from './carry-over.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice } from './invoice.js'
import { drawNumber } from './number-series/number-series.js'
import { billedCustomer, sellerToday } from './parties.js'
import { priceDraft } from './price-draft.js'
import { invoiceTerms, type InvoiceTerms } from './terms.js'

/**
 * Issues the draft. Throws Refusal when it is not a draft (any more). An invoice with nothing left to pay is paid at once; what it comes to below zero
 * becomes the customer's credit.
 */
export async function issueInvoice(draft: Invoice, now = clock.now()): Promise<Invoice> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(draft.id).forUpdate().throwIfNotFound()
    refuse(invoice.refusalToIssue())
    const terms = await invoiceTerms.read()
    const lines = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder').orderBy('id')
    const priced = await priceDraft(invoice, lines, now)
    if (priced.total.minor < 0) await Invoice.query().where({ userId: invoice.userId, status: 'open', currency: invoice.currency }).orderBy('id').forUpdate()
    const small = invoice.kind === 'order' || priced.total.minor <= 0 ? [] : await smallInvoices(trx, invoice.userId, invoice.currency) // an order costs what its cart said
    await freezeLines(lines, priced)
    await invoice.become('open', { ...totals(priced), ...dates(invoice, terms, now), seller: sellerToday(), buyer: (await billedCustomer(invoice.userId)).buyer })
    await recordPricing(trx, invoice, priced, now)
    await bookInvoice(trx, invoice, lines, now)
    await record('invoice.issued', invoice, { totalMinor: invoice.totalMinor, currency: invoice.currency, kind: invoice.kind }, { userId: invoice.userId })
    await carryOver(trx, small, invoice, now)
    await settleAtOnce(trx, invoice, now)
    const issued = await Invoice.query().findById(invoice.id).throwIfNotFound()
    const asProforma = terms.proforma && issued.kind === 'order' && issued.status === 'open'
    const number = await drawNumber(trx, asProforma ? 'proforma' : 'invoice')
    return Invoice.query().patchAndFetchById(issued.id, asProforma ? { proformaNumber: number } : { number })
  })
}

/** What was applied stands on each line from now on. */
async function freezeLines(lines: readonly InvoiceLine[], priced: PricedCharge): Promise<void> {
  for (const [i, line] of lines.entries()) {
    const { discountMinor, netMinor, taxMinor, taxes, discounts } = priced.lines[i]!
    const plain = discountMinor === 0 && taxMinor === 0 && netMinor === line.netMinor && !line.detail.taxes?.length && !line.detail.discounts?.length
    if (plain) continue
    const frozen = { discountMinor, netMinor, taxMinor, detail: { ...line.detail, taxes, discounts } }
    await InvoiceLine.query().patch(frozen).where({ id: line.id })
    line.$set(frozen)
  }
}

const totals = (priced: PricedCharge): Partial<Invoice> => ({
  pricesInclusive: priced.inclusive, subtotalMinor: priced.subtotal.minor, discountMinor: priced.discount.minor, taxMinor: priced.tax.minor,
  totalMinor: priced.total.minor,
  notes: priced.notes.length ? [...priced.notes] : null,
})

function dates(invoice: Invoice, terms: InvoiceTerms, now: Date): Pick<Invoice, 'issuedAt' | 'dueAt' | 'collectAt'> {
  const dueAt = invoice.dueAt ?? new Date(now.getTime() + terms.days * 86_400_000)
  const byItself = invoice.kind === 'usage' ? now : invoice.kind === 'renewal' ? dueAt : null
  return { issuedAt: now, dueAt, collectAt: invoice.collectAt ?? byItself }
}

async function settleAtOnce(trx: Knex.Transaction, invoice: Invoice, now: Date): Promise<void> {
  if (invoice.totalMinor > 0) {
    await spendCreditOnInvoice(invoice, now)
    return
  }
  const owed = invoice.total.negate()
  await invoice.become('paid', { creditedMinor: invoice.totalMinor, paidAt: now })
  await record('invoice.paid', invoice, { totalMinor: invoice.totalMinor, currency: invoice.currency, kind: invoice.kind }, { userId: invoice.userId })
  if (!owed.isPositive()) return
  const from = [{ account: accounts.receivable(invoice.userId), amountMinor: owed.minor, invoiceId: invoice.id }]
  await bookCredit(trx, { userId: invoice.userId, amount: owed, key: `invoice:${invoice.id}:to-credit`, description: 'Credit from a change', from, now })
}
