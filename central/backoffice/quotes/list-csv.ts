/** The list of quotes for a spreadsheet: three queries, however many. Runs inside the tenant. */
import { stringify } from 'csv-stringify/sync'
import { Money } from '../../../shared/money/money.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { discounted } from '../../../tenant/ordering/price-quote.js'
import { QuoteLine, type Quote } from '../../../tenant/ordering/quote.js'

/** Amounts are what the first invoice asks for, in the shop's way of showing tax and before any that is added: the tax is that of the day on which somebody accepts. */
export async function quotesCsv(quotes: readonly Quote[]): Promise<string> {
  const people = new Map((await Customer.query().whereIn('id', quotes.map((q) => q.userId))).map((c) => [c.id, c]))
  const lines = new Map<number, QuoteLine[]>()
  for (const line of await QuoteLine.query().whereIn('quoteId', quotes.map((q) => q.id))) lines.set(line.quoteId, [...lines.get(line.quoteId) ?? [], line])
  return stringify(quotes.map((q) => lineOf(q, people.get(q.userId), lines.get(q.id) ?? [])), { header: true, columns, record_delimiter: '\r\n', escape_formulas: true })
}

const columns = ['quote', 'customer', 'email', 'state', 'written', 'sent', 'valid_until', 'answered', 'subtotal', 'discount', 'amount', 'currency']

function lineOf(q: Quote, customer: Customer | undefined, lines: readonly QuoteLine[]): object {
  const parts = lines.flatMap((line) => [line.recurringMinor, line.setupMinor, line.amountMinor])
  const [full, asked] = [parts.reduce((sum, minor) => sum + minor, 0), parts.reduce((sum, minor) => sum + discounted(minor, q), 0)]
  const plain = (minor: number): string => Money.of(minor, q.currency).toString()
  return {
    quote: q.label, customer: customer?.name ?? '', email: customer?.email ?? '', state: q.status, written: q.createdAt.toISOString(), sent: q.sentAt?.toISOString() ?? '', valid_until: q.validUntil.toISOString(), answered: q.answeredAt?.toISOString() ?? '',
    subtotal: plain(full), discount: plain(full - asked), amount: plain(asked), currency: q.currency,
  }
}
