/** Connects the reseller's Stripe account: checks the key, keeps it sealed, and makes the webhook endpoint at Stripe for our address. */
import { FormErrors } from '../../../shared/errors.js'
import { originOf } from '../../../shared/config.js'
import { sealed } from '../../../shared/database/sealed-column.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { checkStripeAccount, registerWebhook } from '../../../shared/payments/stripe-gateway.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { GatewayAccount } from './gateway-account.js'

export interface StripeKeys {
  readonly secretKey: string
  readonly publishableKey: string | null
  /** Simulator's address; null or absent for the real Stripe. */
  readonly apiBase?: string | null
  /** Where Stripe reaches us; default: the shop's primary host. */
  readonly origin?: string
}

/** Where the gateway sends this account's events. */
export const webhookUrl = (account: GatewayAccount, origin = originOf(currentTenant().primaryHost)): string => `${origin}/webhooks/stripe/${account.publicId}`

/** Throws FormErrors when the key has no such form, OutsideError when Stripe does not accept it. An account with the same key is not connected twice. */
export async function connectStripe(keys: StripeKeys): Promise<GatewayAccount> {
  if (!/^(sk|rk)_(test|live)_\w{2,200}$/.test(keys.secretKey)) throw new FormErrors({ secretKey: 'A secret key begins with sk_test_ or sk_live_.' })
  const known = await accountWithKey(keys.secretKey)
  if (known) return known
  const publicId = newPublicId()
  const account = GatewayAccount.fromJson({
    publicId, gateway: 'stripe', mode: keys.secretKey.includes('_live_') ? 'live' : 'test', publishableKey: keys.publishableKey, apiBase: keys.apiBase ?? null, status: 'active',
    secretSealed: sealed('gateway_accounts', 'secret', publicId).seal(keys.secretKey), webhookSecretSealed: null,
  })
  await checkStripeAccount(account.credentials())
  const endpoint = await registerWebhook(account.credentials(), webhookUrl(account, keys.origin))
  account.webhookSecretSealed = sealed('gateway_accounts', 'webhook_secret', publicId).seal(endpoint.secret)
  return tenantTransaction(async () => {
    const made = await GatewayAccount.query().insertAndFetch(account)
    await record('gateway.connected', made, { gateway: 'stripe', mode: made.mode, endpoint: endpoint.id })
    return made
  })
}

async function accountWithKey(secretKey: string): Promise<GatewayAccount | null> {
  const active = await GatewayAccount.query().where({ gateway: 'stripe', status: 'active' })
  return active.find((account) => account.credentials().secretKey === secretKey) ?? null
}
