/** May this customer cause costs? A saved payment method, or enough credit. One rule, asked by the order page, the order and the start button. */
import { Refusal } from '../../shared/errors.js'
import { exponentOf } from '../../shared/money/currency.js'
import { Money } from '../../shared/money/money.js'
import { formatMoney } from '../../shared/views/format.js'
import { creditBalance } from '../billing/credit/credit.js'
import { hasPaymentMethod } from '../billing/payments/methods/payment-method.js'

export interface PaymentState {
  readonly hasMethod: boolean
  readonly credit: Money
}

/** Least credit to order without a saved method: 5.00 of the customer's currency. */
export const leastOrderCredit = (currency: string): Money => Money.of(5 * 10 ** exponentOf(currency), currency)

export async function paymentState(userId: number, currency: string): Promise<PaymentState> {
  return { hasMethod: await hasPaymentMethod(userId), credit: await creditBalance(userId, currency) }
}

/** Pure. `least`: credit that does without a method. */
export const isReady = (state: PaymentState, least: Money): boolean => state.hasMethod || state.credit.compare(least) >= 0

/** Null when a workspace may be ordered. */
export function refusalToOrder(state: PaymentState): Refusal | null {
  const least = leastOrderCredit(state.credit.currency)
  if (isReady(state, least)) return null
  return new Refusal('order.no-payment', `Add a payment method, or at least ${formatMoney(least.minor, least.currency)} of credit, before you order. Nothing was ordered.`)
}

/** Null when a workspace may be started: any credit will do. */
export function refusalToStart(state: PaymentState): Refusal | null {
  if (isReady(state, Money.of(1, state.credit.currency))) return null
  return new Refusal('workspace.no-payment', 'Add a payment method or credit first: the workspace is charged by the hour while it runs.')
}
