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

/**
 * Inside the settling transaction, with invoices and payment locked. Repeating it books nothing twice. What a gateway was asked for above the parts is the rest of
 * its step and goes to the credit with the last part; what a bank transfer brought above them pays other open invoices first.
 */
export async function applyPayment(trx: Knex.Transaction, payment: Payment, now: Date): Promise<void> {
  const parts = await partsOf(payment.id)
  const asked = Money.sum(parts.map((part) => Money.of(part.amountMinor, payment.currency)), payment.currency)
  const rest = payment.amount.sub(asked)
  const stepped = parts.length > 0 && payment.gatewayAccountId !== null
  for (const part of parts) await applyPart(trx, payment, part, part.amountMinor + (stepped && part === parts.at(-1) ? rest.minor : 0), now)
  if (rest.isPositive() && !stepped) await bookTopUp(trx, { userId: payment.userId, paymentId: payment.id, gatewayAccountId: payment.gatewayAccountId, amount: rest, occurredAt: now })
}

async function applyPart(trx: Knex.Transaction, payment: Payment, part: PaymentAllocation, amountMinor: number, now: Date): Promise<void> {
  const { balance } = await Invoice.query().findById(part.invoiceId).throwIfNotFound()
  const applied = Money.of(amountMinor, payment.currency).min(balance)
  await settleInvoicePayment(trx, {
    paymentId: payment.id, gatewayAccountId: payment.gatewayAccountId, invoiceId: part.invoiceId, amountMinor, currency: payment.currency, occurredAt: now, part: amountMinor !== payment.amountMinor,
  })
  await PaymentAllocation.query().patch({ appliedMinor: applied.minor }).where({ id: part.id })
}
