/** What the customer's list of invoices shows. */
import type { Paged } from '../../../shared/database/paging.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Invoice } from './invoice.js'
import { shows, type Show } from './invoice-search.js'
import { shownStatus } from './present-invoice.js'

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
  csvHref: string
  jsonHref: string
  due: Money | null
  /** More than one invoice waits: they can be paid together. */
  several: boolean
  filtered: boolean
  show: Show
  text: string
  /** The shop's: a day reads the same here as on the invoice. */
  timeZone: string
}

export const customerShows = ['all', 'due', 'paid', 'void'] as const satisfies readonly Show[]
const columns = [['number', 'Number', false], ['issued', 'Issued', false], ['due', 'Due', false], ['total', 'Total', true]] as const

/** `open`: everything that is to be paid, in the customer's currency. */
export function invoiceList(paged: Paged<Invoice>, { show, text }: { show: Show; text: string }, open: readonly Invoice[], now: Date): InvoiceList {
  const wish = { ...(show === 'all' ? {} : { show }), ...(text ? { q: text } : {}) }
  const here = (part: Record<string, string>, path = '/invoices'): string => `${path}?${new URLSearchParams({ ...wish, ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  const due = open[0] ? Money.sum(open.map((i) => i.balance), open[0].currency) : null
  return {
    rows: paged.rows.map((i) => ({
      href: `/invoices/${i.publicId}`, number: i.label, issuedAt: i.issuedAt, dueAt: i.dueAt, total: i.total, balance: i.balance, status: shownStatus(i, now),
    })),
    chips: customerShows.map((s) => ({
      href: `/invoices?${new URLSearchParams({ ...(s === 'all' ? {} : { show: s }), ...(text ? { q: text } : {}) })}`.replace(/\?$/, ''), label: shows[s], current: s === show,
    })),
    heads: columns.map(([name, label, num]) => ({
      label, num, href: here({ sort: name === paged.sort && !paged.descending ? `-${name}` : name }), sorted: name !== paged.sort ? 'none' : paged.descending ? 'descending' : 'ascending',
    })),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null,
    nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
    csvHref: here({ sort }, '/invoices.csv'), jsonHref: here({ sort }, '/invoices.json'),
    due: due?.isPositive() ? due : null, several: open.length > 1, filtered: show !== 'all' || text !== '', show, text,
    timeZone: currentTenant().timeZone,
  }
}
