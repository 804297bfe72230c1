/**
 * Saving a card or a PayPal account: a setup is made at the gateway, the customer fills in the gateway's own form or approves on its page, and we keep what the
 * gateway then says. No card number passes through us.
 */
import { NotFound, Refusal } from '../../../../shared/errors.js'
import { originOf } from '../../../../shared/config.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import type { GatewayName } from '../../../../shared/money/currency.js'
import type { GatewayMethod, GatewaySetup } from '../../../../shared/payments/gateway-methods.js'
import { newPublicId } from '../../../../shared/security/token.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { Customer } from '../../../customers/customer.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { ensureGatewayCustomer, GatewayCustomer } from '../gateways/gateway-customer.js'
import { PaymentMethod } from './payment-method.js'

/** Where PayPal sends the customer back to; it adds `approval_token_id`. */
export const APPROVED_PATH = '/payment-methods/paypal'

/** `next`: where the customer goes afterwards, on this shop. Throws Refusal when the shop cannot take this kind of payment. */
export async function startAddingMethod(customer: Customer, gateway: GatewayName = 'stripe', next = '/payment-methods'): Promise<GatewaySetup> {
  const account = await GatewayAccount.current(gateway)
  if (!account) throw new Refusal('payments.not-set-up', gateway === 'paypal' ? 'This shop cannot take PayPal yet. Please contact support.' : 'This shop cannot take cards yet. Please contact support.')
  const customerId = await ensureGatewayCustomer(account, customer)
  const { uuid, primaryHost, brand } = currentTenant()
  const origin = originOf(primaryHost)
  return account.open().createSetup({
    key: `${uuid}:setup:${newPublicId()}`, customerId, marks: { tenant: uuid, user: customer.publicId }, brandName: brand.companyName, returnUrl: `${origin}${APPROVED_PATH}?next=${encodeURIComponent(next)}`, cancelUrl: `${origin}/payment-methods`,
  })
}

export interface OpenSetup {
  readonly account: GatewayAccount
  readonly setup: GatewaySetup
}

/** Ids as the gateways make them. */
const shapes = { stripe: /^seti_\w{4,60}$/, paypal: /^[A-Z0-9-]{6,36}$/i } as const

/** The setup as it stands at the gateway. NotFound unless it was made for this customer of this shop. */
export async function findSetup(customer: Customer, setupId: string, gateway: GatewayName = 'stripe'): Promise<OpenSetup> {
  const account = await GatewayAccount.current(gateway)
  if (!account || !shapes[gateway].test(setupId)) throw new NotFound('payment method')
  const setup = await account.open().retrieveSetup(setupId).catch((error: { code?: string }) => {
    throw error.code === 'resource_missing' ? new NotFound('payment method') : error
  })
  if (!(await isOf(customer, account, setup))) throw new NotFound('payment method')
  return { account, setup }
}

/** Stripe carries our marks; PayPal knows only the name that we gave the customer there. */
async function isOf(customer: Customer, account: GatewayAccount, { metadata, customerId }: GatewaySetup): Promise<boolean> {
  if (account.gateway === 'stripe') return metadata.tenant === currentTenant().uuid && metadata.user === customer.publicId
  const known = await GatewayCustomer.query().findOne({ gatewayAccountId: account.id, userId: customer.id })
  return known !== undefined && known.gatewayCustomerId === customerId
}

/** Keeps the method of a setup that is finished or approved; null while it is not. Safe on every reload, and when the webhook was first. */
export async function settleSetup({ account, setup: found }: OpenSetup, customer: Customer, now = clock.now()): Promise<PaymentMethod | null> {
  const approved = found.status === 'requires_action' && found.actionUrl === null
  const setup = approved || found.status === 'processing' ? await account.open().completeSetup(found.id) : found
  if (setup.status !== 'succeeded' || !setup.method || setup.customerId === null) return null
  return keepMethod(account, customer, setup.customerId, setup.method, now)
}

/** One row per method of the gateway. The customer's first becomes the default. A method that the customer removed stays removed. */
export async function keepMethod(account: GatewayAccount, customer: Customer, gatewayCustomerId: string, method: GatewayMethod, now: Date): Promise<PaymentMethod | null> {
  const where = { gatewayAccountId: account.id, gatewayMethodId: method.id }
  return tenantTransaction(async () => {
    await Customer.query().findById(customer.id).forUpdate() // one at a time: who is the default is decided here
    const known = await PaymentMethod.query().findOne(where)
    if (known) return known.userId === customer.id && known.status === 'active' ? known : null
    const hasDefault = (await PaymentMethod.activeOf(customer.id)).some((m) => m.isDefault)
    if (!hasDefault) await PaymentMethod.query().patch({ isDefault: false }).where({ userId: customer.id, isDefault: true }) // of a gateway that was disconnected
    const made = await PaymentMethod.query().insertAndFetch({
      ...where, publicId: newPublicId(), userId: customer.id, gatewayCustomerId, brand: method.brand?.slice(0, 24) ?? null, last4: method.last4?.slice(0, 4) ?? null, accountLabel: method.account?.slice(0, 191) ?? null,
      expMonth: method.expMonth, expYear: method.expYear, status: 'active', isDefault: !hasDefault, createdAt: now,
    })
    await record('payment-method.added', made, { brand: made.brand, last4: made.last4 }, { userId: customer.id })
    return made
  })
}
