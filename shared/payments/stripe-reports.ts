/** The movements of an account's balance at Stripe. https://docs.stripe.com/api/balance_transactions */
import type Stripe from 'stripe'
import { fromGatewayAmount } from '../money/currency.js'
import type { GatewayTransaction } from './gateway-transactions.js'
import { idOf } from './stripe-answers.js'

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
