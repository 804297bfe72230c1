/** Which invoices a list shows. List, export and bulk acts ask here with the same wish, so they mean the same rows. */
import type objection from 'objection'
import { Customer } from '../../customers/customer.js'
import { Invoice } from './invoice.js'

export const shows = { all: 'All', due: 'To pay', overdue: 'Overdue', paid: 'Paid', uncollectible: 'Written off', void: 'Void', draft: 'Drafts' } as const
export type Show = keyof typeof shows

export interface InvoiceWish {
  /** Of one customer; absent: of the whole shop. */
  readonly userId?: number
  readonly show: Show
  /** Part of a number; for the shop also of a customer's name or address. */
  readonly text?: string | undefined
  readonly from?: Date | undefined
  /** First instant that no longer counts, by day of issue. */
  readonly until?: Date | undefined
  readonly now: Date
}

export const sortable = { number: 'invoices.number', issued: 'invoices.issued_at', due: 'invoices.due_at', total: 'invoices.total_minor' } as const

/** Customers never see what was not issued. */
export function invoicesLike(wish: InvoiceWish): objection.QueryBuilder<Invoice> {
  const found = Invoice.query()
  if (wish.userId !== undefined) void found.where('invoices.user_id', wish.userId).whereNotNull('invoices.issued_at')
  void narrow[wish.show](found, wish.now)
  if (wish.from) void found.where('invoices.issued_at', '>=', wish.from)
  if (wish.until) void found.where('invoices.issued_at', '<', wish.until)
  if (wish.text) void search(found, wish.text, wish.userId === undefined)
  return found
}

type Query = objection.QueryBuilder<Invoice>
const narrow: Readonly<Record<Show, (query: Query, now: Date) => Query>> = {
  all: (query) => query,
  due: (query) => query.whereIn('invoices.status', ['open', 'uncollectible']),
  overdue: (query, now) => query.where('invoices.status', 'open').where('invoices.due_at', '<=', now),
  paid: (query) => query.where('invoices.status', 'paid'),
  uncollectible: (query) => query.where('invoices.status', 'uncollectible'),
  void: (query) => query.where('invoices.status', 'void'),
  draft: (query) => query.where('invoices.status', 'draft'),
}

function search(query: Query, text: string, people: boolean): Query {
  const like = `%${text.slice(0, 80).replace(/[%_\\]/g, '\\$&')}%`
  return query.where((q) => {
    void q.where('invoices.number', 'like', like).orWhere('invoices.proforma_number', 'like', like)
    if (people) void q.orWhereIn('invoices.user_id', Customer.query().select('id').where((c) => void c.where('email', 'like', like).orWhere('name', 'like', like).orWhere('company', 'like', like)))
  })
}

/** What stands in the address bar; anything unknown means all. */
export function showOf(value: unknown, allowed: readonly Show[]): Show {
  return allowed.find((show) => show === value) ?? 'all'
}
