/**
 * A customer's account over some time: what they owed before, every act that changed it, what they owe after. Read from the ledger (receivable and credit
 * together), so it closes to the cent. Acts that only move money between the two, like credit spent on an invoice, change nothing and are left out.
 */
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { Money } from '../../../../shared/money/money.js'
import type { Span } from '../../../../shared/time/period.js'
import { accounts } from '../../ledger-accounts.js'
import { balanceAt } from '../../ledger.js'
import { CreditNote } from '../credit-notes/credit-note.js'

export interface StatementEntry {
  readonly at: Date
  readonly text: string
  readonly document: string | null
  readonly href: string | null
  /** Positive: the customer owes more. */
  readonly amount: Money
  /** After this act. */
  readonly balance: Money
}
export interface Statement {
  readonly span: Span
  readonly currency: string
  /** Positive: the customer owed us. Negative: we held their credit. */
  readonly opening: Money
  readonly entries: readonly StatementEntry[]
  readonly closing: Money
  readonly charged: Money
  /** Zero or below. */
  readonly reduced: Money
}

interface Row { id: number; key: string; at: Date; description: string; sum: string | number; invoice: string | null; publicId: string | null }

export async function statementOf(userId: number, currency: string, span: Span): Promise<Statement> {
  const opening = (await balanceAt(accounts.receivable(userId), currency, span.start)).add(await balanceAt(accounts.credit(userId), currency, span.start))
  let balance = opening
  const rows = await rowsOf(userId, currency, span)
  const notes = await notesOf(rows)
  const entries = rows.map((row): StatementEntry => {
    const amount = Money.of(BigInt(row.sum), currency)
    balance = balance.add(amount)
    const note = notes.get(row.key)
    const document = note ? { document: note.label, href: `/credit-notes/${note.publicId}` } : {
      document: row.invoice, href: row.publicId && `/invoices/${row.publicId}`,
    }
    return { at: row.at, text: row.description, ...document, amount, balance }
  })
  const sum = (wanted: (amount: Money) => boolean): Money => Money.sum(entries.map((e) => e.amount).filter(wanted), currency)
  return { span, currency, opening, entries, closing: balance, charged: sum((a) => a.isPositive()), reduced: sum((a) => !a.isPositive()) }
}

/** One row an act; the document is the newest invoice that it names. */
async function rowsOf(userId: number, currency: string, span: Span): Promise<Row[]> {
  const codes = [accounts.receivable(userId).code, accounts.credit(userId).code]
  return (await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id').leftJoin('invoices as i', 'i.id', 'e.invoice_id')
    .whereIn('a.code', codes).where('a.currency', currency).where('t.occurred_at', '>=', span.start).where('t.occurred_at', '<', span.end).groupBy('t.id', 't.business_key', 't.occurred_at', 't.description').havingRaw('sum(e.amount_minor) <> 0')
    .orderBy('t.occurred_at').orderBy('t.id').select('t.id', 't.business_key as key', 't.occurred_at as at', 't.description').sum({ sum: 'e.amount_minor' })
    .max({ invoice: tenantDb().raw('coalesce(i.number, i.proforma_number)') }).max({ publicId: 'i.public_id' })) as Row[]
}

/** Credit notes by the business key under which they were booked. */
async function notesOf(rows: readonly Row[]): Promise<Map<string, CreditNote>> {
  const ids = rows.flatMap((row) => /^credit-note:(\d+):issued$/.exec(row.key)?.[1] ?? [])
  const notes = ids.length ? await CreditNote.query().whereIn('id', ids) : []
  return new Map(notes.map((note) => [`credit-note:${note.id}:issued`, note]))
}

/** Currencies in which this customer has an account; their own first. */
export async function currenciesOf(userId: number, own: string): Promise<string[]> {
  const known = (await tenantDb()('ledger_accounts').where({ user_id: userId }).distinct().pluck('currency')) as string[]
  return [...new Set([own, ...known.sort()])]
}
