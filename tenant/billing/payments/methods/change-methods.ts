/** Choosing the default method, removing one, and following what the gateway tells about a saved card. */
import { OutsideError, refuse } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import type { GatewayMethod } from '../../../../shared/payments/gateway-methods.js'
import { clock } from '../../../../shared/time/clock.js'
import { Customer } from '../../../customers/customer.js'
import { keepMethod } from './add-payment-method.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { GatewayCustomer } from '../gateways/gateway-customer.js'
import { openStatuses, Payment } from '../payment.js'
import { countMeteredServices, PaymentMethod } from './payment-method.js'

export async function setDefaultMethod(given: PaymentMethod): Promise<void> {
  await tenantTransaction(async () => {
    await Customer.query().findById(given.userId).forUpdate()
    const method = await PaymentMethod.findOwned({ id: given.id, userId: given.userId, status: 'active' })
    if (method.isDefault) return
    await PaymentMethod.query().patch({ isDefault: false }).where({ userId: method.userId, isDefault: true })
    await PaymentMethod.query().patch({ isDefault: true }).where({ id: method.id })
    await record('payment-method.made-default', method, {}, { userId: method.userId })
  })
}

/** What speaks for and against removing the method. */
export async function removalFacts(method: PaymentMethod): Promise<Parameters<PaymentMethod['refusalToRemove']>[0]> {
  const others = await PaymentMethod.query().where({ userId: method.userId, status: 'active' }).whereNot('id', method.id).resultSize()
  const openPayments = await Payment.query().where({ paymentMethodId: method.id }).whereIn('status', [...openStatuses]).resultSize()
  return { others, openPayments, meteredServices: others ? 0 : await countMeteredServices(method.userId) }
}

/** Removed here first, then at the gateway: from the commit on nothing is charged to it. Throws Refusal when it is needed. */
export async function removeMethod(given: PaymentMethod): Promise<void> {
  const method = await tenantTransaction(async () => {
    await Customer.query().findById(given.userId).forUpdate()
    const fresh = await PaymentMethod.findOwned({ id: given.id, userId: given.userId })
    refuse(fresh.refusalToRemove(await removalFacts(fresh)))
    await retire(fresh, 'customer')
    return fresh
  })
  const account = await GatewayAccount.findOwned({ id: method.gatewayAccountId })
  try {
    await account.open().removeMethod(method.gatewayMethodId)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error // gone from our pages either way; the gateway keeps an unused card
  }
}

/** The next oldest method becomes the default. Call it in a transaction that holds the customer's row. */
async function retire(method: PaymentMethod, by: 'customer' | 'gateway'): Promise<void> {
  await method.become('removed', { isDefault: false })
  const [next] = await PaymentMethod.activeOf(method.userId)
  if (next && !next.isDefault) await PaymentMethod.query().patch({ isDefault: false }).where({ userId: method.userId, isDefault: true })
  if (next && !next.isDefault) await PaymentMethod.query().patch({ isDefault: true }).where({ id: next.id })
  await record('payment-method.removed', method, { by, brand: method.brand, last4: method.last4 }, { userId: method.userId })
}

/** The gateway said that something about this method changed: fetch it, keep what is true now. `made`: it may be one whose answer was lost to us when it was saved. */
export async function syncMethod(account: GatewayAccount, gatewayMethodId: string, made = false): Promise<boolean> {
  const known = await PaymentMethod.query().findOne({ gatewayAccountId: account.id, gatewayMethodId })
  if (!known && !made) return false
  const truth = await account.open().retrieveMethod(gatewayMethodId)
  if (!known) return keepUnknown(account, truth)
  await tenantTransaction(async () => {
    await Customer.query().findById(known.userId).forUpdate()
    const method = await PaymentMethod.findOwned({ id: known.id })
    if (truth.customerId === null && method.status === 'active') await retire(method, 'gateway')
    if (truth.customerId !== null) await PaymentMethod.query().patch({ expMonth: truth.expMonth, expYear: truth.expYear, last4: truth.last4, brand: truth.brand, accountLabel: truth.account }).where({ id: method.id })
  })
  return true
}

async function keepUnknown(account: GatewayAccount, truth: GatewayMethod): Promise<boolean> {
  const holder = truth.customerId === null ? undefined : await GatewayCustomer.query().findOne({ gatewayAccountId: account.id, gatewayCustomerId: truth.customerId })
  if (!holder) return false
  return (await keepMethod(account, await Customer.findOwned({ id: holder.userId }), holder.gatewayCustomerId, truth, clock.now())) !== null
}
