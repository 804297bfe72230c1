/** Disputes, opened by a card or a switch, decided by a switch. https://docs.stripe.com/api/disputes */
import { clock } from '../../time/clock.js'
import type { Call, Emit } from './call.js'
import type { Account } from './state.js'
import { allowOnly, boolOf, invalid, missing, textOf, type ApiObject, type Form } from './wire.js'

/** What may be said, and what of it is the id of an uploaded file. */
const texts = [
  'access_activity_log', 'billing_address', 'cancellation_policy_disclosure', 'cancellation_rebuttal', 'customer_email_address', 'customer_name', 'customer_purchase_ip', 'duplicate_charge_explanation', 'product_description',
  'refund_policy_disclosure', 'refund_refusal_explanation', 'service_date', 'uncategorized_text',
]
const files = ['cancellation_policy', 'customer_communication', 'receipt', 'refund_policy', 'service_documentation', 'uncategorized_file']
const MOST_TEXT = 150_000

/** What Stripe takes for a dispute, in minor units. */
const FEE = 1500
const DAY = 86_400

/** The money leaves at once, unless it is only an inquiry. */
export function openDispute(account: Account, intent: ApiObject, { reason = 'fraudulent', amount, inquiry = false }: { reason?: string; amount?: number; inquiry?: boolean }, emit: Emit): ApiObject {
  const charge = account.get('charge', String(intent.latest_charge))
  if (charge.status !== 'succeeded' || charge.disputed) throw invalid('This charge cannot be disputed.')
  const dispute = account.add('dispute', 'du', {
    amount: amount ?? intent.amount, currency: intent.currency, charge: charge.id, payment_intent: intent.id, reason, status: inquiry ? 'warning_needs_response' : 'needs_response', is_charge_refundable: inquiry, metadata: {},
    evidence_details: { due_by: Math.floor(clock.real().getTime() / 1000) + 8 * DAY, has_evidence: false, past_due: false, submission_count: 0 }, balance_transactions: [] as ApiObject[],
  })
  charge.disputed = true
  emit('charge.dispute.created', dispute)
  if (!inquiry) withdraw(account, dispute, emit)
  return dispute
}

function withdraw(account: Account, dispute: ApiObject, emit: Emit): void {
  move(account, dispute, -Number(dispute.amount), FEE)
  emit('charge.dispute.funds_withdrawn', dispute)
}

function move(account: Account, dispute: ApiObject, amount: number, fee: number): void {
  const made = account.add('balance_transaction', 'txn', {
    amount, fee, net: amount - fee, currency: dispute.currency, type: 'adjustment', reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal', source: dispute.id, status: 'available', available_on: dispute.created, fee_details: [],
  })
  ;(dispute.balance_transactions as ApiObject[]).push(made)
}

export function decideDispute(account: Account, dispute: ApiObject, outcome: 'won' | 'lost' | 'closed' | 'escalated', emit: Emit): void {
  if (outcome === 'escalated') {
    dispute.status = 'needs_response'
    emit('charge.dispute.updated', dispute)
    return withdraw(account, dispute, emit)
  }
  dispute.status = outcome === 'closed' ? 'warning_closed' : outcome
  if (outcome === 'won') {
    move(account, dispute, Number(dispute.amount), 0)
    emit('charge.dispute.funds_reinstated', dispute)
  }
  emit('charge.dispute.closed', dispute)
}

const asks = (dispute: ApiObject): boolean => String(dispute.status).endsWith('needs_response')
const detailsOf = (dispute: ApiObject): { due_by: number; has_evidence: boolean; past_due: boolean; submission_count: number } => dispute.evidence_details as never

/** The merchant's side. Without `submit=false` it goes to the bank at once, and that only while it is asked for. */
export function updateDispute({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, ['evidence', 'submit', 'metadata'])
  const dispute = account.get('dispute', ids[0] ?? '')
  const details = detailsOf(dispute)
  if (!asks(dispute) || details.due_by * 1000 <= clock.real().getTime()) throw invalid('This dispute can no longer be updated: it is closed, under review or past its deadline.')
  dispute.evidence = { ...(dispute.evidence as object | undefined), ...evidenceIn(account, form) }
  details.has_evidence = true
  if (textOf(form, 'submit') !== undefined && !boolOf(form, 'submit')) return dispute
  details.submission_count += 1
  dispute.status = String(dispute.status).replace('needs_response', 'under_review')
  emit('charge.dispute.updated', dispute)
  return dispute
}

function evidenceIn(account: Account, form: Form): Record<string, string> {
  const given = typeof form.evidence === 'object' ? form.evidence : {}
  const said = Object.fromEntries(Object.keys(given).map((name) => [name, textOf(given, name) ?? '']))
  const stranger = Object.keys(said).find((name) => !texts.includes(name) && !files.includes(name))
  if (stranger) throw invalid(`Received unknown parameter: evidence[${stranger}]`, `evidence[${stranger}]`, 'parameter_unknown')
  if (Object.values(said).join('').length > MOST_TEXT) throw invalid('The combined character count of evidence is over the limit.', 'evidence')
  for (const name of files) if (said[name] && account.get('file', said[name], `evidence[${name}]`).purpose !== 'dispute_evidence') throw missing('file', said[name], `evidence[${name}]`)
  return said
}

/** The merchant gives in. */
export function acceptDispute({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, [])
  const dispute = account.get('dispute', ids[0] ?? '')
  if (!asks(dispute)) throw invalid('This dispute is closed or under review.')
  decideDispute(account, dispute, 'lost', emit)
  return dispute
}
