/** What lists and pages of invoices show. PDF and page are made from the same object, so they cannot disagree. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Paged } from '../../../shared/database/paging.js'
import { Money } from '../../../shared/money/money.js'
import { statusFacts } from '../../../shared/views/status.js'
import { openStatuses, Payment } from '../payments/payment.js'
import { InvoiceLine, type RunDetail } from './invoice-line.js'
import { carriedOf } from './carry-over.js'
import type { Buyer, Invoice, Seller } from './invoice.js'

/** The state in the vocabulary of the pages: `overdue` is open and late. */
export const shownStatus = (invoice: Invoice, now: Date): string => (invoice.isOverdue(now) ? 'overdue' : invoice.status)

export interface InvoiceRow {
  href: string
  number: string
  issuedAt: Date | null
  dueAt: Date | null
  total: Money
  balance: Money
  status: string
}
export interface InvoiceList {
  rows: InvoiceRow[]
  chips: Array<{ href: string; label: string; current: boolean }>
  heads: Array<{ label: string; href: string; sorted: 'ascending' | 'descending' | 'none'; num: boolean }>
  summary: string
  previousHref: string | null
  nextHref: string | null
  due: Money | null
  filtered: boolean
}

export const filters = { all: 'All', due: 'To pay', paid: 'Paid', void: 'Void' } as const
export type Filter = keyof typeof filters
const columns = [['number', 'Number', false], ['issued', 'Issued', false], ['due', 'Due', false], ['total', 'Total', true]] as const

export function invoiceList(paged: Paged<Invoice>, filter: Filter, due: Money | null, now: Date): InvoiceList {
  const here = (part: Record<string, string>) => `/invoices?${new URLSearchParams({ ...(filter === 'all' ? {} : { show: filter }), ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: paged.rows.map((i) => ({ href: `/invoices/${i.publicId}`, number: i.number ?? i.publicId, issuedAt: i.issuedAt, dueAt: i.dueAt, total: i.total, balance: i.balance, status: shownStatus(i, now) })),
    chips: (Object.keys(filters) as Filter[]).map((f) => ({ href: f === 'all' ? '/invoices' : `/invoices?show=${f}`, label: filters[f], current: f === filter })),
    heads: columns.map(([name, label, num]) => ({
      label, num, href: here({ sort: name === paged.sort && !paged.descending ? `-${name}` : name }), sorted: name !== paged.sort ? 'none' : paged.descending ? 'descending' : 'ascending',
    })),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null,
    nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
    due: due?.isPositive() ? due : null, filtered: filter !== 'all',
  }
}

export interface ShownRun {
  start: Date
  stop: Date | null
  minutes: number
  billedMinutes: number
}
export interface ShownLine {
  description: string
  amount: Money
  serviceHref: string | null
  serviceName: string | null
  rate: { micros: number; currency: string; per: 'hour' } | null
  runs: ShownRun[]
}
export interface InvoicePage {
  publicId: string
  number: string
  status: string
  statusWord: string
  isPaid: boolean
  isVoid: boolean
  issuedAt: Date | null
  dueAt: Date | null
  paidAt: Date | null
  periodStart: Date | null
  /** Last day of the period, for people: the end itself belongs to the next. */
  periodLast: Date | null
  seller: Seller | null
  buyer: Buyer | null
  lines: ShownLine[]
  tax: Money | null
  credited: Money | null
  /** Taken over from earlier invoices, or moved onto a later one: sums too small to be charged by themselves. */
  carried: Array<{ label: string; amount: Money; number: string; href: string }>
  paid: Money | null
  total: Money
  balance: Money
  hasRuns: boolean
  canPay: boolean
  /** A payment whose end is not known: "do not pay again". */
  checking: boolean
  payments: Array<{ at: Date; amount: Money; status: string; note: string | null }>
}

export async function invoicePage(invoice: Invoice, now: Date): Promise<InvoicePage> {
  const money = (minor: number) => Money.of(minor, invoice.currency)
  const lines = await shownLines(invoice)
  const payments = await Payment.query().where({ invoiceId: invoice.id }).orderBy('id')
  const status = shownStatus(invoice, now)
  const carried = await carriedOf(invoice)
  const fromCredit = carried.reduce((sum, c) => sum.add(c.amount), money(invoice.creditedMinor))
  const some = (minor: number) => (minor ? money(minor) : null)
  return {
    publicId: invoice.publicId, number: invoice.number ?? invoice.publicId, status, statusWord: statusFacts(status).word, isPaid: invoice.status === 'paid', isVoid: invoice.status === 'void',
    issuedAt: invoice.issuedAt, dueAt: invoice.dueAt, paidAt: invoice.paidAt, periodStart: invoice.periodStart, periodLast: invoice.periodEnd && new Date(invoice.periodEnd.getTime() - 1),
    seller: invoice.seller, buyer: invoice.buyer, lines, tax: some(invoice.taxMinor), credited: some(-fromCredit.minor), carried: carried.map((c) => ({ ...c, label: c.amount.isPositive() ? 'Carried over from' : 'Carried over to' })), paid: some(-invoice.paidMinor), total: invoice.total, balance: invoice.balance,
    hasRuns: lines.some((l) => l.runs.length > 0), canPay: invoice.refusalToPay() === null, checking: payments.some((p) => openStatuses.includes(p.status) && p.status !== 'requires_action'),
    payments: payments.map((p) => ({ at: p.settledAt ?? p.createdAt, amount: p.amount, status: p.status, note: p.failureMessage })),
  }
}

async function shownLines(invoice: Invoice): Promise<ShownLine[]> {
  const lines = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder')
  const ids = lines.flatMap((l) => (l.serviceId === null ? [] : [l.serviceId]))
  const links = new Map((await tenantDb()('services').whereIn('id', ids).select<Array<{ id: number; public_id: string }>>('id', 'public_id')).map((s) => [s.id, `/services/${s.public_id}`]))
  return lines.map((line) => ({
    description: line.description, amount: Money.of(line.amountMinor, invoice.currency), serviceHref: links.get(line.serviceId ?? 0) ?? null, serviceName: line.detail.serviceName ?? null,
    rate: line.rateMicros === null ? null : { micros: line.rateMicros, currency: invoice.currency, per: 'hour' }, runs: (line.detail.runs ?? []).map(shownRun),
  }))
}

const shownRun = (run: RunDetail): ShownRun => ({ start: new Date(run.start), stop: run.stop === null ? null : new Date(run.stop), minutes: run.minutes, billedMinutes: run.billedMinutes })
