/** The customer turns automatic top-ups on, changes or ends them. */
import { FormErrors } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { Money } from '../../../../shared/money/money.js'
import { clock } from '../../../../shared/time/clock.js'
import { Customer } from '../../../customers/customer.js'
import { AutoTopUp } from './auto-top-up.js'
import type { PaymentMethod } from '../methods/payment-method.js'
import { topUpLimits } from './top-up-limits.js'

export interface TopUpWish {
  readonly threshold: Money
  readonly amount: Money
  readonly monthlyCap: Money
  readonly method: PaymentMethod
}

/** What cannot be, by field; null when all is well. An amount below the threshold would never bring the credit back above it. */
export function wishErrors({ threshold, amount, monthlyCap }: TopUpWish): Record<string, string> | null {
  const errors: Record<string, string> = {}
  const text = (minor: number): string => Money.of(minor, amount.currency).toString()
  if (!threshold.isPositive()) errors['threshold'] = 'Enter an amount above zero.'
  const { least, most } = topUpLimits(amount.currency)
  if (amount.minor < least || amount.minor > most) errors['amount'] = `Enter an amount from ${text(least)} to ${text(most)}.`
  else if (amount.compare(threshold) < 0) errors['amount'] = 'Top up by at least the threshold, or your credit stays below it.'
  if (monthlyCap.compare(amount) < 0) errors['monthlyCap'] = 'The monthly limit must allow at least one top-up.'
  return Object.keys(errors).length ? errors : null
}

/** On from now on; a dip that failed before is tried again. Throws FormErrors. */
export async function setAutoTopUp(customer: Customer, wish: TopUpWish, now = clock.now()): Promise<void> {
  const errors = wishErrors(wish)
  if (errors) throw new FormErrors(errors)
  await tenantTransaction(async () => {
    await Customer.query().findById(customer.id).forUpdate()
    const facts = {
      userId: customer.id, paymentMethodId: wish.method.id, currency: customer.currency, thresholdMinor: wish.threshold.minor, amountMinor: wish.amount.minor, monthlyCapMinor: wish.monthlyCap.minor, enabled: true,
      dippedAt: null, updatedAt: now,
    }
    const known = await AutoTopUp.of(customer.id)
    if (known) await known.$query().patch(facts)
    else await AutoTopUp.query().insert({ ...facts, dips: 0, createdAt: now })
    await record('auto-top-up.set', { type: 'users', id: customer.id }, { thresholdMinor: facts.thresholdMinor, amountMinor: facts.amountMinor, monthlyCapMinor: facts.monthlyCapMinor, currency: facts.currency }, { userId: customer.id })
  })
}

export async function endAutoTopUp(customer: Customer): Promise<void> {
  await tenantTransaction(async () => {
    const ended = await AutoTopUp.query().patch({ enabled: false }).where({ userId: customer.id, enabled: true })
    if (ended) await record('auto-top-up.ended', { type: 'users', id: customer.id }, {}, { userId: customer.id })
  })
}
