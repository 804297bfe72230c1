/** The customer buys credit with a saved card. */
import { FormErrors, Refusal } from '../../../../shared/errors.js'
import { isDuplicate } from '../../../../shared/database/database-busy.js'
import { Money } from '../../../../shared/money/money.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import type { Customer } from '../../../customers/customer.js'
import { outcomeOf, type ChargeOutcome } from '../charge-invoice.js'
import { chargeable } from '../chargeable.js'
import { attempt, chargedFor } from '../claim-attempt.js'
import { Payment } from '../payment.js'
import { PaymentMethod } from '../methods/payment-method.js'
import { sendAttempt } from '../send-attempt.js'
import { topUpLimits } from './top-up-limits.js'

/**
 * `formKey`: unguessable, made with the form: the same form sent twice is one payment. Books credit when the payment succeeds (MONEY's bookTopUp).
 * Throws FormErrors for an amount out of bounds, Refusal without a method, or for a currency that its gateway does not take.
 */
export async function topUpCredit(customer: Customer, amount: Money, formKey: string, given?: PaymentMethod, now = clock.now()): Promise<ChargeOutcome> {
  const { least, most } = topUpLimits(amount.currency)
  if (amount.minor < least || amount.minor > most) throw new FormErrors({ amount: `Enter an amount from ${Money.of(least, amount.currency).toString()} to ${Money.of(most, amount.currency).toString()}.` })
  const method = given ?? (await PaymentMethod.activeOf(customer.id))[0]
  if (!method) throw new Refusal('payment.no-method', 'There is no saved payment method. Add one first.')
  if (!(await chargeable(amount, method))) return { kind: 'too-small' }
  if (!(await chargedFor(amount, method.gatewayAccountId)).equals(amount)) throw new FormErrors({ amount: `Enter an amount in steps of ${(await chargedFor(Money.of(1, amount.currency), method.gatewayAccountId)).toString()}, as cards are charged in such steps.` })
  const payment = await claimTopUp(customer, method, amount, formKey, now)
  return outcomeOf(payment.status === 'pending' ? await sendAttempt(payment) : payment)
}

async function claimTopUp(customer: Customer, method: PaymentMethod, amount: Money, formKey: string, now: Date): Promise<Payment> {
  const idempotencyKey = `${currentTenant().uuid}:top-up:${customer.id}:${formKey.replaceAll(/[^\w-]/g, '').slice(0, 40)}`
  try {
    return await Payment.query().insertAndFetch(attempt({
      userId: customer.id, invoiceId: null, purpose: 'top-up', gatewayAccountId: method.gatewayAccountId, paymentMethodId: method.id, attemptNo: 1, idempotencyKey, amountMinor: amount.minor, currency: amount.currency, offSession: false,
    }, now))
  } catch (error) {
    if (!isDuplicate(error)) throw error
    return Payment.findOwned({ idempotencyKey, userId: customer.id })
  }
}
