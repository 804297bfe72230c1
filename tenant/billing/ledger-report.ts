/** The ledger for people: what every account stood at on a day, and a customer's entries with the balance after each. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Money } from '../../shared/money/money.js'
import { accounts } from './ledger-accounts.js'

export interface TrialRow {
  readonly code: string
  readonly kind: string
  readonly userId: number | null
  /** Positive: debit. Negative: credit. */
  readonly balance: Money
}

/** Balances just before `instant`, added up from the entries; accounts at zero are left out. They add up to nothing, currency by currency. */
export async function trialBalance(instant: Date): Promise<TrialRow[]> {
  const rows = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id').where('t.occurred_at', '<', instant)
    .groupBy('a.id', 'a.code', 'a.kind', 'a.user_id', 'a.currency').havingRaw('sum(e.amount_minor) <> 0').orderBy(['a.currency', 'a.kind', 'a.code'])
    .select<Array<{ code: string; kind: string; user_id: number | null; currency: string; sum: string | number }>>('a.code', 'a.kind', 'a.user_id', 'a.currency', tenantDb().raw('sum(e.amount_minor) as sum'))
  return rows.map((r) => ({ code: r.code, kind: r.kind, userId: r.user_id, balance: Money.of(BigInt(r.sum), r.currency) }))
}

export interface AccountEntry {
  readonly id: number
  readonly at: Date
  readonly key: string
  readonly text: string
  readonly account: 'owed' | 'credit'
  readonly amount: Money
  /** What the customer owes, less their credit, after this entry. */
  readonly balance: Money
  readonly invoicePublicId: string | null
  readonly paymentPublicId: string | null
}

/** What a customer owes and holds in one currency: entries with `occurred_at` < instant, the oldest first, each with the balance after it. */
export async function customerEntries(userId: number, currency: string, instant: Date): Promise<AccountEntry[]> {
  const [owed, credit] = [accounts.receivable(userId).code, accounts.credit(userId).code]
  const rows = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id').leftJoin('invoices as i', 'i.id', 'e.invoice_id').leftJoin('payments as p', 'p.id', 'e.payment_id')
    .whereIn('a.code', [owed, credit]).where('a.currency', currency).where('t.occurred_at', '<', instant).orderBy(['t.occurred_at', 'e.id'])
    .select<Array<{ id: number; at: Date; key: string; text: string; code: string; amount: number; invoice: string | null; payment: string | null }>>(
      'e.id', 't.occurred_at as at', 't.business_key as key', 't.description as text', 'a.code', 'e.amount_minor as amount', 'i.public_id as invoice', 'p.public_id as payment')
  let balance = Money.zero(currency)
  return rows.map((r) => {
    balance = balance.add(Money.of(r.amount, currency))
    return { id: r.id, at: r.at, key: r.key, text: r.text, account: r.code === owed ? 'owed' : 'credit', amount: Money.of(r.amount, currency), balance, invoicePublicId: r.invoice, paymentPublicId: r.payment }
  })
}

/** Currencies in which the customer has an account. */
export async function currenciesOf(userId: number): Promise<string[]> {
  return (await tenantDb()('ledger_accounts').where({ user_id: userId }).distinct('currency').orderBy('currency').pluck('currency')) as string[]
}
