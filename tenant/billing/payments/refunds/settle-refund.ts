/** The books of refunds. Money leaves when the refund is claimed; what the gateway then refuses comes back by reversing entries. */
import type { Knex } from 'knex'
import { alert } from '../../../../shared/alerts/alert.js'
import { record } from '../../../../shared/events/record.js'
import { accounts } from '../../ledger-accounts.js'
import { post } from '../../ledger.js'
import { sendRefundNews } from '../mailer.js'
import type { Payment } from '../payment.js'
import { partsOf } from '../payment-allocation.js'
import type { Refund } from './refund.js'

const entriesOf = (refund: Refund, payment: Payment, sign: 1 | -1) => {
  const out = refund.destination === 'credit' ? accounts.credit(refund.userId) : accounts.cash(payment.gatewayAccountId)
  return [
    { account: accounts.refunds(), amountMinor: sign * (refund.amountMinor - refund.fromCreditMinor), paymentId: payment.id },
    { account: accounts.credit(refund.userId), amountMinor: sign * refund.fromCreditMinor, paymentId: payment.id },
    { account: out, amountMinor: -sign * refund.amountMinor, paymentId: payment.id },
  ]
}

/** With the claim. From here on the money is not ours to spend. */
export async function bookRefund(trx: Knex.Transaction, refund: Refund, payment: Payment, now: Date): Promise<void> {
  await post(trx, { key: `refund:${refund.id}:sent`, description: refund.destination === 'credit' ? 'Refund as credit' : 'Refund', occurredAt: now, currency: refund.currency, entries: entriesOf(refund, payment, 1) })
}

const told = async (refund: Refund, payment: Payment) => ({
  paymentId: payment.id, invoiceIds: (await partsOf(payment.id)).map((p) => p.invoiceId), amountMinor: refund.amountMinor, currency: refund.currency, to: refund.destination,
})

/** The money is on its way, as far as anybody can know. */
export async function succeedRefund(_trx: Knex.Transaction, refund: Refund, payment: Payment, gatewayRefundId: string | null, now: Date): Promise<void> {
  await refund.become('succeeded', { gatewayRefundId, settledAt: now, nextCheckAt: null, failureMessage: null })
  await record('payment.refunded', refund, await told(refund, payment), { userId: refund.userId })
  await sendRefundNews(refund, payment, false, false)
}

/** It did not arrive, now or days later: everything is booked back. What a credit note promised stays the customer's, as credit. */
export async function failRefund(trx: Knex.Transaction, refund: Refund, payment: Payment, why: string, now: Date): Promise<void> {
  const wasSent = refund.status === 'succeeded' || refund.status === 'processing'
  await refund.become('failed', { failureMessage: why.slice(0, 500), settledAt: now, nextCheckAt: null })
  await post(trx, { key: `refund:${refund.id}:failed`, description: 'Refund failed', occurredAt: now, currency: refund.currency, entries: entriesOf(refund, payment, -1) })
  const owed = refund.amountMinor - refund.fromCreditMinor
  if (refund.ofCreditNote && owed) {
    await post(trx, {
      key: `refund:${refund.id}:kept`, description: 'Refund failed: kept as credit', occurredAt: now, currency: refund.currency,
      entries: [{ account: accounts.refunds(), amountMinor: owed, paymentId: payment.id }, { account: accounts.credit(refund.userId), amountMinor: -owed, paymentId: payment.id }],
    })
  }
  await record('payment.refund-failed', refund, { ...(await told(refund, payment)), why }, { userId: refund.userId })
  if (wasSent || refund.ofCreditNote) await sendRefundNews(refund, payment, true, refund.ofCreditNote)
  await alert({ level: 'warning', title: 'A refund failed', message: `${why} The money is booked back${refund.ofCreditNote ? ' and is the customer’s credit' : ''}.`, fields: { refund: refund.publicId, payment: payment.publicId } })
}
