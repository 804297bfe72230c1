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

/** Among the shop's open invoices in this currency. */
export async function matchesFor(transfer: BankTransfer, most = 10): Promise<ShownMatch[]> {
  const invoices = await Invoice.query().where({ currency: transfer.currency }).whereIn('status', ['open', 'uncollectible']).orderBy('id').limit(5000)
  const customers = new Map((await Customer.query().whereIn('id', [...new Set(invoices.map((i) => i.userId))])).map((c) => [c.id, c]))
  const candidates = invoices.map((i) => ({ invoiceId: i.id, label: i.label, balanceMinor: i.balance.minor, names: [customers.get(i.userId)?.name ?? '', customers.get(i.userId)?.company ?? ''] }))
  const byId = new Map(invoices.map((i) => [i.id, i]))
  return suggest(transfer, candidates).slice(0, most).map((s) => ({ ...s, invoice: byId.get(s.invoiceId)!, customer: customers.get(byId.get(s.invoiceId)!.userId)! }))
}

/** The first part to propose: what the invoice wants, at most what is left of the transfer. */
export const proposed = (invoice: Invoice, left: Money): Money => invoice.balance.min(left)
