/** Disputes, opened by a card or a switch, decided by a switch. https://docs.stripe.com/api/disputes */
import type { Call, Emit } from './call.js'
import type { Account } from './state.js'
import { allowOnly, invalid, type ApiObject } from './wire.js'

/** What Stripe takes for a dispute, in minor units. */
const FEE = 1500
const DAY = 86_400

/** The money leaves at once, unless it is only an inquiry. */
export function openDispute(account: Account, intent: ApiObject, { reason = 'fraudulent', amount, inquiry = false }: { reason?: string; amount?: number; inquiry?: boolean }, emit: Emit): ApiObject {
  const charge = account.get('charge', String(intent.latest_charge))
  if (charge.status !== 'succeeded' || charge.disputed) throw invalid('This charge cannot be disputed.')
  const dispute = account.add('dispute', 'du', {
    amount: amount ?? intent.amount, currency: intent.currency, charge: charge.id, payment_intent: intent.id, reason, status: inquiry ? 'warning_needs_response' : 'needs_response', is_charge_refundable: inquiry, metadata: {},
    evidence_details: { due_by: charge.created + 8 * DAY, has_evidence: false, past_due: false, submission_count: 0 }, balance_transactions: [] as ApiObject[],
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

/** The merchant gives in. */
export function acceptDispute({ account, form, ids, emit }: Call): ApiObject {
  allowOnly(form, [])
  const dispute = account.get('dispute', ids[0] ?? '')
  decideDispute(account, dispute, 'lost', emit)
  return dispute
}
