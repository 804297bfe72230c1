/** Customers and payment methods. */
import { cardByNumber, cardByToken, type TestCard } from './cards.js'
import type { Call } from './call.js'
import type { Account } from './state.js'
import { allowOnly, ApiFailure, boolOf, invalid, metadataOf, missing, pageOf, textOf, wholeOf, type ApiList, type ApiObject, type Form } from './wire.js'

const customerFields = ['email', 'name', 'description', 'metadata', 'phone', 'address', 'preferred_locales', 'payment_method', 'invoice_settings', 'test_clock', 'validate']

export function createCustomer({ account, form, emit }: Call): ApiObject {
  allowOnly(form, customerFields)
  const customer = account.add('customer', 'cus', {
    email: textOf(form, 'email') ?? null, name: textOf(form, 'name') ?? null, description: textOf(form, 'description') ?? null, metadata: metadataOf(form),
    invoice_settings: { default_payment_method: null }, currency: null, delinquent: false,
  })
  emit('customer.created', customer)
  return customer
}

export const readCustomer = ({ account, ids }: Call): ApiObject => account.get('customer', ids[0] ?? '')

export function updateCustomer({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, customerFields)
  const customer = account.get('customer', ids[0] ?? '')
  for (const name of ['email', 'name', 'description'] as const) if (name in form) customer[name] = textOf(form, name) ?? null
  const settings = form.invoice_settings
  if (typeof settings === 'object') customer.invoice_settings = { default_payment_method: textOf(settings, 'default_payment_method') ?? null }
  customer.metadata = metadataOf(form, customer.metadata)
  emit('customer.updated', customer)
  return customer
}

export function deleteCustomer({ account, ids, emit }: Call): ApiObject {
  const customer = account.get('customer', ids[0] ?? '')
  customer.deleted = true
  for (const method of account.all('payment_method')) if (method.customer === customer.id) method.customer = null
  emit('customer.deleted', customer)
  return { id: customer.id, object: 'customer', created: customer.created, deleted: true }
}

export function listCustomers({ account, form, path }: Call): ApiList {
  allowOnly(form, ['email', 'limit', 'starting_after', 'ending_before', 'created'])
  const email = textOf(form, 'email')
  return pageOf(account.all('customer').filter((c) => !email || c.email === email), form, path)
}

/** A payment method made from a test card. `_card` stays inside: names beginning with `_` never travel. */
export function makeMethod(account: Account, card: TestCard): ApiObject {
  const bank = card.brand === 'bank'
  return account.add('payment_method', 'pm', {
    type: bank ? 'us_bank_account' : 'card',
    ...(bank ? { us_bank_account: { last4: card.number.slice(-4), bank_name: 'STRIPE TEST BANK' } }
      : { card: { brand: card.brand, last4: card.number.slice(-4), exp_month: 12, exp_year: new Date().getUTCFullYear() + 3, funding: 'credit', country: 'US', fingerprint: `fp${card.number.slice(-6)}` } }),
    customer: null, billing_details: { email: null, name: null }, metadata: {}, allow_redisplay: 'unspecified', _card: card.token, _authenticated: false,
  })
}

/** A payment method by id, or a new one when the id is a well-known test token. */
export function methodFor(account: Account, id: string): ApiObject {
  const card = cardByToken(id)
  return card ? makeMethod(account, card) : account.get('payment_method', id, 'payment_method')
}
export const cardOf = (method: ApiObject): TestCard => cardByToken(String(method._card)) ?? { number: '4242424242424242', brand: 'visa', token: 'pm_card_visa', label: '' }

export function createMethod({ account, form }: Call): ApiObject {
  allowOnly(form, ['type', 'card', 'billing_details', 'metadata', 'allow_redisplay'])
  const card = typeof form.card === 'object' ? textOf(form.card, 'number') ?? '' : ''
  const token = typeof form.card === 'object' ? textOf(form.card, 'token')?.replace(/^tok_/, 'pm_card_') ?? '' : ''
  const known = cardByNumber(card) ?? cardByToken(token)
  if (!known) throw new ApiFailure(402, { type: 'card_error', code: 'incorrect_number', param: 'number', message: 'Your card number is incorrect.' })
  const method = makeMethod(account, known)
  method.metadata = metadataOf(form)
  return method
}

export const readMethod = ({ account, ids }: Call): ApiObject => account.get('payment_method', ids[0] ?? '')

export function attach(account: Account, method: ApiObject, customer: ApiObject, emit: Call['emit']): void {
  if (method.customer && method.customer !== customer.id) throw invalid('The payment method you provided has already been attached to a customer.', 'payment_method')
  if (method.customer === customer.id) return
  method.customer = customer.id
  emit('payment_method.attached', method)
}

export function attachMethod({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, ['customer'])
  const method = methodFor(account, ids[0] ?? '')
  const card = cardOf(method)
  if (card.failsSetup && card.decline) throw new ApiFailure(402, { type: 'card_error', code: card.decline.code, decline_code: card.decline.declineCode, message: card.decline.message })
  attach(account, method, account.get('customer', textOf(form, 'customer') ?? '', 'customer'), emit)
  return method
}

export function detachMethod({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, [])
  const method = account.get('payment_method', ids[0] ?? '')
  if (!method.customer) throw invalid('The payment method you provided is not attached to a customer so detachment is impossible.', 'payment_method')
  method.customer = null
  method._detached = true
  emit('payment_method.detached', method)
  return method
}

export function updateMethod({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, ['card', 'billing_details', 'metadata', 'allow_redisplay'])
  const method = account.get('payment_method', ids[0] ?? '')
  const card = form.card as Form | undefined
  if (card) method.card = { ...(method.card as object), ...(card.exp_month ? { exp_month: wholeOf(card, 'exp_month') } : {}), ...(card.exp_year ? { exp_year: wholeOf(card, 'exp_year') } : {}) }
  method.metadata = metadataOf(form, method.metadata)
  emit('payment_method.updated', method)
  return method
}

export function listMethods({ account, form, path, ids }: Call): ApiList {
  allowOnly(form, ['customer', 'type', 'limit', 'starting_after', 'ending_before', 'allow_redisplay'])
  const customer = ids[0] ?? textOf(form, 'customer')
  if (customer && !account.objects.has(customer)) throw missing('customer', customer, 'customer')
  const type = textOf(form, 'type')
  return pageOf(account.all('payment_method').filter((m) => m.customer !== null && m.customer === customer && (!type || m.type === type)), form, path)
}

/** Shared by intents: the flag that says whether the customer is present. */
export const offSession = (form: Form): boolean => textOf(form, 'off_session') !== undefined && (textOf(form, 'off_session') === 'one_off' || textOf(form, 'off_session') === 'recurring' || boolOf(form, 'off_session'))
