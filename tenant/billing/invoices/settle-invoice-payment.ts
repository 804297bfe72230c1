/** Books money that has arrived for an invoice. Called by the payment verbs inside their own settling transaction, once per payment. */
import type { Knex } from 'knex'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { Invoice } from './invoice.js'

export interface ArrivedPayment {
  readonly paymentId: number
  readonly invoiceId: number
  /** Null: it came by bank transfer. */
  readonly gatewayAccountId: number | null
  readonly amountMinor: number
  readonly currency: string
  readonly occurredAt: Date
  /** The payment pays other invoices, too: this is the part for this one. */
  readonly part?: boolean
}

/**
 * Locks the invoice, books cash against the receivable and moves the invoice to paid when nothing is left. What exceeds the balance, and money for an invoice
 * that is void or already paid, becomes the customer's credit: money that came in is never lost. Repeating it for the same payment does nothing.
 */
export async function settleInvoicePayment(trx: Knex.Transaction, payment: ArrivedPayment): Promise<Invoice> {
  const invoice = await Invoice.query().findById(payment.invoiceId).forUpdate().throwIfNotFound()
  if (invoice.currency !== payment.currency) throw new RangeError(`Payment ${payment.paymentId} is in ${payment.currency}, its invoice in ${invoice.currency}.`)
  const arrived = Money.of(payment.amountMinor, payment.currency)
  const applied = arrived.min(invoice.balance)
  const tags = { invoiceId: invoice.id, paymentId: payment.paymentId }
  const booked = await post(trx, {
    key: `payment:${payment.paymentId}:succeeded${payment.part ? `:${invoice.id}` : ''}`, description: 'Payment received', occurredAt: payment.occurredAt, currency: payment.currency,
    entries: [
      { account: accounts.cash(payment.gatewayAccountId), amountMinor: arrived.minor, ...tags },
      { account: accounts.receivable(invoice.userId), amountMinor: -applied.minor, ...tags },
      { account: accounts.credit(invoice.userId), amountMinor: applied.minor - arrived.minor, ...tags },
    ],
  })
  if (!booked) return invoice
  if (!applied.isZero()) await reduceBalance(invoice, { paidMinor: invoice.paidMinor + applied.minor }, payment.occurredAt)
  return invoice
}

/** Writes what is now paid or credited; moves a fully covered invoice to paid and says so. The caller holds the invoice's row. */
export async function reduceBalance(invoice: Invoice, change: { paidMinor: number } | { creditedMinor: number }, now: Date): Promise<void> {
  invoice.$set(change)
  if (invoice.balance.isPositive()) {
    await Invoice.query().patch(change).where({ id: invoice.id })
    return
  }
  await invoice.become('paid', { ...change, paidAt: now })
  await record('invoice.paid', invoice, { totalMinor: invoice.totalMinor, currency: invoice.currency }, { userId: invoice.userId })
}
