/** Books money that has arrived for an invoice. Called by the payment verbs inside their own settling transaction, once per payment. */
import type { Knex } from 'knex'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { Invoice } from './invoice.js'
import { drawNumber } from './number-series/number-series.js'

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
  if (!applied.isZero()) await reduceBalance(trx, invoice, { paidMinor: invoice.paidMinor + applied.minor }, payment.occurredAt)
  return invoice
}

/**
 * Writes what is now paid or credited; moves a fully covered invoice to paid and says so. The caller holds the invoice's row and has posted the amount
 * against the receivable. `event`: what to record when it is covered. A proforma gets its own number with the money.
 */
export async function reduceBalance(trx: Knex.Transaction, invoice: Invoice, change: { paidMinor: number } | { creditedMinor: number }, now: Date, event: 'invoice.paid' | 'invoice.credited' = 'invoice.paid'): Promise<void> {
  const before = invoice.balance
  invoice.$set(change)
  if (invoice.status === 'uncollectible') await recover(trx, invoice, before.sub(invoice.balance), now)
  if (invoice.balance.isPositive()) {
    await Invoice.query().patch(change).where({ id: invoice.id })
    return
  }
  await invoice.become('paid', { ...change, paidAt: now })
  await record(event, invoice, { totalMinor: invoice.totalMinor, currency: invoice.currency, kind: invoice.kind }, { userId: invoice.userId })
  if (invoice.isProforma && event === 'invoice.paid') await invoice.$query().patch({ number: await drawNumber(trx, 'invoice'), issuedAt: now })
}

/** Money came after all for what was written off: that much of the loss is taken back. */
async function recover(trx: Knex.Transaction, invoice: Invoice, amount: Money, now: Date): Promise<void> {
  await post(trx, {
    key: `invoice:${invoice.id}:recovered:${invoice.paidMinor}:${invoice.creditedMinor}`, description: 'Write-off taken back', occurredAt: now, currency: invoice.currency,
    entries: [{ account: accounts.receivable(invoice.userId), amountMinor: amount.minor, invoiceId: invoice.id }, { account: accounts.writeOffs(), amountMinor: -amount.minor, invoiceId: invoice.id }],
  })
}
