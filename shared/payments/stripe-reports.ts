/** Stripe's disputes, and the movements of an account's balance. https://docs.stripe.com/api/balance_transactions */
import type Stripe from 'stripe'
import { fromGatewayAmount } from '../money/currency.js'
import type { GatewayDispute } from './gateway-disputes.js'
import type { GatewayTransaction } from './gateway-transactions.js'
import { idOf } from './stripe-answers.js'

/** What is not listed is still being argued about: the money is away. */
const states: Readonly<Record<string, GatewayDispute['status']>> = {
  warning_needs_response: 'inquiry', warning_under_review: 'inquiry', warning_closed: 'closed', prevented: 'closed', won: 'won', lost: 'lost',
}

/** Expects `payment_intent` to be expanded: our marks stand there. */
export function disputeFrom(dispute: Stripe.Dispute): GatewayDispute {
  const currency = dispute.currency.toUpperCase()
  const intent = typeof dispute.payment_intent === 'object' ? dispute.payment_intent : null
  const due = dispute.evidence_details.due_by
  return {
    id: dispute.id, status: states[dispute.status] ?? 'open', amountMinor: fromGatewayAmount(dispute.amount, currency, 'stripe'), currency, reason: dispute.reason, paymentId: idOf(dispute.payment_intent),
    attempt: intent?.metadata.attempt ?? null, tenant: intent?.metadata.tenant ?? null, respondBy: due ? new Date(due * 1000) : null,
  }
}

const kinds: Readonly<Record<string, GatewayTransaction['kind']>> = {
  charge: 'charge', payment: 'charge', refund: 'refund', payment_refund: 'refund', refund_failure: 'refund-failure', payment_failure_refund: 'refund-failure',
}

export async function stripeTransactions(stripe: Stripe, { since, until }: { since: Date; until: Date }): Promise<GatewayTransaction[]> {
  const created = { gte: Math.ceil(since.getTime() / 1000), lt: Math.ceil(until.getTime() / 1000) }
  const found: GatewayTransaction[] = []
  for await (const entry of stripe.balanceTransactions.list({ created, limit: 100, expand: ['data.source'] })) found.push(transactionFrom(entry))
  return found.reverse()
}

function transactionFrom(entry: Stripe.BalanceTransaction): GatewayTransaction {
  const currency = entry.currency.toUpperCase()
  const source = typeof entry.source === 'object' ? (entry.source as { id?: string; object?: string; payment_intent?: string | { id: string } | null; metadata?: Record<string, string> } | null) : null
  const disputed = entry.type === 'adjustment' && source?.object === 'dispute'
  const kind = disputed ? (entry.amount < 0 ? 'dispute' : 'dispute-reversal') : (kinds[entry.type] ?? 'other')
  return {
    id: entry.id, kind, amountMinor: fromGatewayAmount(entry.amount, currency, 'stripe'), feeMinor: fromGatewayAmount(entry.fee, currency, 'stripe'), currency, at: new Date(entry.created * 1000),
    paymentId: idOf(source?.payment_intent), attempt: source?.metadata?.attempt ?? null, tenant: source?.metadata?.tenant ?? null, sourceId: kind === 'charge' ? null : (source?.id ?? idOf(entry.source as string | null)),
  }
}
