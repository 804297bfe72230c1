/** What the desk sees of the ledger. */
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { dayAfter } from '../../../tenant/billing/dunning/schedule.js'
import { currenciesOf, customerEntries, trialBalance } from '../../../tenant/billing/ledger-report.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { shelfOf } from '../../../tenant/catalog/shelf.js'
import { serviceTypes } from '../../../tenant/catalog/product.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { dayStart } from '../payments/day-start.js'

/** The end of the day that was asked for; now and all that is booked otherwise. */
export const until = (day: string | undefined): Date => (day ? dayAfter(dayStart(day), 1, currentTenant().timeZone) : new Date(clock.now().getTime() + 1))
const words: Record<string, string> = {
  receivable: 'Owed by customers', credit: 'Credit of customers', cash: 'Cash', revenue: 'Revenue', tax: 'Tax to pay', discounts: 'Discounts', fees: 'Fees', refunds: 'Refunds', 'write-offs': 'Written off', disputes: 'Disputes', grants: 'Credit given away',
}

/** What follows the kind in the name of an account: the type of service as the shop calls it, a tax rate as it is. */
const detailOf = (row: { code: string; kind: string }): string => {
  const detail = row.code.slice(row.kind.length + 1)
  const type = serviceTypes.find((t) => t === detail || t.startsWith(`${detail}_`))
  return type ? shelfOf(type).title.toLowerCase() : detail.replaceAll('_', ' ')
}

/** Customers' accounts are added up; every other one stands by itself. */
export async function trialPage(day: string | undefined, base: string): Promise<object> {
  const rows = await trialBalance(until(day))
  const gateways = new Map((await GatewayAccount.query()).map((a) => [`cash:${a.id}`, a.label]))
  const lines = new Map<string, { label: string; balance: Money; accounts: number }>()
  for (const row of rows) {
    const key = `${row.balance.currency} ${row.userId === null ? row.code : row.kind}`
    const known = lines.get(key)
    const detail = row.code === 'cash:bank' ? 'bank account' : gateways.get(row.code) ?? (row.userId === null && row.code !== row.kind ? detailOf(row) : '')
    lines.set(key, { label: `${words[row.kind] ?? row.kind}${detail ? `: ${detail}` : ''}`, balance: known ? known.balance.add(row.balance) : row.balance, accounts: (known?.accounts ?? 0) + 1 })
  }
  const currencies = [...new Set(rows.map((r) => r.balance.currency))]
  const side = (minor: number, currency: string) => (minor > 0 ? Money.of(minor, currency) : null)
  return {
    day: day ?? '', csvHref: `${base}/ledger.csv${day ? `?day=${day}` : ''}`,
    books: currencies.map((currency) => {
      const mine = [...lines.values()].filter((l) => l.balance.currency === currency)
      const sum = Money.sum(mine.map((l) => l.balance), currency)
      const debits = Money.sum(mine.filter((l) => l.balance.isPositive()).map((l) => l.balance), currency)
      return { currency, balanced: sum.isZero(), debits, credits: debits.sub(sum), rows: mine.map((l) => ({ label: l.label, debit: side(l.balance.minor, currency), credit: side(-l.balance.minor, currency) })) }
    }),
  }
}

export async function customerPage(customer: Customer, wish: { day?: string | undefined; currency?: string | undefined }, base: string): Promise<object> {
  const currencies = await currenciesOf(customer.id)
  const currency = wish.currency ?? currencies[0] ?? customer.currency
  const entries = await customerEntries(customer.id, currency, until(wish.day))
  const href = (part: Record<string, string>): string => `${base}/ledger/customers/${customer.publicId}?${new URLSearchParams({ ...(wish.day ? { day: wish.day } : {}), currency, ...part })}`
  const last = entries.at(-1)?.balance ?? Money.zero(currency)
  return {
    customer: { name: customer.name, email: customer.email, href: `${base}/customers/${customer.publicId}`, publicId: customer.publicId }, day: wish.day ?? '', currency, csvHref: href({}).replace(`${customer.publicId}?`, `${customer.publicId}.csv?`),
    chips: currencies.length > 1 ? currencies.map((c) => ({ label: c, href: href({ currency: c }), current: c === currency })) : [], balance: last.isPositive() ? last : last.negate(), owes: last.isPositive(), holds: last.minor < 0, even: last.isZero(),
    entries: entries.reverse().map((e) => ({ at: e.at, text: e.text, key: e.key, account: e.account === 'owed' ? 'Owed' : 'Credit', amount: e.amount, balance: e.balance, href: e.invoicePublicId ? `${base}/invoices/${e.invoicePublicId}` : e.paymentPublicId ? `${base}/payments/${e.paymentPublicId}` : null, linkLabel: e.invoicePublicId ? 'Invoice' : 'Payment' })),
  }
}
