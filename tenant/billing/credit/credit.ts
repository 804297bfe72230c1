/** Money of a customer that we hold: paid in by top-up, or given by staff. It is spent on invoices before any card is charged, and never goes below zero. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Money } from '../../../shared/money/money.js'
import { accounts } from '../ledger-accounts.js'
import { balanceOf } from '../ledger.js'

/** What the customer may still spend, as a positive amount. */
export async function creditBalance(userId: number, currency: string): Promise<Money> {
  return (await balanceOf(accounts.credit(userId), currency)).negate()
}

export interface CreditMove {
  readonly id: number
  readonly description: string
  readonly occurredAt: Date
  /** Positive: credit came in. Negative: it was spent. */
  readonly amountMinor: number
  readonly invoicePublicId: string | null
  readonly invoiceNumber: string | null
}

/** The latest moves of a customer's credit, newest first. */
export async function creditHistory(userId: number, currency: string, limit = 50): Promise<CreditMove[]> {
  const rows = await tenantDb()('ledger_entries as e').join('ledger_accounts as a', 'a.id', 'e.account_id').join('ledger_transactions as t', 't.id', 'e.transaction_id')
    .leftJoin('invoices as i', 'i.id', 'e.invoice_id').where({ 'a.code': accounts.credit(userId).code, 'a.currency': currency }).orderBy('e.id', 'desc').limit(limit)
    .select<Array<{ id: number; description: string; occurredAt: Date; amount: number; invoicePublicId: string | null; invoiceNumber: string | null }>>(
      'e.id', 't.description', 't.occurred_at as occurredAt', 'e.amount_minor as amount', 'i.public_id as invoicePublicId', 'i.number as invoiceNumber')
  return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: -amount }))
}
