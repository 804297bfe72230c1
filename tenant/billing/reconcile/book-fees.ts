/**
 * What a gateway keeps of a payment, refund or dispute is known only from its list of transactions. Each fee is booked once, as an expense against the gateway's
 * cash, so that the cash account says what the gateway really holds. Only of payments that are ours: two shops may share one account.
 */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { GatewayTransaction } from '../../../shared/payments/gateway-transactions.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'

interface PaymentRow { id: number; public_id: string; gateway_payment_id: string | null; currency: string }

/** Answers how many were new. A fee in another currency than its payment belongs to another balance of the gateway and is left to the comparison. Safe to repeat. */
export async function bookFees(gatewayAccountId: number, listed: readonly GatewayTransaction[]): Promise<number> {
  const paymentOf = await ownersOf(gatewayAccountId, listed)
  let booked = 0
  for (const fee of listed.filter((t) => t.feeMinor !== 0)) {
    const payment = paymentOf(fee)
    if (!payment || payment.currency !== fee.currency) continue
    booked += (await tenantTransaction((trx) => post(trx, {
      key: `gateway-fee:${gatewayAccountId}:${fee.id}`, description: 'Gateway fee', occurredAt: fee.at, currency: fee.currency,
      entries: [
        { account: accounts.fees(gatewayAccountId), amountMinor: fee.feeMinor, paymentId: payment.id }, { account: accounts.cash(gatewayAccountId), amountMinor: -fee.feeMinor, paymentId: payment.id },
      ],
    }))) ? 1 : 0
  }
  return booked
}

async function ownersOf(gatewayAccountId: number, listed: readonly GatewayTransaction[]): Promise<(t: GatewayTransaction) => PaymentRow | undefined> {
  const rows = await tenantDb()('payments').where({ gateway_account_id: gatewayAccountId, status: 'succeeded' })
    .where((q) => void q.whereIn('public_id', listed.map((t) => t.attempt ?? '')).orWhereIn('gateway_payment_id', listed.map((t) => t.paymentId ?? ''))).select<PaymentRow[]>('id', 'public_id', 'gateway_payment_id', 'currency')
  const [byAttempt, byPayment] = [new Map(rows.map((r) => [r.public_id, r])), new Map(rows.map((r) => [r.gateway_payment_id ?? '', r]))]
  return (t) => byAttempt.get(t.attempt ?? '') ?? (t.paymentId === null ? undefined : byPayment.get(t.paymentId))
}
