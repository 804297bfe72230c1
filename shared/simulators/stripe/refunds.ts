/** Refunds, and reading charges, balance transactions, events and webhook endpoints. */
import { randomBytes } from 'node:crypto'
import type { Call, Emit } from './call.js'
import { cardOf } from './customers.js'
import { API_VERSION, type Account } from './state.js'
import { allowOnly, boolOf, invalid, listOf, metadataOf, pageOf, textOf, wholeOf, type ApiList, type ApiObject } from './wire.js'

export function createRefund({ account, form, emit }: Call): ApiObject {
  allowOnly(form, ['payment_intent', 'charge', 'amount', 'reason', 'metadata'])
  const intentId = textOf(form, 'payment_intent')
  const chargeId = textOf(form, 'charge') ?? (intentId ? String(account.get('payment_intent', intentId, 'payment_intent').latest_charge ?? '') : '')
  const charge = account.get('charge', chargeId, 'charge')
  if (charge.status !== 'succeeded') throw invalid('This charge has not succeeded and cannot be refunded.', 'charge', 'charge_not_refundable')
  const left = Number(charge.amount) - Number(charge.amount_refunded)
  const amount = wholeOf(form, 'amount') ?? left
  if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, undefined, 'charge_already_refunded')
  if (amount < 1 || amount > left) throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, 'amount')
  const refund = account.add('refund', 're', {
    amount, currency: charge.currency, charge: charge.id, payment_intent: charge.payment_intent, status: refundsOf(account, charge) === 'pending' ? 'pending' : 'succeeded', failure_reason: null as string | null, reason: textOf(form, 'reason') ?? null, metadata: metadataOf(form), balance_transaction: null as string | null,
  })
  refund.balance_transaction = account.add('balance_transaction', 'txn', { amount: -amount, fee: 0, net: -amount, currency: charge.currency, type: 'refund', source: refund.id, status: 'pending', available_on: refund.created, fee_details: [] }).id
  charge.amount_refunded = Number(charge.amount_refunded) + amount
  charge.refunded = charge.amount_refunded === charge.amount
  emit('refund.created', refund)
  emit('charge.refunded', charge)
  if (refundsOf(account, charge) !== 'fail-later') return refund
  const answer = structuredClone(refund) // told as succeeded; that it failed comes by an event, as with the real one
  endRefund(account, refund, 'failed', emit)
  return answer
}

const refundsOf = (account: Account, charge: ApiObject) => cardOf(account.get('payment_method', String(charge.payment_method))).refunds

/** A pending refund comes to its end, or one that was done fails after all: the money is back on the balance. */
export function endRefund(account: Account, refund: ApiObject, outcome: 'succeeded' | 'failed', emit: Emit): void {
  const charge = account.get('charge', String(refund.charge))
  if (outcome === 'failed' && refund.status !== 'failed') {
    const back = account.add('balance_transaction', 'txn', { amount: refund.amount, fee: 0, net: refund.amount, currency: refund.currency, type: 'refund_failure', source: refund.id, status: 'pending', available_on: refund.created, fee_details: [] })
    Object.assign(refund, { failure_balance_transaction: back.id, failure_reason: 'lost_or_stolen_card' })
    Object.assign(charge, { amount_refunded: Number(charge.amount_refunded) - Number(refund.amount), refunded: false })
  }
  refund.status = outcome
  emit('refund.updated', refund)
  if (outcome === 'failed') emit('refund.failed', refund)
}

/** GET of one object of the kind. */
export const reading = (object: string) => ({ account, ids }: Call): ApiObject => account.get(object, ids[0] ?? '')

/** GET of all of the kind, filtered by the fields named. */
export const listing = (object: string, filters: readonly string[] = []) => ({ account, form, path }: Call): ApiList => {
  allowOnly(form, [...filters, 'limit', 'starting_after', 'ending_before', 'created', 'types'])
  const types = listOf(form, 'types')
  const matches = (o: ApiObject): boolean => filters.every((f) => textOf(form, f) === undefined || o[f] === textOf(form, f)) && (!types.length || types.includes(String(o.type)))
  return pageOf(account.all(object).filter(matches), form, path)
}

export function createEndpoint({ account, form }: Call): ApiObject {
  allowOnly(form, ['url', 'enabled_events', 'api_version', 'description', 'metadata', 'connect'])
  const url = textOf(form, 'url')
  if (!url || !/^https?:\/\//.test(url)) throw invalid('Invalid URL: An explicit scheme (such as https) must be provided.', 'url')
  const events = listOf(form, 'enabled_events')
  if (!events.length) throw invalid('Missing required param: enabled_events.', 'enabled_events', 'parameter_missing')
  const endpoint = account.add('webhook_endpoint', 'we', {
    url, enabled_events: events, api_version: textOf(form, 'api_version') ?? API_VERSION, description: textOf(form, 'description') ?? null, metadata: metadataOf(form), status: 'enabled', _secret: `whsec_${randomBytes(24).toString('hex')}`,
  })
  return { ...endpoint, secret: endpoint._secret } // shown this once, as by the real one
}

export function updateEndpoint({ account, form, ids }: Call): ApiObject {
  allowOnly(form, ['url', 'enabled_events', 'disabled', 'description', 'metadata'])
  const endpoint = account.get('webhook_endpoint', ids[0] ?? '')
  if (textOf(form, 'url')) endpoint.url = textOf(form, 'url')
  if (form.enabled_events) endpoint.enabled_events = listOf(form, 'enabled_events')
  if (form.disabled !== undefined) endpoint.status = boolOf(form, 'disabled') ? 'disabled' : 'enabled'
  return endpoint
}

export function deleteEndpoint({ account, ids }: Call): ApiObject {
  const endpoint = account.get('webhook_endpoint', ids[0] ?? '')
  endpoint.deleted = true
  return { id: endpoint.id, object: 'webhook_endpoint', created: endpoint.created, deleted: true }
}
