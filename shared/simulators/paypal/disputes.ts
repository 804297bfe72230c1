/** Disputes, opened and decided by a switch. https://developer.paypal.com/docs/api/customer-disputes/v1/ */
import { clock } from '../../time/clock.js'
import type { Call, Emit, Reply } from './call.js'
import type { Account, Kept } from './state.js'
import { minorOf, type WireMoney } from './wire.js'

export const listDisputes = ({ account }: Call): Reply => ({ status: 200, whole: true, body: { items: account.all('dispute') } })
export const readDispute = ({ account, ids }: Call): Reply => ({ status: 200, whole: true, body: account.get('dispute', ids[0] ?? '') })

/** The payer of a capture complains. `value`: a part of the amount; default: all of it. */
export function openDispute(account: Account, capture: Kept, { reason = 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED', value }: { reason?: string; value?: string }, emit: Emit): Kept {
  const paid = capture.amount as WireMoney
  const amount = { currency_code: paid.currency_code, value: value ?? paid.value }
  const id = `PP-D-${account.newId().slice(0, 9)}`
  const made = account.add('dispute', {
    dispute_id: id, reason, status: 'WAITING_FOR_SELLER_RESPONSE', dispute_state: 'REQUIRED_ACTION', dispute_life_cycle_stage: 'CHARGEBACK', dispute_amount: amount, seller_response_due_date: new Date(clock.real().getTime() + 10 * 86_400_000).toISOString(),
    disputed_transactions: [{ seller_transaction_id: capture.id, custom: capture.custom_id, invoice_number: capture.invoice_id, gross_amount: paid }], _capture: capture.id, _custom: capture.custom_id,
  }, id)
  emit('CUSTOMER.DISPUTE.CREATED', 'dispute', made)
  return made
}

export function decideDispute(dispute: Kept, outcome: 'won' | 'lost', emit: Emit): void {
  const amount = dispute.dispute_amount as WireMoney
  Object.assign(dispute, {
    status: 'RESOLVED', dispute_state: 'RESOLVED', dispute_outcome: outcome === 'won' ? { outcome_code: 'RESOLVED_SELLER_FAVOUR' } : { outcome_code: 'RESOLVED_BUYER_FAVOUR', ...(minorOf(amount) ? { amount_refunded: amount } : {}) },
    _won_at: outcome === 'won' ? clock.real().toISOString() : null,
  })
  emit('CUSTOMER.DISPUTE.RESOLVED', 'dispute', dispute)
}
