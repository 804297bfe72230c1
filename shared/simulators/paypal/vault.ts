/** Saved PayPal accounts. https://developer.paypal.com/docs/api/payment-tokens/v3/ */
import type { Call, Emit, Reply } from './call.js'
import { payerBy, payerId, type Payer } from './payers.js'
import type { Kept } from './state.js'
import { invalid, missing, partOf, textOf, unprocessable, type Json } from './wire.js'

const links = (...rels: Array<[string, string]>): Json[] => rels.map(([rel, href]) => ({ rel, href, method: 'GET' }))

export function createSetupToken({ account, body, base }: Call): Reply {
  const paypal = partOf(partOf(body, 'payment_source'), 'paypal')
  const context = partOf(paypal, 'experience_context')
  if (paypal.usage_type !== 'MERCHANT') throw invalid('usage_type')
  if (!textOf(context, 'return_url', 2048) || !textOf(context, 'cancel_url', 2048)) throw invalid('experience_context')
  const merchant = textOf(partOf(body, 'customer'), 'merchant_customer_id', 64)
  if (merchant !== undefined && !/^[\w.^*$@#-]+$/.test(merchant)) throw invalid('merchant_customer_id')
  const token = account.add('setup-token', {
    status: 'PAYER_ACTION_REQUIRED', customer: { id: account.newId(), ...(merchant ? { merchant_customer_id: merchant } : {}) }, payment_source: { paypal: { usage_type: 'MERCHANT' } }, links: [] as Json[],
    _return: context.return_url, _cancel: context.cancel_url, _payer: null as string | null, _token: null as string | null,
  }, account.newId('7'))
  token.links = links(['approve', `${base}/approve/setup/${token.id}`], ['self', `${base}/v3/vault/setup-tokens/${token.id}`])
  return { status: 201, body: token, whole: true }
}

export const readSetupToken = ({ account, ids }: Call): Reply => ({ status: 200, body: account.get('setup-token', ids[0] ?? ''), whole: true })

export function approveSetup(token: Kept, payer: Payer, _emit: Emit): void {
  Object.assign(token, { status: 'APPROVED', _payer: payer.token, payment_source: { paypal: { email_address: payer.email, payer_id: payerId(payer), usage_type: 'MERCHANT' } } })
}

export function createPaymentToken({ account, body, base, emit }: Call): Reply {
  const source = partOf(partOf(body, 'payment_source'), 'token')
  if (source.type !== 'SETUP_TOKEN') throw invalid('payment_source.token.type')
  const setup = account.objects.get(String(source.id))
  if (setup?.kind !== 'setup-token') throw unprocessable('TOKEN_NOT_FOUND')
  if (setup.status !== 'APPROVED') throw unprocessable(setup._token ? 'TOKEN_ALREADY_USED' : 'PAYER_ACTION_REQUIRED')
  const payer = payerBy(setup._payer)
  const token = account.add('payment-token', {
    customer: setup.customer, payment_source: { paypal: { email_address: payer.email, payer_id: payerId(payer), account_id: payerId(payer), usage_type: 'MERCHANT' } }, links: [] as Json[], _payer: payer.token,
  }, account.newId().toLowerCase())
  token.links = links(['self', `${base}/v3/vault/payment-tokens/${token.id}`])
  Object.assign(setup, { status: 'VAULTED', _token: token.id })
  emit('VAULT.PAYMENT-TOKEN.CREATED', 'payment_token', token)
  return { status: 201, body: token, whole: true }
}

export const readPaymentToken = ({ account, ids }: Call): Reply => ({ status: 200, body: account.get('payment-token', ids[0] ?? ''), whole: true })

export function listPaymentTokens({ account, query }: Call): Reply {
  const customer = query.get('customer_id')
  if (!customer) throw missing()
  return { status: 200, whole: true, body: { payment_tokens: account.all('payment-token').filter((t) => (t.customer as Json).id === customer) } }
}

export function deletePaymentToken({ account, ids, emit }: Call): Reply {
  const token = account.get('payment-token', ids[0] ?? '')
  account.objects.delete(token.id)
  emit('VAULT.PAYMENT-TOKEN.DELETED', 'payment_token', token)
  return { status: 204, body: null }
}
