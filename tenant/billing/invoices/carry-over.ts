/**
 * Invoices too small for any card: what is left to pay on them moves onto the customer's next invoice, as "carried over" beneath its total. Totals stay what was
 * sold; `credited_minor` of the old invoice grows by what that of the new one shrinks, so such moves add up to nothing. The ledger remembers who took whom over.
 * When the new one is voided, what it took over is owed on the old ones again.
 */
import type { Knex } from 'knex'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { Invoice } from './invoice.js'
import { reduceBalance } from './settle-invoice-payment.js'

/**
 * The customer's open invoices that are too small; they stay locked until the transaction ends. Ask before the new invoice is open and before the ledger is locked.
 * They are looked for without a lock: a locking search also waits for invoices that others are issuing at this moment, and they for us.
 */
export async function smallInvoices(trx: Knex.Transaction, userId: number, currency: string): Promise<Invoice[]> {
  const found = (await Invoice.query().where({ userId, currency, status: 'open' })).filter((invoice) => invoice.waitsForNext)
  if (!found.length) return []
  const locked = await Invoice.query().whereIn('id', found.map((i) => i.id)).orderBy('id').forUpdate()
  const small = locked.filter((invoice) => invoice.status === 'open' && invoice.waitsForNext)
  const busy = new Set((await trx('payment_allocations').whereIn('open_invoice_id', small.map((i) => i.id)).pluck('open_invoice_id')) as number[])
  return small.filter((invoice) => !busy.has(invoice.id))
}

/** Moves the balances of `small` onto an invoice that is open; otherwise leaves them. */
export async function carryOver(trx: Knex.Transaction, small: readonly Invoice[], onto: Invoice, now: Date): Promise<void> {
  if (onto.status !== 'open') return
  for (const old of small) {
    const amount = old.balance.minor
    const receivable = accounts.receivable(onto.userId)
    await post(trx, {
      key: `carried:${old.id}:${onto.id}`, description: 'Carried over to the next invoice', occurredAt: now, currency: onto.currency,
      entries: [{ account: receivable, amountMinor: amount, invoiceId: onto.id }, { account: receivable, amountMinor: -amount, invoiceId: old.id }],
    })
    await reduceBalance(trx, onto, { creditedMinor: onto.creditedMinor - amount }, now)
    await reduceBalance(trx, old, { creditedMinor: old.creditedMinor + amount }, now)
  }
}

interface Taken { readonly id: number; readonly amountMinor: number }

/** What an invoice has taken over and still holds. */
async function takenOver(invoice: Pick<Invoice, 'id'>): Promise<Taken[]> {
  const rows = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').where('e.invoice_id', invoice.id).where('e.amount_minor', '>', 0)
    .where('t.business_key', 'like', `carried:%:${invoice.id}`).orderBy('e.id').select<Array<{ business_key: string; amount_minor: number }>>('t.business_key', 'e.amount_minor')
  return rows.map((row) => ({ id: Number(row.business_key.split(':')[1]), amountMinor: row.amount_minor }))
}

/** Minor units that it has taken over. */
export const carriedOnto = async (invoice: Pick<Invoice, 'id'>): Promise<number> => (await takenOver(invoice)).reduce((sum, taken) => sum + taken.amountMinor, 0)

/** With the voiding of `onto`: what it took over is owed on the old invoices again, and waits for the next one. */
export async function carryBack(trx: Knex.Transaction, onto: Invoice, now: Date): Promise<void> {
  const receivable = accounts.receivable(onto.userId)
  for (const { id, amountMinor } of await takenOver(onto)) {
    const old = await Invoice.query().findById(id).forUpdate().throwIfNotFound()
    await post(trx, {
      key: `carried-back:${old.id}:${onto.id}`, description: 'Carried back from a void invoice', occurredAt: now, currency: onto.currency,
      entries: [{ account: receivable, amountMinor: -amountMinor, invoiceId: onto.id }, { account: receivable, amountMinor, invoiceId: old.id }],
    })
    const creditedMinor = old.creditedMinor - amountMinor
    if (old.status === 'paid') await old.become('open', { creditedMinor, paidAt: null })
    else await old.$query().patch({ creditedMinor })
    await record('invoice.reopened', old, { amountMinor, currency: old.currency }, { userId: old.userId })
  }
}

export interface Carried {
  /** Positive: came from that invoice. Negative: went to it. */
  readonly amount: Money
  readonly number: string
  readonly href: string
}

/** What an invoice took over, and where it went itself. */
export async function carriedOf(invoice: Invoice): Promise<Carried[]> {
  const all = await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').where('e.invoice_id', invoice.id)
    .where((q) => void q.where('t.business_key', 'like', 'carried:%').orWhere('t.business_key', 'like', 'carried-back:%')).orderBy('e.id')
    .select<Array<{ business_key: string; amount_minor: number }>>('t.business_key', 'e.amount_minor')
  const undone = new Set(all.map((row) => row.business_key.replace('carried-back:', 'carried:')).filter((key, i, keys) => keys.indexOf(key) !== i))
  const rows = all.filter((row) => row.business_key.startsWith('carried:') && !undone.has(row.business_key))
  const moves = rows.map((row) => ({ amount: Money.of(row.amount_minor, invoice.currency), other: Number(row.business_key.split(':')[row.amount_minor > 0 ? 1 : 2]) }))
  const others = new Map((await Invoice.query().whereIn('id', moves.map((m) => m.other))).map((i) => [i.id, i]))
  return moves.map(({ amount, other }) => ({ amount, number: others.get(other)?.number ?? '', href: `/invoices/${others.get(other)?.publicId ?? ''}` }))
}
