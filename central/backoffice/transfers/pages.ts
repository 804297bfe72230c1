/** What the desk sees of bank transfers. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { Money } from '../../../shared/money/money.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { partsOf } from '../../../tenant/billing/payments/payment-allocation.js'
import { BankTransfer, paymentsFrom, unmatchedOf } from '../../../tenant/billing/transfers/bank-transfer.js'
import { knownKeys } from '../../../tenant/billing/transfers/record-transfer.js'
import type { Statement } from '../../../tenant/billing/transfers/read-statement.js'
import { matchesFor, proposalsFrom } from '../../../tenant/billing/transfers/suggest-matches.js'

export const transferSorts = { sortable: { received: 'bank_transfers.received_on', amount: 'bank_transfers.amount_minor' }, default: '-received' } as const
export interface Wish { show: 'unmatched' | 'matched' | 'ignored' | 'all'; q?: string | undefined }
const chips = { unmatched: 'To match', matched: 'Matched', ignored: 'Set aside', all: 'All' } as const
const words = { unmatched: 'To match', partly: 'Partly matched', matched: 'Matched', ignored: 'Set aside' } as const

export function transfersQuery(wish: Wish) {
  const wanted = BankTransfer.query()
  if (wish.show !== 'all') void wanted.whereIn('status', wish.show === 'unmatched' ? ['unmatched', 'partly'] : [wish.show])
  if (wish.q) {
    const like = `%${wish.q.replace(/[%_\\]/g, '\\$&')}%`
    void wanted.where((any) => void any.where('payer', 'like', like).orWhere('reference', 'like', like))
  }
  return wanted
}

export async function listPage(wish: Wish, paging: Paging, base: string): Promise<object> {
  const paged = await applyPaging(transfersQuery(wish), paging)
  const here = (part: Record<string, string>): string => `${base}/transfers?${new URLSearchParams({ show: wish.show, ...(wish.q ? { q: wish.q } : {}), ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: paged.rows.map((t) => ({ ...shown(t), href: `${base}/transfers/${t.publicId}` })), chips: Object.entries(chips).map(([show, label]) => ({ label, href: here({ show }), current: show === wish.show })), input: wish,
    heads: Object.fromEntries((['received', 'amount'] as const).map((name) => [name, here({ sort: paged.sort === name && !paged.descending ? `-${name}` : name })])), summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    csvHref: `${base}/transfers.csv?${new URLSearchParams({ show: wish.show, ...(wish.q ? { q: wish.q } : {}) })}`,
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export const shown = (t: BankTransfer) => ({ publicId: t.publicId, receivedOn: t.receivedOn, amount: t.amount, payer: t.payer, reference: t.reference, status: t.status, word: words[t.status], note: t.note })

export async function detailPage(transfer: BankTransfer, base: string): Promise<object> {
  const left = await unmatchedOf(transfer)
  const payments = await paymentsFrom(transfer.id)
  const people = new Map((await Customer.query().whereIn('id', payments.map((p) => p.userId))).map((c) => [c.id, c]))
  const matched = await Promise.all(payments.map(async (p) => {
    const invoices = await Invoice.query().whereIn('id', (await partsOf(p.id)).map((x) => x.invoiceId))
    return { publicId: p.publicId, href: `${base}/payments/${p.publicId}`, customer: people.get(p.userId)?.email ?? '', amount: p.amount, what: invoices.map((i) => i.label).join(', ') || 'Credit', status: p.status, canUndo: p.status === 'succeeded', undoHref: `${base}/transfers/${transfer.publicId}/matches/${p.publicId}/undo` }
  }))
  const suggestions = proposalsFrom(left.isPositive() ? await matchesFor(transfer) : [], left).map((m) => ({
    publicId: m.invoice.publicId, label: m.invoice.label, href: `${base}/invoices/${m.invoice.publicId}`, customer: m.customer.name, email: m.customer.email, balance: m.invoice.balance, dueAt: m.invoice.dueAt, why: m.why, amount: m.amount.isZero() ? '' : m.amount.toString(),
  }))
  return { ...shown(transfer), left, open: left.isPositive() && transfer.status !== 'ignored', ignored: transfer.status === 'ignored', untouched: transfer.status === 'unmatched', matched, suggestions }
}

/** Lines of the CSV. `left`: what nobody has been credited with yet. */
export async function transferLines(transfers: readonly BankTransfer[]): Promise<object[]> {
  const matched = new Map<number, number>()
  for (const p of await Payment.query().whereIn('bankTransferId', transfers.map((t) => t.id)).where({ status: 'succeeded' })) matched.set(p.bankTransferId!, (matched.get(p.bankTransferId!) ?? 0) + p.amountMinor)
  return transfers.map((t) => ({
    received: t.receivedOn, transfer: t.publicId, payer: t.payer, reference: t.reference, amount: t.amount.toString(), left: Money.of(t.amountMinor - (matched.get(t.id) ?? 0), t.currency).toString(), currency: t.currency, state: words[t.status], note: t.note ?? '',
    recorded: t.createdAt.toISOString(),
  }))
}

/** What an import would do. */
export async function importPreview(statement: Statement, currency: string): Promise<object> {
  const known = await knownKeys(statement.lines.map((l) => l.key))
  const fresh = statement.lines.filter((l) => !known.has(l.key))
  return {
    lines: statement.lines.map((l) => ({ line: l.line, receivedOn: l.receivedOn, payer: l.payer, reference: l.reference, amount: Money.of(l.amountMinor, currency), known: known.has(l.key) })), skipped: statement.skipped, fresh: fresh.length,
    total: Money.sum(fresh.map((l) => Money.of(l.amountMinor, currency)), currency), nothing: fresh.length === 0,
  }
}
