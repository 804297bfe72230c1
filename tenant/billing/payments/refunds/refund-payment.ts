/**
 * Gives money back: claim (under the payment's lock, so that parallel refunds never exceed what was paid) → gateway → settle. What was paid too much, and a
 * top-up, comes out of the customer's credit; all else is booked against `refunds`, where a credit note may have laid it ready.
 */
import type { Knex } from 'knex'
import { NotFound, refuse, Refusal } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { Money } from '../../../../shared/money/money.js'
import { newPublicId } from '../../../../shared/security/token.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { creditBalance } from '../../credit/credit.js'
import { CreditNote } from '../../invoices/credit-notes/credit-note.js'
import { accounts } from '../../ledger-accounts.js'
import { lockBalances } from '../../ledger.js'
import { lockInvoicesOf } from '../apply-payment.js'
import { disputedOf } from '../disputes/disputed.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { Payment } from '../payment.js'
import { partsOf, paymentsOfInvoice } from '../payment-allocation.js'
import { nextLook } from '../looks.js'
import { Refund, type RefundDestination } from './refund.js'
import { shareOf, type RefundShare } from './refund-share.js'
import { sendRefund } from './send-refund.js'
import { bookRefund, succeedRefund } from './settle-refund.js'

export interface RefundWish {
  readonly payment: Payment
  readonly amount: Money
  readonly to: RefundDestination
  /** For people; kept and shown to the customer. */
  readonly reason: string
  /** The same key is the same refund: `credit-note:7`, or one made with the form. */
  readonly key: string
}

/**
 * What may still be given back: paid, less what refunds gave (Refund.given), less what is disputed or promised by credit notes. `forKey`: the refund that asks; a
 * note's promise does not stand in its own way. Zero for a payment that did not succeed.
 */
export async function refundable(payment: Payment, forKey: string | null = null): Promise<Money> {
  if (payment.status !== 'succeeded') return Money.zero(payment.currency)
  const all = await Refund.query().where({ paymentId: payment.id })
  const gone = all.reduce((sum, r) => sum.add(r.given), (await disputedOf(payment)).add(await promisedOf(payment, all, forKey)))
  const left = payment.amount.sub(gone)
  return left.isPositive() ? left : Money.zero(payment.currency)
}

/** Credit notes to the source name their payment at once; the refund is claimed by a reaction soon after. */
async function promisedOf(payment: Payment, refunds: readonly Refund[], forKey: string | null): Promise<Money> {
  const notes = await CreditNote.query().where({ paymentId: payment.id, destination: 'source' })
  const waiting = notes.filter((note) => noteKey(note) !== forKey && !refunds.some((r) => r.idempotencyKey.endsWith(`:refund:${noteKey(note)}`)))
  return Money.sum(waiting.map((note) => note.total), payment.currency)
}

/** Key of the refund that a credit note asks for. */
export const noteKey = (note: { readonly id: number }): string => `credit-note:${note.id}`

/** Payments of an invoice that still hold money, the newest first. `refundable`: at most what this invoice took of it. */
export async function refundablePaymentsOf(invoiceId: number): Promise<Array<{ payment: Payment; refundable: Money }>> {
  const found: Array<{ payment: Payment; refundable: Money }> = []
  for (const { payment, appliedMinor } of (await paymentsOfInvoice(invoiceId)).reverse()) {
    const left = (await refundable(payment)).min(Money.of(appliedMinor, payment.currency))
    if (left.isPositive()) found.push({ payment, refundable: left })
  }
  return found
}

/**
 * Throws Refusal `refund.too-much`, `refund.credit-spent`, `refund.not-paid`; never when the gateway is silent or says no: the row tells (`unknown`, `failed`).
 * Outside transactions.
 */
export async function refundPayment(wish: RefundWish, now = clock.now()): Promise<Refund> {
  const refund = await tenantTransaction((trx) => claim(trx, wish, now))
  return refund.status === 'pending' ? sendRefund(refund) : refund
}

/**
 * What refundPayment would do now, for a preview: how much, and where to (what is less than the gateway can send becomes credit). Throws the refusals that it would
 * throw. Nothing is locked or written; the verb looks again.
 */
export async function foreseeRefund(wish: Omit<RefundWish, 'reason'>): Promise<{ amount: Money; to: RefundDestination }> {
  const { payment } = wish
  refuse(await refusalToRefund(payment, wish))
  const { amount, to } = await shareFor(payment, wish, async () => (await creditBalance(payment.userId, payment.currency)).minor)
  return { amount, to }
}

async function claim(trx: Knex.Transaction, wish: RefundWish, now: Date): Promise<Refund> {
  await lockInvoicesOf(wish.payment.id)
  const payment = await Payment.query().findById(wish.payment.id).forUpdate()
  if (!payment) throw new NotFound('payment')
  const idempotencyKey = `${currentTenant().uuid}:refund:${wish.key}`.slice(0, 120)
  const known = await Refund.query().findOne({ idempotencyKey, paymentId: payment.id })
  if (known) return known
  refuse(await refusalToRefund(payment, wish))
  const { amount, fromCreditMinor, to } = await shareFor(payment, wish, () => lockedCredit(trx, payment))
  const refund = await Refund.query().insertAndFetch({
    publicId: newPublicId(), paymentId: payment.id, userId: payment.userId, destination: to, amountMinor: amount.minor, fromCreditMinor, currency: payment.currency, status: 'pending',
    reason: wish.reason.slice(0, 255), idempotencyKey, checks: 0, nextCheckAt: nextLook(0, now), createdAt: now,
  })
  await bookRefund(trx, refund, payment, now)
  await record('payment.refund-claimed', refund, { paymentId: payment.id, amountMinor: refund.amountMinor, currency: refund.currency, to: refund.destination, reason: refund.reason }, { userId: payment.userId })
  if (to === 'credit' || payment.gatewayAccountId === null) await succeedRefund(trx, refund, payment, null, now)
  return refund
}

async function refusalToRefund(payment: Payment, { amount, key }: Pick<RefundWish, 'amount' | 'key'>): Promise<Refusal | null> {
  if (payment.status !== 'succeeded') return new Refusal('refund.not-paid', 'Only a payment that succeeded can be refunded.')
  if (amount.currency !== payment.currency || !amount.isPositive()) return new Refusal('refund.amount', `A refund is more than nothing and in ${payment.currency}.`)
  const left = await refundable(payment, key)
  if (amount.compare(left) > 0) return new Refusal('refund.too-much', left.isPositive() ? `Only ${left.toString()} ${left.currency} of this payment can still be refunded.` : 'This payment is refunded already.')
  return null
}

/** What is sent, and what of it comes out of the customer's credit; `unspent` looks that up. Throws Refusal when that credit is spent, or is where the money already lies. */
async function shareFor(payment: Payment, wish: Omit<RefundWish, 'reason'>, unspent: () => Promise<number>): Promise<RefundShare & { to: RefundDestination }> {
  const applied = (await partsOf(payment.id)).reduce((sum, part) => sum + part.appliedMinor, 0)
  const before = await Refund.query().where({ paymentId: payment.id })
  const taken = before.reduce((sum, r) => sum + r.givenFromCredit, 0)
  const appliedLeft = applied - before.reduce((sum, r) => sum + r.given.minor - r.givenFromCredit, 0)
  if (wish.to === 'credit') {
    if (wish.amount.minor > appliedLeft) throw new Refusal('refund.is-credit', 'This money is on the customer’s credit already. Choose the way it came in.')
    return { amount: wish.amount, fromCreditMinor: 0, to: 'credit' }
  }
  const creditLeft = payment.amountMinor - applied - taken
  const held = creditLeft > 0 ? await unspent() : 0
  const step = payment.gatewayAccountId === null ? 1 : (await GatewayAccount.findOwned({ id: payment.gatewayAccountId })).stepOf(payment.currency)
  const share = shareOf({ wanted: wish.amount, step, appliedLeft, creditLeft, held, ofCreditNote: wish.key.startsWith('credit-note:') })
  // Less than the smallest amount that can be sent.
  return share.amount.isZero() ? { amount: wish.amount, fromCreditMinor: 0, to: 'credit' } : { ...share, to: 'source' }
}

/** The customer's credit, locked until the refund is booked. */
async function lockedCredit(trx: Knex.Transaction, payment: Payment): Promise<number> {
  const credit = accounts.credit(payment.userId)
  return (await lockBalances(trx, [credit], payment.currency)).get(credit.code)!.negate().minor
}
