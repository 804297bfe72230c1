/**
 * Disputes, as the gateway tells them. Every event leads to fetching the dispute again; the row and the books follow what is true now, in whatever order the
 * events came. Money that the gateway holds leaves our cash at once; it comes back when the dispute is won.
 */
import type { Knex } from 'knex'
import { OutsideError } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import type { GatewayDispute } from '../../../../shared/payments/gateway-disputes.js'
import { newPublicId } from '../../../../shared/security/token.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { beyondInvoices } from '../../invoices/credit-notes/money-left.js'
import { accounts } from '../../ledger-accounts.js'
import { lockBalances, post } from '../../ledger.js'
import { Dispute, type DisputeStatus } from './dispute.js'
import { DisputeAnswer } from './dispute-answer.js'
import { tellOfDispute } from './dispute-news.js'
import { isNear } from './remind-disputes.js'
import { settleByTruth } from './settle-answer.js'
import type { GatewayAccount } from '../gateways/gateway-account.js'
import { Payment } from '../payment.js'

/** What the gateway has under this dispute does not match our payment. Nothing is booked; a person must look. */
export class DisputeMismatch extends Error {
  constructor(differs: string, id: string) {
    super(`The gateway's dispute ${id} does not match our payment: ${differs}.`)
    this.name = 'DisputeMismatch'
  }
}

/** Fetches the dispute and brings row and books to where it stands. Safe to repeat. 'ignored': it is about a payment that is not ours. Throws DisputeMismatch, OutsideError. */
export async function syncDispute(account: GatewayAccount, gatewayDisputeId: string): Promise<'processed' | 'ignored'> {
  const askedAt = clock.now()
  const truth = await account.open().retrieveDispute(gatewayDisputeId)
  if (truth.tenant !== null && truth.tenant !== currentTenant().uuid) throw new DisputeMismatch('tenant', truth.id)
  const payment = await paymentOf(account, truth)
  if (!payment) {
    if (truth.attempt === null) return 'ignored'
    throw new DisputeMismatch('attempt', truth.id)
  }
  assertSame(payment, truth)
  const known = await Dispute.query().findOne({ gatewayAccountId: account.id, gatewayDisputeId: truth.id })
  if (known) await followDispute(known, truth, askedAt)
  else await openDispute(payment, truth)
  return 'processed'
}

async function paymentOf(account: GatewayAccount, { paymentId, attempt }: GatewayDispute): Promise<Payment | undefined> {
  const mine = () => Payment.query().where({ gatewayAccountId: account.id })
  const found = paymentId === null ? undefined : await mine().findOne({ gatewayPaymentId: paymentId })
  return found ?? (attempt === null ? undefined : await mine().findOne({ publicId: attempt }))
}

function assertSame(payment: Payment, truth: GatewayDispute): void {
  if (payment.isOpen) throw new OutsideError('The disputed payment is not settled yet.', { door: 'payments', retryable: true })
  if (payment.status !== 'succeeded') throw new DisputeMismatch('the payment took no money', truth.id)
  if (truth.attempt !== null && truth.attempt !== payment.publicId) throw new DisputeMismatch('attempt', truth.id)
  if (truth.currency !== payment.currency) throw new DisputeMismatch('currency', truth.id)
  if (truth.amountMinor <= 0 || truth.amountMinor > payment.amountMinor) throw new DisputeMismatch('amount', truth.id)
}

/** A dispute that we see for the first time, whatever its state. */
export async function openDispute(payment: Payment, truth: GatewayDispute, now = clock.now()): Promise<Dispute> {
  return tenantTransaction(async (trx) => {
    await Payment.query().findById(payment.id).forUpdate()
    const known = await Dispute.query().findOne({ gatewayAccountId: payment.gatewayAccountId, gatewayDisputeId: truth.id })
    if (known) return known // another worker was faster; the next event brings what is left
    const dispute = await Dispute.query().insertAndFetch({
      publicId: newPublicId(), gatewayAccountId: payment.gatewayAccountId!, gatewayDisputeId: truth.id, paymentId: payment.id, userId: payment.userId, amountMinor: truth.amountMinor, currency: truth.currency,
      creditTakenMinor: 0, reason: truth.reason.slice(0, 80), status: truth.status, respondBy: truth.respondBy, openedAt: now, closedAt: isEnd(truth.status) ? now : null,
      needsAnswer: truth.needsAnswer, submissions: truth.submissions, answeredAt: null, remindedAt: isNear(truth.respondBy, now) ? now : null,
    })
    await book(trx, dispute, payment, null, now)
    await tellOfDispute(dispute, payment)
    return dispute
  })
}

/** Follows a known dispute: another state, another deadline, our answer has arrived. `askedAt`: when the gateway was asked for this truth. */
export async function followDispute(given: Dispute, truth: GatewayDispute, askedAt = clock.now()): Promise<Dispute> {
  return tenantTransaction(async (trx) => {
    const now = clock.now()
    const payment = await Payment.query().findById(given.paymentId).forUpdate().throwIfNotFound()
    const dispute = await Dispute.query().findById(given.id).forUpdate().throwIfNotFound()
    if (dispute.status !== truth.status && truth.amountMinor !== dispute.amountMinor) throw new DisputeMismatch('the amount has changed', truth.id)
    await dispute.$query().patch(newsOf(dispute, truth, askedAt))
    if (dispute.status !== truth.status) await closeOrReopen(trx, dispute, payment, truth.status, now)
    const answer = await DisputeAnswer.latest(dispute.id)
    if (answer?.isUnderWay) await settleByTruth(answer, truth, now)
    return Dispute.findOwned<Dispute>({ id: dispute.id })
  })
}

/** What was asked for before our answer arrived does not know of it. A later deadline is a new one. */
function newsOf(dispute: Dispute, truth: GatewayDispute, askedAt: Date): Partial<Dispute> {
  const respondBy = truth.respondBy ?? dispute.respondBy
  const old = dispute.answeredAt !== null && askedAt < dispute.answeredAt
  const moved = respondBy !== null && dispute.respondBy !== null && respondBy > dispute.respondBy
  return { respondBy, reason: truth.reason.slice(0, 80), submissions: Math.max(truth.submissions, dispute.submissions), ...(old ? {} : { needsAnswer: truth.needsAnswer }), ...(moved ? { remindedAt: null } : {}) }
}

/** The end of a dispute, or its return by an appeal. */
async function closeOrReopen(trx: Knex.Transaction, dispute: Dispute, payment: Payment, to: DisputeStatus, now: Date): Promise<void> {
  const from = dispute.status
  await dispute.become(to, { closedAt: isEnd(to) ? now : null })
  await book(trx, dispute, payment, from, now)
  await tellOfDispute(dispute, payment)
}

const isEnd = (status: DisputeStatus): boolean => status === 'won' || status === 'lost' || status === 'closed'

/** One transaction a move, numbered: a dispute may go to and fro. Caller holds the payment's row. */
async function book(trx: Knex.Transaction, dispute: Dispute, payment: Payment, from: DisputeStatus | null, now: Date): Promise<void> {
  const to = dispute.status
  const held = (status: DisputeStatus | null): boolean => status === 'open' || status === 'lost'
  if (!held(from) && held(to)) await takeCredit(trx, dispute, payment)
  const entries = dispute.entries(from, to).map((e) => ({ ...e, paymentId: payment.id }))
  if (entries.length) {
    const row = await trx('ledger_transactions').where('business_key', 'like', `dispute:${dispute.id}:%`).count({ n: '*' }).first<{ n: number | string }>()
    await post(trx, { key: `dispute:${dispute.id}:${Number(row.n) + 1}:${to}`, description: `Dispute ${to}`, occurredAt: now, currency: dispute.currency, entries })
  }
  if (held(from) && !held(to)) await Dispute.query().patch({ creditTakenMinor: 0 }).where({ id: dispute.id })
}

/** A disputed top-up, and what of a payment became credit later: what the customer has not spent is no longer his to spend. */
async function takeCredit(trx: Knex.Transaction, dispute: Dispute, payment: Payment): Promise<void> {
  const became = payment.purpose === 'top-up' ? dispute.amountMinor : await beyondInvoices(payment, dispute.amountMinor)
  if (became === 0) return
  const account = accounts.credit(dispute.userId)
  const credit = -((await lockBalances(trx, [account], dispute.currency)).get(account.code)?.minor ?? 0)
  const creditTakenMinor = Math.max(0, Math.min(credit, became))
  dispute.$set({ creditTakenMinor })
  await Dispute.query().patch({ creditTakenMinor }).where({ id: dispute.id })
}
