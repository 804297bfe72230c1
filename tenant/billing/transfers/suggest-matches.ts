/** Whose money is this? Open invoices that fit a transfer, the best first: by number in the reference, by amount, by name. Pure but for the look-up. */
import { Money } from '../../../shared/money/money.js'
import { Customer } from '../../customers/customer.js'
import { Invoice } from '../invoices/invoice.js'
import type { BankTransfer } from './bank-transfer.js'

export interface Candidate {
  readonly invoiceId: number
  readonly label: string
  readonly balanceMinor: number
  readonly names: readonly string[]
}
export interface Suggestion {
  readonly invoiceId: number
  readonly score: number
  /** For people: `Number in the reference, same amount`. */
  readonly why: string
}

const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')

/** Best first; nothing for those that share no trait with the transfer. */
export function suggest(transfer: Pick<BankTransfer, 'amountMinor' | 'payer' | 'reference'>, candidates: readonly Candidate[]): Suggestion[] {
  const [reference, payer] = [plain(transfer.reference), plain(transfer.payer)]
  const scored = candidates.map((c) => {
    const byNumber = plain(c.label).length >= 4 && reference.includes(plain(c.label))
    const byAmount = c.balanceMinor === transfer.amountMinor
    const byName = payer.length >= 4 && c.names.some((name) => plain(name).length >= 4 && (payer.includes(plain(name)) || plain(name).includes(payer)))
    const why = [byNumber && 'number in the reference', byAmount && 'same amount', byName && 'same name'].filter(Boolean).join(', ')
    return { invoiceId: c.invoiceId, score: (byNumber ? 4 : 0) + (byAmount ? 2 : 0) + (byName ? 1 : 0), why: why.charAt(0).toUpperCase() + why.slice(1) }
  })
  return scored.filter((s) => s.score > 0).sort((a, b) => b.score - a.score || a.invoiceId - b.invoiceId)
}

export interface ShownMatch extends Suggestion {
  readonly invoice: Invoice
  readonly customer: Customer
}

export interface OpenInvoices { readonly invoices: readonly Invoice[]; readonly customers: ReadonlyMap<number, Customer> }

/** All that a transfer in this currency may pay: looked up once where many transfers are compared. */
export async function openInvoicesIn(currency: string): Promise<OpenInvoices> {
  const invoices = await Invoice.query().where({ currency }).whereIn('status', ['open', 'uncollectible']).orderBy('id').limit(5000)
  return { invoices, customers: new Map((await Customer.query().whereIn('id', [...new Set(invoices.map((i) => i.userId))])).map((c) => [c.id, c])) }
}

/** Among the shop's open invoices in this currency. */
export async function matchesFor(transfer: BankTransfer, open?: OpenInvoices, most = 10): Promise<ShownMatch[]> {
  const { invoices, customers } = open ?? (await openInvoicesIn(transfer.currency))
  const candidates = invoices.map((i) => ({ invoiceId: i.id, label: i.label, balanceMinor: i.balance.minor, names: [customers.get(i.userId)?.name ?? '', customers.get(i.userId)?.company ?? ''] }))
  const byId = new Map(invoices.map((i) => [i.id, i]))
  return suggest(transfer, candidates).slice(0, most).map((s) => ({ ...s, invoice: byId.get(s.invoiceId)!, customer: customers.get(byId.get(s.invoiceId)!.userId)! }))
}

/** The number of the invoice stands in the reference. */
export const isStrong = ({ score }: Suggestion): boolean => score >= 4

export interface Proposal extends ShownMatch {
  /** To be laid on the invoice; zero: shown, but not proposed. */
  readonly amount: Money
}

/** Lays what is left of the transfer on the strong ones, the best first: what the invoice wants, at most what is left. Pure. */
export function proposalsFrom(matches: readonly ShownMatch[], left: Money): Proposal[] {
  let rest = left
  return matches.map((match) => {
    const amount = isStrong(match) && rest.isPositive() ? match.invoice.balance.min(rest) : Money.zero(left.currency)
    rest = rest.sub(amount)
    return { ...match, amount }
  })
}
