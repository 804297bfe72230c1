/** What of a payment the gateway holds because the customer disputes it. */
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { Money } from '../../../../shared/money/money.js'
import { accounts } from '../../ledger-accounts.js'
import type { Payment } from '../payment.js'

/** From the books: whatever a dispute took out of cash and did not bring back. */
export async function disputedOf(payment: Payment): Promise<Money> {
  const row = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id')
    .where({ 'e.payment_id': payment.id, 'a.code': accounts.cash(payment.gatewayAccountId).code }).where('t.business_key', 'like', 'dispute:%').sum({ sum: 'e.amount_minor' }).first<{ sum: string | number | null }>()
  const gone = Money.of(BigInt(row.sum ?? 0), payment.currency).negate()
  return gone.isPositive() ? gone : Money.zero(payment.currency)
}
