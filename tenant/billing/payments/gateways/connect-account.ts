/** Connects the reseller's account at a gateway: checks the keys, keeps them sealed, and makes the webhook there for our address. */
import { FormErrors, OutsideError } from '../../../../shared/errors.js'
import { originOf } from '../../../../shared/config.js'
import { withTenantLock } from '../../../../shared/database/lock.js'
import { sealed } from '../../../../shared/database/sealed-column.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { newPublicId } from '../../../../shared/security/token.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from './gateway-account.js'

interface Where {
  /** Simulator's address; null or absent for the real gateway. */
  readonly apiBase?: string | null
  /** Where the gateway reaches us; default: the shop's primary host. */
  readonly origin?: string
}
export interface StripeKeys extends Where {
  readonly secretKey: string
  readonly publishableKey: string | null
}
export interface PaypalKeys extends Where {
  readonly clientId: string
  readonly secret: string
  readonly mode: 'test' | 'live'
}

/** Where the gateway sends this account's events. */
export const webhookUrl = (account: Pick<GatewayAccount, 'gateway' | 'publicId'>, origin = originOf(currentTenant().primaryHost)): string => `${origin}/webhooks/${account.gateway}/${account.publicId}`

/** Throws FormErrors when the key has no such form or another account is connected, OutsideError when Stripe does not accept it. The same key twice is one account. */
export async function connectStripe(keys: StripeKeys): Promise<GatewayAccount> {
  if (!/^(sk|rk)_(test|live)_\w{2,200}$/.test(keys.secretKey)) throw new FormErrors({ secretKey: 'A secret key begins with sk_test_ or sk_live_.' })
  const draft = newAccount('stripe', keys.secretKey, { mode: keys.secretKey.includes('_live_') ? 'live' : 'test', publishableKey: keys.publishableKey, apiBase: keys.apiBase ?? null })
  return withTenantLock('gateways', () => connect(draft, keys, (known) => known.secretKey === keys.secretKey), 20)
}

export async function connectPaypal(keys: PaypalKeys): Promise<GatewayAccount> {
  if (!/^[\w.-]{4,200}$/.test(keys.clientId)) throw new FormErrors({ clientId: 'Copy the client id of your app from the PayPal developer dashboard.' })
  if (!/^[\w.-]{4,200}$/.test(keys.secret)) throw new FormErrors({ secret: 'Copy the secret of your app from the PayPal developer dashboard.' })
  const draft = newAccount('paypal', keys.secret, { mode: keys.mode, publishableKey: keys.clientId, apiBase: keys.apiBase ?? null })
  return withTenantLock('gateways', () => connect(draft, keys, (known) => known.publishableKey === keys.clientId && known.mode === keys.mode), 20)
}

function newAccount(gateway: GatewayAccount['gateway'], secret: string, facts: Pick<GatewayAccount, 'mode' | 'publishableKey' | 'apiBase'>): GatewayAccount {
  const publicId = newPublicId()
  const secretSealed = sealed('gateway_accounts', 'secret', publicId).seal(secret)
  return GatewayAccount.fromJson({ ...facts, publicId, gateway, status: 'active', secretSealed, webhookSecretSealed: null, webhookId: null, webhookUrl: null })
}

/** An account that was disconnected comes back with its saved methods. */
async function connect(draft: GatewayAccount, { origin }: Where, isSame: (known: GatewayAccount) => boolean): Promise<GatewayAccount> {
  const mine = await GatewayAccount.query().where({ gateway: draft.gateway }).orderBy('id')
  const active = mine.find((a) => a.status === 'active')
  if (active && isSame(active)) return active
  if (active) throw new FormErrors({ form: `${draft.label} is connected already. Change its keys there, or disconnect it first.` })
  await draft.open().check()
  const before = mine.find(isSame)
  const account = before ?? draft
  if (before?.webhookId) await before.open().removeWebhook(before.webhookId).catch(tolerateSilence) // it was kept for late disputes
  const endpoint = await makeWebhook(account, origin)
  return tenantTransaction(async () => {
    const patch = { ...endpoint, secretSealed: sealed('gateway_accounts', 'secret', account.publicId).seal(draft.secretKey), publishableKey: draft.publishableKey, checkedAt: clock.now(), disconnectedAt: null }
    if (before) await before.become('active', patch)
    const made = before ?? (await GatewayAccount.query().insertAndFetch(account.$set(patch)))
    await record('gateway.connected', made, { gateway: made.gateway, mode: made.mode, endpoint: made.webhookId })
    return made
  })
}

function tolerateSilence(error: unknown): void {
  if (!(error instanceof OutsideError)) throw error
}

export type WebhookPatch = Pick<GatewayAccount, 'webhookId' | 'webhookUrl' | 'webhookSecretSealed' | 'checkError'>

/** Makes the endpoint at the gateway. It may refuse an address that it cannot reach (a test machine): then payments are followed by asking, and the page says so. */
export async function makeWebhook(account: GatewayAccount, origin?: string): Promise<WebhookPatch> {
  const url = webhookUrl(account, origin)
  try {
    const { id, secret } = await account.open().registerWebhook(url)
    const webhookSecretSealed = secret === null ? null : sealed('gateway_accounts', 'webhook_secret', account.publicId).seal(secret)
    return { webhookId: id, webhookUrl: url, webhookSecretSealed, checkError: null }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { webhookId: null, webhookUrl: url, webhookSecretSealed: null, checkError: `${account.label} does not send its events to ${url}: ${error.message}`.slice(0, 255) }
  }
}
