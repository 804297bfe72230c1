/** SetupIntents: a card is saved for later, with authentication when the card wants it. */
import type { Call, Emit } from './call.js'
import { attach, cardOf, methodFor } from './customers.js'
import type { Account } from './state.js'
import { allowOnly, ApiFailure, boolOf, invalid, metadataOf, pageOf, textOf, type ApiList, type ApiObject } from './wire.js'

export function createSetup(call: Call): ApiObject {
  const { account, form, emit } = call
  allowOnly(form, ['customer', 'payment_method', 'confirm', 'usage', 'metadata', 'description', 'return_url', 'automatic_payment_methods', 'allowed_payment_method_types', 'excluded_payment_method_types', 'payment_method_configuration', 'payment_method_options', 'use_stripe_sdk'])
  const customer = textOf(form, 'customer')
  if (customer) account.get('customer', customer, 'customer')
  const intent = account.add('setup_intent', 'seti', {
    customer: customer ?? null, payment_method: null as string | null, status: 'requires_payment_method', usage: textOf(form, 'usage') ?? 'off_session', metadata: metadataOf(form),
    description: textOf(form, 'description') ?? null, next_action: null, last_setup_error: null, cancellation_reason: null, client_secret: '',
  })
  intent.client_secret = account.secretFor(intent.id)
  emit('setup_intent.created', intent)
  const method = textOf(form, 'payment_method')
  if (method) Object.assign(intent, { payment_method: methodFor(account, method).id, status: 'requires_confirmation' })
  return boolOf(form, 'confirm') ? confirmSetupWith(account, intent, null, textOf(form, 'return_url') ?? null, call.base, emit) : intent
}

export const readSetup = ({ account, ids }: Call): ApiObject => account.get('setup_intent', ids[0] ?? '')

export function listSetups({ account, form, path }: Call): ApiList {
  allowOnly(form, ['customer', 'payment_method', 'limit', 'starting_after', 'ending_before', 'created'])
  const customer = textOf(form, 'customer')
  return pageOf(account.all('setup_intent').filter((s) => !customer || s.customer === customer), form, path)
}

export function confirmSetup({ account, form, ids, base, emit }: Call): ApiObject {
  allowOnly(form, ['payment_method', 'return_url', 'use_stripe_sdk', 'mandate_data', 'client_secret'])
  return confirmSetupWith(account, account.get('setup_intent', ids[0] ?? ''), textOf(form, 'payment_method') ?? null, textOf(form, 'return_url') ?? null, base, emit)
}

export function cancelSetup({ account, ids, emit }: Call): ApiObject {
  const intent = account.get('setup_intent', ids[0] ?? '')
  if (intent.status === 'succeeded' || intent.status === 'canceled') throw invalid(`You cannot cancel this SetupIntent because it has a status of ${String(intent.status)}.`, 'intent', 'setup_intent_unexpected_state')
  Object.assign(intent, { status: 'canceled', next_action: null })
  emit('setup_intent.canceled', intent)
  return intent
}

/** Confirms with the method given or already set. Throws the 402 of a card that refuses to be saved. */
export function confirmSetupWith(account: Account, intent: ApiObject, given: string | null, returnUrl: string | null, base: string, emit: Emit): ApiObject {
  if (intent.status === 'succeeded' || intent.status === 'canceled') throw invalid(`You cannot confirm this SetupIntent because it has a status of ${String(intent.status)}.`, 'intent', 'setup_intent_unexpected_state')
  const method = given ? methodFor(account, given) : intent.payment_method ? account.get('payment_method', String(intent.payment_method)) : null
  if (!method) throw invalid('You cannot confirm this SetupIntent because it is missing a payment method.', 'payment_method', 'setup_intent_unexpected_state')
  const card = cardOf(method)
  intent.payment_method = method.id
  if (card.failsSetup && card.decline) return failSetup(intent, { type: 'card_error', code: card.decline.code, decline_code: card.decline.declineCode, message: card.decline.message }, emit)
  if (card.challenge && !method._authenticated) {
    const url = `${base}/pay/authenticate/${String(intent.client_secret)}`
    Object.assign(intent, { status: 'requires_action', next_action: { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } }, _return_url: returnUrl })
    emit('setup_intent.requires_action', intent)
    return intent
  }
  return completeSetup(account, intent, emit)
}

/** The card is saved: the method belongs to the customer and may be charged off session. */
export function completeSetup(account: Account, intent: ApiObject, emit: Emit): ApiObject {
  const method = account.get('payment_method', String(intent.payment_method))
  method._authenticated = true
  if (intent.customer) attach(account, method, account.get('customer', String(intent.customer)), emit)
  Object.assign(intent, { status: 'succeeded', next_action: null, last_setup_error: null })
  emit('setup_intent.succeeded', intent)
  return intent
}

export function failSetup(intent: ApiObject, error: Record<string, unknown>, emit: Emit): never {
  Object.assign(intent, { status: 'requires_payment_method', next_action: null, last_setup_error: error, payment_method: null })
  emit('setup_intent.setup_failed', intent)
  throw new ApiFailure(402, { ...error, setup_intent: structuredClone(intent) })
}
