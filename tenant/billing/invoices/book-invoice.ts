/** What an invoice means in the ledger: the customer owes the total; revenue by service type, discounts and tax by rate are where it comes from. */
import type { Knex } from 'knex'
import { accounts, type LedgerAccount } from '../ledger-accounts.js'
import { lockBalances, post } from '../ledger.js'
import type { LineTax } from '../charges/charge.js'
import type { InvoiceLine } from './invoice-line.js'
import type { Invoice } from './invoice.js'

export interface Entry {
  readonly account: LedgerAccount
  readonly amountMinor: number
  readonly invoiceId: number
}

/** Books the issue of an open invoice; once. Locks the customer's balances for what follows in the transaction. */
export async function bookInvoice(trx: Knex.Transaction, invoice: Invoice, lines: readonly InvoiceLine[], now: Date): Promise<void> {
  const entries = invoiceEntries(invoice, lines)
  await lockBalances(trx, [accounts.receivable(invoice.userId), accounts.credit(invoice.userId), ...entries.map((e) => e.account)], invoice.currency)
  await post(trx, { key: `invoice:${invoice.id}:finalised`, description: 'Invoice issued', occurredAt: now, currency: invoice.currency, entries })
}

/** Takes the issue back; once. */
export async function unbookInvoice(trx: Knex.Transaction, invoice: Invoice, lines: readonly InvoiceLine[], now: Date): Promise<void> {
  const entries = invoiceEntries(invoice, lines).map((e) => ({ ...e, amountMinor: -e.amountMinor }))
  await post(trx, { key: `invoice:${invoice.id}:voided`, description: 'Invoice voided', occurredAt: now, currency: invoice.currency, entries })
}

/** Pure. One entry an account. Adds up to zero because the total is the sum of net and tax. */
export function invoiceEntries(invoice: Invoice, lines: readonly InvoiceLine[]): Entry[] {
  const earned = lines.map((l) => ({ account: accounts.revenue(l.detail.serviceType ?? 'other'), amountMinor: -(l.netMinor + l.discountMinor) }))
  const taxes = lines.flatMap((l) => taxEntries(l.taxMinor, l.detail.taxes ?? [])).map((t) => ({ ...t, amountMinor: -t.amountMinor }))
  const given = { account: accounts.discounts(), amountMinor: lines.reduce((sum, l) => sum + l.discountMinor, 0) }
  return merged([{ account: accounts.receivable(invoice.userId), amountMinor: invoice.totalMinor }, ...earned, given, ...taxes], invoice.id)
}

/** Tax by rate; what no rate explains stands under `standard`. */
export function taxEntries(taxMinor: number, taxes: readonly LineTax[]): Array<{ account: LedgerAccount; amountMinor: number }> {
  const rest = taxMinor - taxes.reduce((sum, t) => sum + t.amountMinor, 0)
  return [...taxes.map((t) => ({ account: accounts.tax(t.code), amountMinor: t.amountMinor })), { account: accounts.tax('standard'), amountMinor: rest }]
}

export function merged(entries: ReadonlyArray<{ account: LedgerAccount; amountMinor: number }>, invoiceId: number): Entry[] {
  const byCode = new Map<string, Entry>()
  for (const { account, amountMinor } of entries) byCode.set(account.code, { account, invoiceId, amountMinor: amountMinor + (byCode.get(account.code)?.amountMinor ?? 0) })
  return [...byCode.values()].filter((e) => e.amountMinor !== 0)
}
