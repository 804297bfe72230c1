/**
 * Double entry, append only. Every business act posts one balanced transaction with a unique key; a second post of the same key does nothing, so verbs may
 * be repeated. Nothing here updates or deletes an entry: a correction is a new transaction. Cached balances are rows of `ledger_accounts`, changed under
 * row locks in ascending id; whoever also locks an invoice locks it first.
 */
import type { Knex } from 'knex'
import { Money } from '../../shared/money/money.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import type { LedgerAccount } from './ledger-accounts.js'

export interface Posting {
  /** Unique in the tenant: `invoice:123:finalised`, `payment:9:succeeded`. */
  readonly key: string
  readonly description: string
  readonly occurredAt: Date
  readonly currency: string
  /** Add up to zero; entries of amount 0 are left out. */
  readonly entries: ReadonlyArray<{ account: LedgerAccount; amountMinor: number; invoiceId?: number | null; paymentId?: number | null }>
}

/** Books the act; false when this key was booked before (then nothing changes). Throws RangeError when the entries do not balance. */
export async function post(trx: Knex.Transaction, posting: Posting): Promise<boolean> {
  const entries = posting.entries.filter((e) => e.amountMinor !== 0)
  const sum = Money.sum(entries.map((e) => Money.of(e.amountMinor, posting.currency)), posting.currency)
  if (!sum.isZero()) throw new RangeError(`Ledger transaction ${posting.key} is off balance by ${sum.toString()} ${posting.currency}.`)
  const transactionId = await claimKey(trx, posting)
  if (transactionId === null) return false
  const ids = await accountIds(trx, entries.map((e) => e.account), posting.currency)
  const changes = new Map<number, number>()
  for (const e of entries) changes.set(ids.get(e.account.code)!, (changes.get(ids.get(e.account.code)!) ?? 0) + e.amountMinor)
  for (const [id, change] of [...changes].sort(([a], [b]) => a - b)) await trx('ledger_accounts').where({ id }).increment('balance_minor', change)
  if (!entries.length) return true
  await trx('ledger_entries').insert(entries.map((e) => ({
    transaction_id: transactionId, account_id: ids.get(e.account.code)!, amount_minor: e.amountMinor, invoice_id: e.invoiceId ?? null, payment_id: e.paymentId ?? null,
  })))
  return true
}

/** Locks the accounts (ascending id) until the transaction ends and returns their balances as they are now, by code. */
export async function lockBalances(trx: Knex.Transaction, wanted: readonly LedgerAccount[], currency: string): Promise<Map<string, Money>> {
  const ids = [...(await accountIds(trx, wanted, currency)).values()].sort((a, b) => a - b)
  const balances = new Map<string, Money>()
  for (const id of ids) {
    const row = await trx('ledger_accounts').where({ id }).forUpdate().first<{ code: string; balance_minor: number }>('code', 'balance_minor')
    balances.set(row.code, Money.of(row.balance_minor, currency))
  }
  return balances
}

/** The cached balance; zero for an account that nothing was posted to. */
export async function balanceOf(account: LedgerAccount, currency: string): Promise<Money> {
  const row = await tenantDb()('ledger_accounts').where({ code: account.code, currency }).first<{ balance_minor: number } | undefined>('balance_minor')
  return Money.of(row?.balance_minor ?? 0, currency)
}

/** What the balance was just before `instant`, added up from the entries. */
export async function balanceAt(account: LedgerAccount, currency: string, instant: Date): Promise<Money> {
  const row = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id')
    .where({ 'a.code': account.code, 'a.currency': currency }).where('t.occurred_at', '<', instant).sum({ sum: 'e.amount_minor' }).first<{ sum: string | number | null }>()
  return Money.of(BigInt(row.sum ?? 0), currency)
}

async function claimKey(trx: Knex.Transaction, posting: Posting): Promise<number | null> {
  try {
    const [id] = await trx('ledger_transactions').insert({ business_key: posting.key, description: posting.description.slice(0, 255), occurred_at: posting.occurredAt, created_at: clock.now() })
    return id!
  } catch (error) {
    if ((error as { errno?: number }).errno === 1062) return null
    throw error
  }
}

/** Ids by code; accounts that do not exist yet are made. */
async function accountIds(trx: Knex.Transaction, wanted: readonly LedgerAccount[], currency: string): Promise<Map<string, number>> {
  const byCode = new Map(wanted.map((a) => [a.code, a]))
  const find = async () => new Map((await trx('ledger_accounts').whereIn('code', [...byCode.keys()]).where({ currency }).select<Array<{ id: number; code: string }>>('id', 'code')).map((r) => [r.code, r.id]))
  const found = await find()
  const missing = [...byCode.values()].filter((a) => !found.has(a.code)).sort((a, b) => (a.code < b.code ? -1 : 1))
  if (!missing.length) return found
  const rows = missing.map((a) => ({ code: a.code, kind: a.kind, user_id: a.userId, currency, balance_minor: 0, created_at: clock.now() }))
  await trx('ledger_accounts').insert(rows).onConflict(['code', 'currency']).ignore()
  return find()
}
