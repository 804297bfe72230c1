/**
 * Writes down what the gateway says about an attempt. Whoever comes first (the answer, the customer's return, a webhook, the resolver) books it;
 * all others find it booked. Money is booked at most once, by the ledger key `payment:<id>:succeeded`.
 */
import type { Knex } from 'knex'
import { alert } from '../../../shared/alerts/alert.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import type { GatewayPayment } from '../../../shared/payments/gateway-charges.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { nextLook } from './looks.js'
import { applyPayment, lockInvoicesOf } from './apply-payment.js'
import { GatewayCustomer } from './gateways/gateway-customer.js'
import { invoicesOf, sendPaymentFailed, sendReceipt, sendTopUpFailed } from './mailer.js'
import { openStatuses, Payment } from './payment.js'

/** What the gateway has under our mark is not what we asked for. Nothing is booked; a person must look. */
export class PaymentMismatch extends Error {
  constructor(readonly differs: string, readonly gatewayPaymentId: string) {
    super(`The gateway's payment ${gatewayPaymentId} does not match ours: ${differs}.`)
    this.name = 'PaymentMismatch'
  }
}

/** Throws PaymentMismatch unless tenant, attempt, invoice, customer, amount and currency are those of the row. */
export async function assertSamePayment(payment: Payment, answer: GatewayPayment): Promise<void> {
  const [invoice, customer] = [
    payment.invoiceId === null ? null : await Invoice.query().findById(payment.invoiceId),
    await GatewayCustomer.query().findOne({ gatewayAccountId: payment.gatewayAccountId, userId: payment.userId }),
  ]
  const wrong = (
    [
      ['tenant', answer.metadata.tenant, currentTenant().uuid], ['attempt', answer.metadata.attempt, payment.publicId], ['invoice', answer.metadata.invoice ?? null, invoice?.publicId ?? null],
      ['customer', answer.customerId ?? customer?.gatewayCustomerId, customer?.gatewayCustomerId], ['currency', answer.currency, payment.currency], ['amount', answer.amountMinor, payment.amountMinor],
      ['amount received', answer.status === 'succeeded' ? answer.receivedMinor : payment.amountMinor, payment.amountMinor],
      ['id', answer.id, payment.gatewayPaymentId ?? answer.id],
    ] as const
  ).find(([, theirs, mine]) => theirs !== mine)
  if (wrong) throw new PaymentMismatch(wrong[0], answer.id)
}

/** Brings our row to where the gateway's payment stands, and returns it as it is then. Safe to repeat, in any order. */
export async function settlePayment(given: Payment, answer: GatewayPayment, now = clock.now()): Promise<Payment> {
  await assertSamePayment(given, answer)
  return tenantTransaction(async (trx) => {
    // The order of locks everywhere: invoice, payment, ledger.
    await lockInvoicesOf(given.id)
    const payment = await Payment.query().findById(given.id).forUpdate().throwIfNotFound()
    if (payment.status === answer.status || payment.status === 'succeeded') return payment
    if (answer.status === 'succeeded') await succeed(trx, payment, answer, now)
    else if (openStatuses.includes(payment.status)) await follow(payment, answer, now)
    return payment
  })
}

async function succeed(trx: Knex.Transaction, payment: Payment, answer: GatewayPayment, now: Date): Promise<void> {
  const late = !payment.isOpen
  await payment.become('succeeded', { gatewayPaymentId: answer.id, settledAt: now, nextCheckAt: null, failureCode: null, failureMessage: null })
  await applyPayment(trx, payment, now)
  await record('payment.succeeded', payment, { invoiceId: payment.invoiceId, purpose: payment.purpose, amountMinor: payment.amountMinor, currency: payment.currency, gatewayPaymentId: answer.id }, { userId: payment.userId })
  await sendReceipt(payment)
  if (late) await alert({ level: 'warning', title: 'A payment succeeded late', message: 'A payment that we had given up has succeeded at the gateway. It is booked; what exceeds the invoice became credit.', fields: { payment: payment.publicId } })
}

async function follow(payment: Payment, answer: GatewayPayment, now: Date): Promise<void> {
  if (answer.status === 'failed' || answer.status === 'canceled') {
    await endWithout(payment, answer.status, answer.failure?.code ?? 'canceled', answer.failure?.message ?? 'The payment was canceled.', now, answer.id)
  } else {
    await payment.become(answer.status, { gatewayPaymentId: answer.id, checks: 1, nextCheckAt: nextLook(1, now) })
  }
}

/** The attempt is over and took nothing. Call it with the row locked, or let compare-and-set decide. */
export async function endWithout(payment: Payment, status: 'failed' | 'canceled', code: string, message: string, now: Date, gatewayPaymentId = payment.gatewayPaymentId): Promise<void> {
  const doubted = payment.status === 'unknown' || payment.status === 'processing'
  await payment.become(status, { failureCode: code.slice(0, 64), failureMessage: message.slice(0, 500), settledAt: now, nextCheckAt: null, gatewayPaymentId })
  await record(`payment.${status}`, payment, { invoiceId: payment.invoiceId, code, byUs: payment.failedByUs, offSession: payment.offSession }, { userId: payment.userId })
  if (payment.purpose === 'top-up' && payment.offSession) return sendTopUpFailed(payment) // nobody was there to see it
  // The page promised to write as soon as we know; without the customer, collecting goes on and writes in the end.
  const [invoice] = doubted && !payment.offSession ? await invoicesOf(payment) : []
  if (invoice) await sendPaymentFailed(invoice, payment)
}
