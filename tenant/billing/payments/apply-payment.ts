/** Books a payment that succeeded: each invoice takes its part, what is too much becomes credit, a top-up becomes credit as a whole. */
import type { Knex } from 'knex'
import { Money } from '../../../shared/money/money.js'
import { bookTopUp } from '../credit/add-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { settleInvoicePayment } from '../invoices/settle-invoice-payment.js'
import type { Payment } from './payment.js'
import { PaymentAllocation, partsOf } from './payment-allocation.js'

/** Locks the invoices of a payment in ascending id: before the payment's own row. */
export async function lockInvoicesOf(paymentId: number): Promise<void> {
  for (const { invoiceId } of await partsOf(paymentId)) await Invoice.query().findById(invoiceId).forUpdate()
}

/** Inside the settling transaction, with invoices and payment locked. Repeating it books nothing twice. */
export async function applyPayment(trx: Knex.Transaction, payment: Payment, now: Date): Promise<void> {
  const parts = await partsOf(payment.id)
  const asked = Money.sum(parts.map((part) => Money.of(part.amountMinor, payment.currency)), payment.currency)
  for (const part of parts) await applyPart(trx, payment, part, part.amountMinor !== payment.amountMinor, now)
  const rest = payment.amount.sub(asked)
  if (rest.isPositive()) await bookTopUp(trx, { userId: payment.userId, paymentId: payment.id, gatewayAccountId: payment.gatewayAccountId, amount: rest, occurredAt: now })
}

async function applyPart(trx: Knex.Transaction, payment: Payment, part: PaymentAllocation, several: boolean, now: Date): Promise<void> {
  const { balance } = await Invoice.query().findById(part.invoiceId).throwIfNotFound()
  const applied = Money.of(part.amountMinor, payment.currency).min(balance)
  await settleInvoicePayment(trx, {
    paymentId: payment.id, gatewayAccountId: payment.gatewayAccountId, invoiceId: part.invoiceId, amountMinor: part.amountMinor, currency: payment.currency, occurredAt: now, part: several,
  })
  await PaymentAllocation.query().patch({ appliedMinor: applied.minor }).where({ id: part.id })
}
