/** Disputes, opened and decided by a switch. https://developer.paypal.com/docs/api/customer-disputes/v1/ */
import { clock } from '../../time/clock.js'
import type { Call, Emit, Reply } from './call.js'
import type { Account, Kept } from './state.js'
import { fieldsOf } from '../multipart.js'
import { invalid, textOf, unprocessable, type Json, type WireMoney, minorOf } from './wire.js'

export const listDisputes = ({ account }: Call): Reply => ({ status: 200, whole: true, body: { items: account.all('dispute') } })
export const readDispute = ({ account, ids }: Call): Reply => ({ status: 200, whole: true, body: account.get('dispute', ids[0] ?? '') })

/** The payer of a capture complains. `value`: a part of the amount; default: all of it. */
export function openDispute(account: Account, capture: Kept, { reason = 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED', value }: { reason?: string; value?: string }, emit: Emit): Kept {
  const paid = capture.amount as WireMoney
  const amount = { currency_code: paid.currency_code, value: value ?? paid.value }
  const id = `PP-D-${account.newId().slice(0, 9)}`
  const made = account.add('dispute', {
    dispute_id: id, reason, status: 'WAITING_FOR_SELLER_RESPONSE', dispute_state: 'REQUIRED_ACTION', dispute_life_cycle_stage: 'CHARGEBACK', dispute_amount: amount, seller_response_due_date: new Date(clock.real().getTime() + 10 * 86_400_000).toISOString(),
    disputed_transactions: [{ seller_transaction_id: capture.id, custom: capture.custom_id, invoice_number: capture.invoice_id, gross_amount: paid }], _capture: capture.id, _custom: capture.custom_id, evidences: [] as Json[], links: linksOf(id),
  }, id)
  emit('CUSTOMER.DISPUTE.CREATED', 'dispute', made)
  return made
}

const linksOf = (id: string): Json[] => ['provide-evidence', 'accept-claim'].map((rel) => ({ rel: rel.replace('-', '_'), href: `/v1/customer/disputes/${id}/${rel}`, method: 'POST' }))
const kinds = new Set(['OTHER', 'ORDER_DETAILS', 'ITEM_DESCRIPTION', 'PROOF_FOR_SOFTWARE_OR_SERVICE_DELIVERED', 'RETURN_POLICY', 'PROOF_OF_RECEIPT_COPY', 'PROOF_OF_FULFILLMENT', 'PROOF_OF_REFUND'])
const MOST = 100

/** The part `input` of a multipart body, with what is known of the files beside it. */
export function inputOfParts(body: string, contentType: string): string {
  const parts = fieldsOf(body, contentType)
  const input = parts.find((p) => p.name === 'input')
  const files = parts.filter((p) => p.filename !== null).map((p) => ({ name: p.filename, type: p.type, size: p.value.length, begins: p.value.slice(0, 8) }))
  return JSON.stringify({ ...(JSON.parse(Buffer.from(input?.value ?? '{}', 'latin1').toString('utf8')) as Json), _files: files })
}

function disputeToAnswer({ account, ids }: Call): Kept {
  const dispute = account.get('dispute', ids[0] ?? '')
  const late = Date.parse(String(dispute.seller_response_due_date)) <= clock.real().getTime()
  if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE' || late) throw unprocessable('ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE')
  return dispute
}

/** What the seller says. Then it is PayPal's turn. */
export function provideEvidence(call: Call): Reply {
  const dispute = disputeToAnswer(call)
  const given = call.body.evidences
  const files = (call.body._files ?? []) as Json[]
  if (!Array.isArray(given) || !given.length || given.length > MOST) throw invalid('evidences')
  for (const piece of given as Json[]) {
    if (!kinds.has(String(piece.evidence_type))) throw invalid('evidences/evidence_type')
    textOf(piece, 'notes', 2000)
    for (const { name } of (piece.documents ?? []) as Json[]) if (!files.some((file) => file.name === name)) throw invalid('evidences/documents')
  }
  const date = new Date(clock.real()).toISOString()
  ;(dispute.evidences as Json[]).push(...(given as Json[]).map((piece) => ({ ...piece, source: 'SUBMITTED_BY_SELLER', date })))
  Object.assign(dispute, { status: 'UNDER_REVIEW', dispute_state: 'UNDER_PAYPAL_REVIEW', _files: files })
  call.emit('CUSTOMER.DISPUTE.UPDATED', 'dispute', dispute)
  return { status: 200, whole: true, body: { links: [{ rel: 'self', href: `/v1/customer/disputes/${dispute.id}`, method: 'GET' }] } }
}

/** The seller gives in: all of the money goes back. */
export function acceptClaim(call: Call): Reply {
  const dispute = disputeToAnswer(call)
  if (textOf(call.body, 'accept_claim_type') !== 'REFUND') throw invalid('accept_claim_type')
  decideDispute(dispute, 'lost', call.emit)
  Object.assign(dispute.dispute_outcome as Json, { outcome_code: 'ACCEPTED' })
  return { status: 200, whole: true, body: { links: [{ rel: 'self', href: `/v1/customer/disputes/${dispute.id}`, method: 'GET' }] } }
}

export function decideDispute(dispute: Kept, outcome: 'won' | 'lost', emit: Emit): void {
  const amount = dispute.dispute_amount as WireMoney
  Object.assign(dispute, {
    status: 'RESOLVED', dispute_state: 'RESOLVED', dispute_outcome: outcome === 'won' ? { outcome_code: 'RESOLVED_SELLER_FAVOUR' } : { outcome_code: 'RESOLVED_BUYER_FAVOUR', ...(minorOf(amount) ? { amount_refunded: amount } : {}) },
    _won_at: outcome === 'won' ? clock.real().toISOString() : null,
  })
  emit('CUSTOMER.DISPUTE.RESOLVED', 'dispute', dispute)
}
