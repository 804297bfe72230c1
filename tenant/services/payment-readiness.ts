/** May this customer cause costs? A saved payment method, or enough credit. One rule, asked by the order page, the order and the start button. */
import { Refusal } from '../../shared/errors.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Money } from '../../shared/money/money.js'
import { creditBalance } from '../billing/credit/credit.js'

/** Least credit to order without a saved method: 5.00 of the customer's currency. */
export const ORDER_CREDIT_MINOR = 500

export interface PaymentState {
  readonly hasMethod: boolean
  readonly credit: Money
}

export async function paymentState(userId: number, currency: string): Promise<PaymentState> {
  return { hasMethod: await hasUsableMethod(userId), credit: await creditBalance(userId, currency) }
}

async function hasUsableMethod(userId: number): Promise<boolean> {
  const method = await tenantDb()('payment_methods as m').join('gateway_accounts as g', 'g.id', 'm.gateway_account_id')
    .where({ 'm.user_id': userId, 'm.status': 'active', 'g.status': 'active' }).first('m.id')
  return method !== undefined
}

/** Pure. */
export function isReady(state: PaymentState, minimumMinor: number): boolean {
  return state.hasMethod || state.credit.minor >= minimumMinor
}

/** Null when costs may be caused. */
export async function refusalToSpend(userId: number, currency: string, rule: { minimumMinor: number }): Promise<Refusal | null> {
  if (isReady(await paymentState(userId, currency), rule.minimumMinor)) return null
  return rule.minimumMinor >= ORDER_CREDIT_MINOR
    ? new Refusal('order.no-payment', 'Add a payment method or at least 5.00 of credit first. Nothing was ordered.')
    : new Refusal('workspace.no-payment', 'Add a payment method or credit first: the workspace is charged by the hour while it runs.')
}
