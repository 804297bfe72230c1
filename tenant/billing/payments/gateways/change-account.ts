/** What the reseller does with a connected account: test it, change its keys, make its webhook anew, disconnect it. */
import { FormErrors, OutsideError } from '../../../../shared/errors.js'
import { sealed } from '../../../../shared/database/sealed-column.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { clock } from '../../../../shared/time/clock.js'
import { makeWebhook } from './connect-account.js'
import { GatewayAccount } from './gateway-account.js'
import { DISPUTABLE, openStatuses, Payment } from '../payment.js'
import { PaymentMethod } from '../methods/payment-method.js'

/** Asks the gateway whether the keys work; the answer is kept for the page. Null: they do. */
export async function testAccount(account: GatewayAccount, now = clock.now()): Promise<string | null> {
  const problem = await account.open().check().then(() => null, (error: unknown) => {
    if (error instanceof OutsideError) return error.message
    throw error
  })
  await GatewayAccount.query().patch({ checkedAt: now, checkError: problem?.slice(0, 255) ?? null }).where({ id: account.id })
  return problem
}

/** `publishableKey`: PayPal's client id. Throws FormErrors when the new keys open another account, OutsideError when the gateway does not accept them. */
export async function changeKeys(account: GatewayAccount, keys: { secret: string; publishableKey: string | null }): Promise<void> {
  const secretSealed = sealed('gateway_accounts', 'secret', account.publicId).seal(keys.secret)
  const draft = account.$clone().$set({ secretSealed, publishableKey: keys.publishableKey })
  await draft.open().check()
  await assertSameMerchant(account, draft)
  // A webhook of PayPal belongs to the app, and with it to the client id; Stripe's belongs to the account and stays.
  const moved = account.gateway === 'paypal' && account.publishableKey !== keys.publishableKey
  const endpoint = moved ? await makeWebhook(draft) : {}
  await tenantTransaction(async () => {
    await GatewayAccount.query().patch({ ...endpoint, secretSealed, publishableKey: keys.publishableKey, checkedAt: clock.now(), ...(moved ? {} : { checkError: null }) }).where({ id: account.id })
    await record('gateway.keys-changed', account, { gateway: account.gateway })
  })
  if (moved) await quietly(account.webhookId === null ? null : account.open().removeWebhook(account.webhookId))
}

/** Something that we made with the old keys must be there with the new ones. */
async function assertSameMerchant(account: GatewayAccount, draft: GatewayAccount): Promise<void> {
  const paid = await Payment.query().where({ gatewayAccountId: account.id, status: 'succeeded' }).whereNotNull('gatewayPaymentId').orderBy('id', 'desc').first()
  if (!paid?.gatewayPaymentId) return
  await draft.open().retrievePayment(paid.gatewayPaymentId).catch((error: unknown) => {
    if (error instanceof OutsideError && error.code === 'resource_missing') throw new FormErrors({ secret: `These keys belong to another ${account.label} account. Disconnect this one first, then connect the other.` })
    throw error
  })
}

/** The webhook anew, for the shop's address of today. */
export async function renewWebhook(account: GatewayAccount): Promise<string | null> {
  const old = account.webhookId
  if (old !== null) await quietly(account.open().removeWebhook(old))
  const endpoint = await makeWebhook(account)
  await tenantTransaction(async () => {
    await GatewayAccount.query().patch(endpoint).where({ id: account.id })
    await record('gateway.webhook-renewed', account, { gateway: account.gateway, endpoint: endpoint.webhookId })
  })
  return endpoint.checkError
}

export interface DisconnectFacts {
  /** Saved methods that can no longer be charged. */
  readonly methods: number
  /** Payments whose end is not known; we go on asking the gateway for it. */
  readonly openPayments: number
}
export async function disconnectFacts(account: GatewayAccount): Promise<DisconnectFacts> {
  return {
    methods: await PaymentMethod.query().where({ gatewayAccountId: account.id, status: 'active' }).resultSize(),
    openPayments: await Payment.query().where({ gatewayAccountId: account.id }).whereIn('status', [...openStatuses]).resultSize(),
  }
}

/** Nothing new is charged from the commit on. The keys stay sealed, and the events go on while payments may be disputed: they may have to be looked up, refunded or defended. */
export async function disconnectAccount(account: GatewayAccount, now = clock.now()): Promise<void> {
  const { webhookId } = account
  const heard = await mayBeDisputed(account, now)
  await tenantTransaction(async () => {
    await account.become('disabled', { disconnectedAt: now, ...(heard ? {} : { webhookId: null }) })
    await record('gateway.disconnected', account, { gateway: account.gateway, mode: account.mode })
  })
  if (webhookId !== null && !heard) await quietly(account.open().removeWebhook(webhookId))
}

const mayBeDisputed = async (account: GatewayAccount, now: Date): Promise<boolean> =>
  Boolean(await Payment.query().where({ gatewayAccountId: account.id, status: 'succeeded' }).where('settledAt', '>=', new Date(now.getTime() - DISPUTABLE)).select('id').first())

/** The gateway may be silent, or the keys withdrawn: then it goes on sending to an address that answers 404. */
async function quietly(work: Promise<void> | null): Promise<void> {
  await work?.catch((error: unknown) => {
    if (!(error instanceof OutsideError)) throw error
  })
}
