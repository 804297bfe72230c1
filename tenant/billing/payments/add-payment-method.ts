/** Saving a card: a SetupIntent is made, the customer fills in the gateway's own form, and we keep what the gateway then says. No card number passes through us. */
import { NotFound, Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import type { GatewayMethod, GatewaySetup } from '../../../shared/payments/gateway.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { Customer } from '../../customers/customer.js'
import { GatewayAccount } from './gateway-account.js'
import { ensureGatewayCustomer } from './gateway-customer.js'
import { PaymentMethod } from './payment-method.js'

/** Throws Refusal when the shop cannot take cards. */
export async function startAddingMethod(customer: Customer): Promise<GatewaySetup> {
  const account = await GatewayAccount.current()
  if (!account) throw new Refusal('payments.not-set-up', 'This shop cannot take cards yet. Please contact support.')
  const customerId = await ensureGatewayCustomer(account, customer)
  const { uuid } = currentTenant()
  return account.open().createSetup({ key: `${uuid}:setup:${newPublicId()}`, customerId, marks: { tenant: uuid, user: customer.publicId } })
}

export interface OpenSetup {
  readonly account: GatewayAccount
  readonly setup: GatewaySetup
}

/** The setup as it stands at the gateway. NotFound unless it was made for this customer of this shop. */
export async function findSetup(customer: Customer, setupId: string): Promise<OpenSetup> {
  const account = await GatewayAccount.current()
  if (!account || !/^seti_\w{4,60}$/.test(setupId)) throw new NotFound('payment method')
  const setup = await account.open().retrieveSetup(setupId).catch((error: { code?: string }) => {
    throw error.code === 'resource_missing' ? new NotFound('payment method') : error
  })
  if (setup.metadata.tenant !== currentTenant().uuid || setup.metadata.user !== customer.publicId) throw new NotFound('payment method')
  return { account, setup }
}

/** Keeps the card of a finished setup; null while it is not finished. Safe on every reload, and when the webhook was first. */
export async function settleSetup({ account, setup }: OpenSetup, customer: Customer, now = clock.now()): Promise<PaymentMethod | null> {
  if (setup.status !== 'succeeded' || !setup.method || setup.customerId === null) return null
  return keepMethod(account, customer, setup.customerId, setup.method, now)
}

/** One row per method of the gateway. The customer's first becomes the default. A card that the customer removed stays removed. */
async function keepMethod(account: GatewayAccount, customer: Customer, gatewayCustomerId: string, method: GatewayMethod, now: Date): Promise<PaymentMethod | null> {
  const where = { gatewayAccountId: account.id, gatewayMethodId: method.id }
  return tenantTransaction(async () => {
    await Customer.query().findById(customer.id).forUpdate() // one at a time: who is the default is decided here
    const known = await PaymentMethod.query().findOne(where)
    if (known) return known.userId === customer.id && known.status === 'active' ? known : null
    const hasDefault = await PaymentMethod.query().findOne({ userId: customer.id, status: 'active', isDefault: true })
    const made = await PaymentMethod.query().insertAndFetch({
      ...where, publicId: newPublicId(), userId: customer.id, gatewayCustomerId, brand: method.brand?.slice(0, 24) ?? null, last4: method.last4?.slice(0, 4) ?? null, expMonth: method.expMonth, expYear: method.expYear,
      status: 'active', isDefault: !hasDefault, createdAt: now,
    })
    await record('payment-method.added', made, { brand: made.brand, last4: made.last4 }, { userId: customer.id })
    return made
  })
}
