/** Invoices as the desk shows them. Everything here runs inside the tenant and gives plain data. */
import type { Paged } from '../../../shared/database/paging.js'
import { newPublicId } from '../../../shared/security/token.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { invoicePage, shownStatus, type InvoicePage } from '../../../tenant/billing/invoices/present-invoice.js'
import { shows, type Show } from '../../../tenant/billing/invoices/invoice-search.js'
import { restsOf } from '../../../tenant/billing/invoices/credit-notes/quote-credit-note.js'
import { openAttempts, returnableOn } from '../../../tenant/billing/invoices/void-invoice.js'
import type { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { Money } from '../../../shared/money/money.js'

export interface ListWish {
  show: Show
  text: string
  from: string
  until: string
}
const columns = [['number', 'Number', false], ['issued', 'Issued', false], ['due', 'Due', false], ['total', 'Total', true]] as const

/** The wish as it stands in the address bar. */
export function wishQuery(wish: ListWish, more: Record<string, string> = {}): string {
  const kept = {
    ...(wish.show === 'all' ? {} : { show: wish.show }), ...(wish.text ? { q: wish.text } : {}), ...(wish.from ? { from: wish.from } : {}),
    ...(wish.until ? { until: wish.until } : {}), ...more,
  }
  const query = new URLSearchParams(kept).toString()
  return query ? `?${query}` : ''
}

export async function listView(paged: Paged<Invoice>, wish: ListWish, base: string, now: Date): Promise<object> {
  const here = `${base}/invoices`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    ...wish, rows: await rowsOf(paged.rows, now), filtered: wish.show !== 'all' || Boolean(wish.text || wish.from || wish.until),
    formKey: newPublicId(),
    chips: (Object.keys(shows) as Show[]).map((show) => ({ href: `${here}${wishQuery({ ...wish, show })}`, label: shows[show], current: show === wish.show })),
    heads: columns.map(([name, label, num]) => ({
      label, num, href: `${here}${wishQuery(wish, { sort: name === paged.sort && !paged.descending ? `-${name}` : name })}`, sorted: name !== paged.sort ? 'none' : paged.descending ? 'descending' : 'ascending',
    })),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? `${here}${wishQuery(wish, { sort, page: String(paged.page - 1) })}` : null,
    nextHref: paged.page < paged.pages ? `${here}${wishQuery(wish, { sort, page: String(paged.page + 1) })}` : null,
    csvHref: `${here}.csv${wishQuery(wish, { sort })}`, jsonHref: `${here}.json${wishQuery(wish, { sort })}`,
  }
}

export interface DeskRow { publicId: string; number: string; customer: string; customerId: string; issuedAt: Date | null; dueAt: Date | null; total: Money; balance: Money; status: string }

export async function rowsOf(invoices: readonly Invoice[], now: Date): Promise<DeskRow[]> {
  const customers = new Map((await Customer.query().whereIn('id', invoices.map((i) => i.userId))).map((c) => [c.id, c]))
  return invoices.map((i) => ({
    publicId: i.publicId, number: i.label, customer: customers.get(i.userId)?.company ?? customers.get(i.userId)?.name ?? '',
    customerId: customers.get(i.userId)?.publicId ?? '', issuedAt: i.issuedAt, dueAt: i.dueAt,
    total: i.total, balance: i.balance, status: shownStatus(i, now),
  }))
}

export interface DetailView extends InvoicePage {
  customer: { name: string; email: string; publicId: string }
  can: { send: boolean; void: boolean; reissue: boolean; writeOff: boolean; credit: boolean }
  whyNotVoid: string | null
  closingReason: string | null
  collectAt: Date | null
  formKey: string
}

/** `manages`: whoever looks may also act. */
export async function detailView(invoice: Invoice, manages: boolean, now: Date): Promise<DetailView> {
  const customer = await Customer.findOwned<Customer>({ id: invoice.userId })
  const attempts = await openAttempts(invoice)
  const notVoid = invoice.refusalToVoid(attempts, await returnableOn(invoice))
  const rest = (await restsOf(invoice)).some((r) => r.rest.totalMinor > 0)
  const issued = invoice.issuedAt !== null
  return {
    ...await invoicePage(invoice, now), customer: { name: customer.company ?? customer.name, email: customer.email, publicId: customer.publicId },
    formKey: newPublicId(), collectAt: invoice.status === 'open' ? invoice.collectAt : null,
    can: {
      send: issued && invoice.status !== 'void', void: manages && !notVoid, reissue: manages && issued && !notVoid,
      writeOff: manages && !invoice.refusalToWriteOff(attempts), credit: manages && !invoice.refusalToCredit() && rest,
    },
    whyNotVoid: invoice.status === 'open' ? notVoid?.message ?? null : null, closingReason: invoice.closingReason,
  }
}

/** The form of a credit note: what is left of each line. */
export async function noteFormView(invoice: Invoice): Promise<object> {
  const money = (minor: number): Money => Money.of(minor, invoice.currency)
  const lines = (await restsOf(invoice)).map(({ line, rest }) => ({
    id: line.id, field: `line_${line.id}`, description: line.description, whole: money(line.totalMinor), rest: money(Math.max(0, rest.totalMinor)), open: rest.totalMinor > 0,
  }))
  return {
    publicId: invoice.publicId, number: invoice.label, currency: invoice.currency, balance: invoice.balance, lines, formKey: newPublicId(),
    destinations: destinationsOf(invoice),
  }
}

function destinationsOf(invoice: Invoice): Array<{ value: string; label: string; text: string; disabled: boolean }> {
  const [open, covered] = [invoice.balance.isPositive(), invoice.totalMinor - invoice.balance.minor > 0]
  return [
    { value: 'invoice', label: 'Take it off this invoice', text: 'Less is left to pay.', disabled: !open },
    { value: 'balance', label: 'Give it as credit', text: 'It pays the customer’s next invoices.', disabled: !covered },
    { value: 'source', label: 'Send it back', text: 'The way it was paid.', disabled: !(invoice.paidMinor > 0) },
  ]
}
