/** What the desk sees of orders. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { orderPage, shownStatus, statusWord, whatIsIn, type OrderPage } from '../../../tenant/ordering/order-pages.js'
import { orderRules, terms } from '../../../tenant/ordering/order-rules.js'
import { Order } from '../../../tenant/ordering/order.js'
import { serviceRules } from '../../../tenant/services/service-rules.js'

export const orderSorts = { sortable: { placed: 'orders.created_at', total: 'orders.total_minor' }, default: '-placed' } as const
export interface Wish { show: 'all' | 'open' | 'paid' | 'closed'; q?: string | undefined }
const chips = { all: 'All', open: 'Unpaid', paid: 'Paid', closed: 'Given up' } as const

export function ordersQuery({ show, q }: Wish) {
  const wanted = Order.query()
  if (show === 'open') void wanted.where({ status: 'placed' }).whereNotNull('invoiceId')
  if (show === 'paid') void wanted.where({ status: 'paid' })
  if (show === 'closed') void wanted.whereIn('status', ['expired', 'cancelled'])
  if (q) void wanted.whereIn('userId', Customer.query().where('email', 'like', `%${q.replace(/[%_\\]/g, '\\$&')}%`).select('id'))
  return wanted
}

export async function orderRows(orders: readonly Order[]) {
  const what = await whatIsIn(orders)
  const people = new Map((await Customer.query().whereIn('id', orders.map((o) => o.userId))).map((c) => [c.id, c]))
  return orders.map((o) => ({
    publicId: o.publicId, placedAt: o.createdAt, what: what.get(o.id) ?? '', customer: people.get(o.userId)?.email ?? '', customerId: people.get(o.userId)?.publicId ?? '', total: o.total, status: shownStatus(o), statusWord: statusWord(o),
  }))
}

export async function listPage(wish: Wish, paging: Paging, base: string): Promise<object> {
  const paged = await applyPaging(ordersQuery(wish), paging)
  const here = (part: Record<string, string>): string => `${base}/orders?${new URLSearchParams({ show: wish.show, ...(wish.q ? { q: wish.q } : {}), ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: await orderRows(paged.rows), chips: Object.entries(chips).map(([show, label]) => ({ label, href: here({ show }), current: show === wish.show })), q: wish.q ?? '', show: wish.show, csvHref: `${base}/orders.csv?${new URLSearchParams({ show: wish.show, ...(wish.q ? { q: wish.q } : {}) })}`,
    heads: (['placed', 'total'] as const).reduce((all, name) => ({ ...all, [name]: here({ sort: paged.sort === name && !paged.descending ? `-${name}` : name }) }), {}),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

/** The customer's own page, with links of the desk. */
export async function detailPage(order: Order, base: string): Promise<OrderPage & { customer: { name: string; email: string; href: string } }> {
  const customer = await Customer.findOwned<Customer>({ id: order.userId })
  const shown = await orderPage(order)
  const toDesk = (href: string): string => `${base}${href}`
  return {
    ...shown, invoice: shown.invoice && { ...shown.invoice, href: toDesk(shown.invoice.href) }, items: shown.items.map((i) => ({ ...i, serviceHref: i.serviceHref && toDesk(i.serviceHref) })),
    customer: { name: customer.name, email: customer.email, href: `${base}/customers/${customer.publicId}` },
  }
}

export async function settingsInput(): Promise<Record<string, unknown>> {
  const [rules, kept, words] = [await orderRules.read(), await serviceRules.read(), await terms.read()]
  return { unpaidDays: rules.unpaidDays, keepDays: kept.keepDays, terms: words.text, version: words.version }
}
