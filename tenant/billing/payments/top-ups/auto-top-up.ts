/**
 * Credit that refills itself: when it falls below the customer's threshold, their saved method is charged, once a dip. A dip ends when the credit is above the
 * threshold again, when a top-up succeeded, or when the customer saves the wish anew. While a top-up's end is unknown there is no other.
 */
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import { record } from '../../../../shared/events/record.js'
import { Money } from '../../../../shared/money/money.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { monthOf } from '../../../../shared/time/period.js'
import { creditBalance } from '../../credit/credit.js'
import { attempt, chargedFor } from '../claim-attempt.js'
import { Payment } from '../payment.js'
import { PaymentMethod } from '../methods/payment-method.js'
import { sendAttempt } from '../send-attempt.js'

export class AutoTopUp extends TenantModel {
  static override tableName = 'auto_top_ups'
  static override booleans = ['enabled']
  declare id: number
  declare userId: number
  declare paymentMethodId: number
  declare currency: string
  /** Below this the method is charged. */
  declare thresholdMinor: number
  /** How much is charged. */
  declare amountMinor: number
  /** At most this is charged in one month of the shop's calendar. */
  declare monthlyCapMinor: number
  declare enabled: boolean
  /** Dips so far: part of the idempotency key. */
  declare dips: number
  /** Since when the credit is below and a top-up was tried; null: armed. */
  declare dippedAt: Date | null
  /** The latest top-up. */
  declare paymentId: number | null
  declare createdAt: Date
  declare updatedAt: Date

  static async of(userId: number): Promise<AutoTopUp | null> {
    return (await AutoTopUp.query().findOne({ userId })) ?? null
  }
}

/** Why nothing is charged now; null: charge. `chargedMinor`: automatic top-ups of this month that have not failed. */
export function whyNot(wish: Pick<AutoTopUp, 'enabled' | 'thresholdMinor' | 'amountMinor' | 'monthlyCapMinor' | 'dippedAt'>, facts: { balanceMinor: number; chargedMinor: number; openPayment: boolean }): 'off' | 'enough' | 'open' | 'tried' | 'cap' | null {
  if (!wish.enabled) return 'off'
  if (facts.openPayment) return 'open'
  if (facts.balanceMinor >= wish.thresholdMinor) return 'enough'
  if (wish.dippedAt !== null) return 'tried'
  return facts.chargedMinor + wish.amountMinor > wish.monthlyCapMinor ? 'cap' : null
}

/** Looks at every customer who wants it and whose credit is low or was. The timetable runs it. */
export async function topUpDipped(now: Date): Promise<void> {
  const low = AutoTopUp.query().where({ enabled: true }).leftJoin('ledger_accounts as a', (on) => void on.on('a.user_id', 'auto_top_ups.user_id').andOn('a.currency', 'auto_top_ups.currency').andOnVal('a.kind', 'credit'))
    .where((q) => void q.whereNotNull('auto_top_ups.dipped_at').orWhereRaw('coalesce(-a.balance_minor, 0) < auto_top_ups.threshold_minor'))
  for (const { userId } of await low.select('auto_top_ups.user_id')) await topUpIfLow(userId, now)
}

/** Claim → charge → settle. Returns the payment it made; null when nothing was due. Safe to repeat and to race. */
export async function topUpIfLow(userId: number, now: Date): Promise<Payment | null> {
  const claimed = await tenantTransaction(() => claim(userId, now))
  if (!claimed) return null
  return sendAttempt(claimed)
}

async function claim(userId: number, now: Date): Promise<Payment | null> {
  const wish = await AutoTopUp.query().findOne({ userId }).forUpdate()
  if (!wish) return null
  const last = wish.paymentId === null ? undefined : await Payment.query().findById(wish.paymentId)
  const balanceMinor = (await creditBalance(userId, wish.currency)).minor
  if (wish.dippedAt && (last?.status === 'succeeded' || balanceMinor >= wish.thresholdMinor)) await wish.$query().patch({ dippedAt: null })
  const method = await PaymentMethod.query().findOne({ id: wish.paymentMethodId, userId, status: 'active' })
  const facts = { balanceMinor, openPayment: last?.isOpen ?? false, chargedMinor: await chargedThisMonth(userId, wish.currency, now) }
  if (!method || whyNot(wish, facts)) return null
  const payment = await Payment.query().insertAndFetch(attempt({
    userId, invoiceId: null, purpose: 'top-up', gatewayAccountId: method.gatewayAccountId, paymentMethodId: method.id, attemptNo: 1, idempotencyKey: `${currentTenant().uuid}:auto-top-up:${wish.id}:${wish.dips + 1}`,
    amountMinor: (await chargedFor(Money.of(wish.amountMinor, wish.currency), method.gatewayAccountId)).minor, currency: wish.currency, offSession: true,
  }, now))
  await wish.$query().patch({ dips: wish.dips + 1, dippedAt: now, paymentId: payment.id })
  await record('credit.dipped', { type: 'users', id: userId }, { balanceMinor, amountMinor: wish.amountMinor, currency: wish.currency }, { userId })
  return payment
}

/** Automatic top-ups since the month began that have not failed, minor units. */
export async function chargedThisMonth(userId: number, currency: string, now: Date): Promise<number> {
  const { start } = monthOf(now, currentTenant().timeZone)
  const mine = await Payment.query().where({ userId, currency, purpose: 'top-up', offSession: true }).where('createdAt', '>=', start).whereNotIn('status', ['failed', 'canceled'])
  return Money.sum(mine.map((p) => p.amount), currency).minor
}
