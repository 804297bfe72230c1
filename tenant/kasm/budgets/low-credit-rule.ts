/** Customers who pay from credit alone: what is left of it, once all that was used and not billed yet is taken off. */
import { Refusal } from '../../../shared/errors.js'
import type { Money } from '../../../shared/money/money.js'
import { creditBalance } from '../../billing/credit/credit.js'
import { billedCustomer } from '../../billing/invoices/parties.js'
import { hasPaymentMethod } from '../../billing/payments/methods/payment-method.js'
import { customerMonth, type CustomerMonth } from '../../billing/usage/month-so-far.js'
import { usageSettings } from '../../billing/usage/usage-settings.js'

/** `low`: from 80 % of the credit. `exhausted`: all of it. */
export type CreditLevel = 'low' | 'exhausted'
export interface CreditUse { readonly credit: Money; readonly unbilled: Money; readonly level: CreditLevel | null }

/** Pure. Nothing used is never too much. */
export function creditLevel(unbilledMinor: number, creditMinor: number): CreditLevel | null {
  if (unbilledMinor <= 0) return null
  if (unbilledMinor >= creditMinor) return 'exhausted'
  return BigInt(unbilledMinor) * 5n >= BigInt(creditMinor) * 4n ? 'low' : null
}

/** Null: a payment method is saved, so credit is not what they pay from. `known`: the month, where it was read already. */
export async function creditUse(userId: number, now: Date, known?: CustomerMonth): Promise<CreditUse | null> {
  if (await hasPaymentMethod(userId)) return null
  const { currency } = await billedCustomer(userId)
  const [credit, unbilled] = [await creditBalance(userId, currency), (known ?? await customerMonth(userId, now)).unbilled()]
  return { credit, unbilled, level: creditLevel(unbilled.minor, credit.minor) }
}

/** Only where the shop stops workspaces whose customer's credit is used up. */
export async function refusalByCredit(userId: number, now: Date, known?: CustomerMonth): Promise<Refusal | null> {
  if ((await usageSettings.read()).lowCredit !== 'stop') return null
  if ((await creditUse(userId, now, known))?.level !== 'exhausted') return null
  return new Refusal('workspace.credit-used-up', 'Your credit is used up by what has run this month. Add credit or a payment method to start it again.')
}
