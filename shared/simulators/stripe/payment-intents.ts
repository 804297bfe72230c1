/** PaymentIntents, their charges and balance transactions. */
import { clock } from '../../time/clock.js'
import type { Call, Emit } from './call.js'
import { cardOf, methodFor, offSession } from './customers.js'
import { openDispute } from './disputes.js'
import type { Account } from './state.js'
import { allowOnly, ApiFailure, boolOf, invalid, metadataOf, pageOf, textOf, wholeOf, type ApiList, type ApiObject, type Form } from './wire.js'

const createFields = ['amount', 'currency', 'customer', 'payment_method', 'confirm', 'off_session', 'metadata', 'description', 'return_url', 'receipt_email', 'setup_future_usage', 'statement_descriptor_suffix',
  'automatic_payment_methods', 'allowed_payment_method_types', 'excluded_payment_method_types', 'payment_method_configuration', 'payment_method_options', 'capture_method', 'use_stripe_sdk', 'error_on_requires_action']

export function createPayment(call: Call): ApiObject {
  const { account, form, emit, minimums } = call
  allowOnly(form, createFields)
  const amount = wholeOf(form, 'amount')
  const currency = textOf(form, 'currency')?.toLowerCase()
  if (amount === undefined || !currency) throw invalid(`Missing required param: ${currency ? 'amount' : 'currency'}.`, currency ? 'amount' : 'currency', 'parameter_missing')
  if (amount < 1) throw invalid('This value must be greater than or equal to 1.', 'amount', 'parameter_invalid_integer')
  if (minimums && amount < 50) throw invalid('Amount must be at least $0.50 usd', 'amount', 'amount_too_small')
  if (amount > 99_999_999) throw invalid('Amount must be no more than $999,999.99', 'amount', 'amount_too_large')
  const customer = textOf(form, 'customer')
  if (customer) account.get('customer', customer, 'customer')
  const method = textOf(form, 'payment_method')
  const resolved = method ? methodFor(account, method) : null
  if (resolved?.customer && resolved.customer !== customer) throw invalid('The PaymentMethod does not belong to the Customer you supplied.', 'payment_method')
  if (resolved?._detached) throw invalid('The provided PaymentMethod was previously used without being attached to a Customer or was detached and may not be used again.', 'payment_method')
  const intent = account.add('payment_intent', 'pi', {
    amount, amount_received: 0, amount_capturable: 0, currency, customer: customer ?? null, payment_method: resolved?.id ?? null, status: resolved ? 'requires_confirmation' : 'requires_payment_method',
    metadata: metadataOf(form), description: textOf(form, 'description') ?? null, setup_future_usage: textOf(form, 'setup_future_usage') ?? null, latest_charge: null, last_payment_error: null,
    next_action: null, canceled_at: null, cancellation_reason: null, capture_method: 'automatic', confirmation_method: 'automatic', client_secret: '',
  })
  intent.client_secret = account.secretFor(intent.id)
  emit('payment_intent.created', intent)
  return boolOf(form, 'confirm') ? confirmWith(call, intent, undefined) : intent
}

export const readPayment = ({ account, ids }: Call): ApiObject => account.get('payment_intent', ids[0] ?? '')

export function updatePayment({ account, form, ids }: Call): ApiObject {
  allowOnly(form, ['metadata', 'description', 'amount', 'receipt_email'])
  const intent = account.get('payment_intent', ids[0] ?? '')
  intent.metadata = metadataOf(form, intent.metadata)
  return intent
}

export function listPayments({ account, form, path }: Call): ApiList {
  allowOnly(form, ['customer', 'limit', 'starting_after', 'ending_before', 'created'])
  const customer = textOf(form, 'customer')
  return pageOf(account.all('payment_intent').filter((p) => !customer || p.customer === customer), form, path)
}

export function confirmPayment(call: Call): ApiObject {
  allowOnly(call.form, ['payment_method', 'off_session', 'return_url', 'receipt_email', 'setup_future_usage', 'use_stripe_sdk', 'mandate_data', 'client_secret'])
  return confirmWith(call, call.account.get('payment_intent', call.ids[0] ?? ''), textOf(call.form, 'payment_method'))
}

export function cancelPayment({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, ['cancellation_reason'])
  const intent = account.get('payment_intent', ids[0] ?? '')
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture'].includes(String(intent.status))) {
    throw new ApiFailure(400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message: `You cannot cancel this PaymentIntent because it has a status of ${String(intent.status)}.`, payment_intent: structuredClone(intent) })
  }
  Object.assign(intent, { status: 'canceled', next_action: null, canceled_at: Math.floor(clock.real().getTime() / 1000), cancellation_reason: textOf(form, 'cancellation_reason') ?? null })
  emit('payment_intent.canceled', intent)
  return intent
}

function confirmWith({ account, form, base, emit }: Call, intent: ApiObject, given: string | undefined): ApiObject {
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(String(intent.status))) {
    throw invalid(`You cannot confirm this PaymentIntent because it has a status of ${String(intent.status)}.`, undefined, 'payment_intent_unexpected_state')
  }
  const known = given ? methodFor(account, given).id : intent.payment_method
  if (!known) throw invalid('You cannot confirm this PaymentIntent because it is missing a payment method.', 'payment_method', 'payment_intent_unexpected_state')
  intent.payment_method = known
  const method = account.get('payment_method', String(known))
  const ordered = orderedDecline(account, method.id)
  if (ordered) return decline(account, intent, { code: 'card_declined', decline_code: ordered, message: 'Your card was declined.' }, emit)
  const card = cardOf(method)
  if (card.decline && !card.declineAfterChallenge) return decline(account, intent, { code: card.decline.code, decline_code: card.decline.declineCode, message: card.decline.message }, emit)
  const challenged = card.challenge === 'always' || (card.challenge === 'until-set-up' && !method._authenticated)
  if (challenged && offSession(form)) return decline(account, intent, { code: 'authentication_required', decline_code: 'authentication_required', message: 'Your card was declined. This transaction requires authentication.' }, emit)
  if (challenged) return challenge(intent, form, base, emit)
  if (card.decline) return decline(account, intent, { code: card.decline.code, decline_code: card.decline.declineCode, message: card.decline.message }, emit)
  if (card.slow) {
    intent.status = 'processing'
    emit('payment_intent.processing', intent)
    return intent
  }
  return succeed(account, intent, emit)
}

function orderedDecline(account: Account, methodId: string): string | undefined {
  return account.orderedDeclines.get(methodId)?.shift() ?? account.orderedDeclines.get('*')?.shift()
}

function challenge(intent: ApiObject, form: Form, base: string, emit: Emit): ApiObject {
  const returnUrl = textOf(form, 'return_url') ?? null
  const url = `${base}/pay/authenticate/${String(intent.client_secret)}`
  Object.assign(intent, { status: 'requires_action', next_action: { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } }, _return_url: returnUrl })
  emit('payment_intent.requires_action', intent)
  return intent
}

/** The money has moved. */
export function succeed(account: Account, intent: ApiObject, emit: Emit): ApiObject {
  const charge = addCharge(account, intent, 'succeeded')
  const fee = Math.round(Number(intent.amount) * 0.029) + 30
  const balance = account.add('balance_transaction', 'txn', {
    amount: intent.amount, fee, net: Number(intent.amount) - fee, currency: intent.currency, type: 'charge', source: charge.id, status: 'pending', available_on: charge.created + 172_800,
    fee_details: [{ amount: fee, currency: intent.currency, type: 'stripe_fee', description: 'Stripe processing fees' }],
  })
  charge.balance_transaction = balance.id
  Object.assign(intent, { status: 'succeeded', amount_received: intent.amount, latest_charge: charge.id, next_action: null, last_payment_error: null })
  emit('charge.succeeded', charge)
  emit('payment_intent.succeeded', intent)
  const { disputes } = cardOf(account.get('payment_method', String(intent.payment_method)))
  if (disputes) openDispute(account, intent, disputes === 'inquiry' ? { reason: 'general', inquiry: true } : { reason: disputes }, emit)
  return intent
}

/** The card said no. The intent waits for another method; the caller gets 402. */
export function decline(account: Account, intent: ApiObject, facts: { code: string; decline_code: string; message: string }, emit: Emit): never {
  const charge = addCharge(account, intent, 'failed')
  Object.assign(charge, { failure_code: facts.code, failure_message: facts.message })
  const error = { type: 'card_error', ...facts, charge: charge.id, payment_method: structuredClone(account.objects.get(String(intent.payment_method))) }
  Object.assign(intent, { status: 'requires_payment_method', payment_method: null, next_action: null, latest_charge: charge.id, last_payment_error: error })
  emit('charge.failed', charge)
  emit('payment_intent.payment_failed', intent)
  throw new ApiFailure(402, { ...error, payment_intent: structuredClone(intent) })
}

function addCharge(account: Account, intent: ApiObject, status: string): ApiObject {
  return account.add('charge', 'ch', {
    amount: intent.amount, amount_captured: status === 'succeeded' ? intent.amount : 0, amount_refunded: 0, currency: intent.currency, customer: intent.customer, payment_intent: intent.id, payment_method: intent.payment_method,
    status, paid: status === 'succeeded', captured: status === 'succeeded', refunded: false, disputed: false, balance_transaction: null, failure_code: null, failure_message: null, metadata: { ...(intent.metadata as object) },
  })
}
