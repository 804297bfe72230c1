/** What a customer may pay with, and what must be said about it before. */
import { Money } from '../../../../shared/money/money.js'
import { clock } from '../../../../shared/time/clock.js'
import { formatMoney } from '../../../../shared/views/format.js'
import type { Customer } from '../../../customers/customer.js'
import { chargedFor } from '../claim-attempt.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { PaymentMethod } from './payment-method.js'

export interface WayToPay { value: string; label: string; text: string; icon: string; disabled: boolean }

/** Saved methods, the default first, and PayPal without saving it. */
export async function methodOptions(customer: Customer, currency: string): Promise<WayToPay[]> {
  const now = clock.now()
  const accounts = new Map((await GatewayAccount.query().where({ status: 'active' })).map((account) => [account.id, account]))
  const refuses = (m: PaymentMethod): boolean => accounts.get(m.gatewayAccountId)?.takes(currency) === false
  const note = (m: PaymentMethod): string => (m.hasExpired(now) ? 'Expired' : refuses(m) ? `Does not take ${currency}` : m.isDefault ? 'Your default' : '')
  const saved = (await PaymentMethod.activeOf(customer.id)).map((m) => ({ value: m.publicId, label: m.label, text: note(m), icon: m.isCard ? 'credit-card' : 'wallet', disabled: m.hasExpired(now) || refuses(m) }))
  const paypal = await GatewayAccount.current('paypal')
  return [...saved, ...(paypal?.takes(currency) ? [{ value: 'paypal', label: 'PayPal', text: 'You approve it on PayPal’s page', icon: 'wallet', disabled: false }] : [])]
}

/** The one that is ticked at first. */
export const firstOf = (ways: readonly WayToPay[]): string => (ways.find((way) => !way.disabled) ?? ways[0])?.value ?? ''

/** Which connected way to pay is missing, and why; null when all are there. */
export async function refusingNote(currency: string): Promise<string | null> {
  const paypal = await GatewayAccount.current('paypal')
  return paypal && !paypal.takes(currency) ? `PayPal does not take ${currency}, so it is not offered here.` : null
}

/** Where cards are charged in steps and the amount lies between two of them; null: exactly this is charged. */
export async function steppedNote(amount: Money): Promise<string | null> {
  const account = await GatewayAccount.current('stripe')
  const charged = amount.isPositive() && account ? await chargedFor(amount, account.id) : amount
  const text = (money: Money): string => formatMoney(money.minor, money.currency)
  return charged.equals(amount) ? null : `Cards are charged in steps of ${text(await chargedFor(Money.of(1, amount.currency), account!.id))}: yours is charged ${text(charged)}, and ${text(charged.sub(amount))} is added to your credit.`
}
