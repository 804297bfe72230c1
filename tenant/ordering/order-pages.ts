/** What lists and pages of orders show, for customers and at the desk. */
import { stringify } from 'csv-stringify/sync'
import type { Paged } from '../../shared/database/paging.js'
import { Money } from '../../shared/money/money.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { cycleUnits } from '../catalog/cycle.js'
import { Plan } from '../catalog/plan.js'
import type { Customer } from '../customers/customer.js'
import { Service } from '../services/service.js'
import { itemsOf } from './book-order.js'
import { OrderItem } from './order-item.js'
import { terms } from './order-rules.js'
import { Order } from './order.js'

/** In the vocabulary of the pages. */
export const shownStatus = (order: Order): string => (order.status === 'placed' ? (order.isMetered ? 'active' : 'open') : order.status)

export interface OrderRow { href: string; placedAt: Date; what: string; total: Money | null; status: string; statusWord: string | null }
export interface OrderList { rows: OrderRow[]; summary: string; previousHref: string | null; nextHref: string | null }

const words: Readonly<Record<string, string>> = { open: 'To pay', paid: 'Paid', active: 'Placed' }
export const statusWord = (order: Order): string | null => words[shownStatus(order)] ?? null

export async function orderList(paged: Paged<Order>, _now: Date, base = '/orders'): Promise<OrderList> {
  const what = await whatIsIn(paged.rows)
  const here = (n: number): string => `${base}?${new URLSearchParams({ sort: `${paged.descending ? '-' : ''}${paged.sort}`, page: String(n) })}`
  return {
    rows: paged.rows.map((o) => ({ href: `${base}/${o.publicId}`, placedAt: o.createdAt, what: what.get(o.id) ?? '', total: o.total, status: shownStatus(o), statusWord: statusWord(o) })),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? here(paged.page - 1) : null, nextHref: paged.page < paged.pages ? here(paged.page + 1) : null,
  }
}

/** A customer's own list for a spreadsheet: plain amounts, instants in UTC. */
export async function ordersCsv(orders: readonly Order[]): Promise<string> {
  const what = await whatIsIn(orders)
  const lines = orders.map((o) => ({ ordered: o.createdAt.toISOString(), what: what.get(o.id) ?? '', total: o.total?.toString() ?? '', currency: o.total?.currency ?? '', state: shownStatus(o) }))
  return stringify(lines, { header: true, columns: ['ordered', 'what', 'total', 'currency', 'state'], record_delimiter: '\r\n', escape_formulas: true })
}

/** `web-1, mail-1 and 2 more`. */
export async function whatIsIn(orders: readonly Order[]): Promise<Map<number, string>> {
  const items = await OrderItem.query().whereIn('orderId', orders.map((o) => o.id)).whereNull('parentId').orderBy('position')
  const services = new Map((await Service.query().whereIn('id', orders.flatMap((o) => o.serviceId ?? []))).map((s) => [s.id, s.name]))
  return new Map(orders.map((o) => {
    const names = items.filter((i) => i.orderId === o.id).map((i) => i.name)
    const shown = names.length ? names : [services.get(o.serviceId ?? 0) ?? '']
    return [o.id, shown.length > 3 ? `${shown.slice(0, 2).join(', ')} and ${shown.length - 2} more` : shown.join(', ')]
  }))
}

export interface Moment { title: string; text?: string; at: Date; icon: string; tone: string }
export interface OrderPage {
  publicId: string
  status: string
  statusWord: string | null
  placedAt: Date
  items: Array<{ name: string; title: string; quantity: number; price: Money; per: string; setup: Money | null; serviceHref: string | null; state: string | null; isAddon: boolean }>
  total: Money | null
  invoice: { href: string; label: string; canPay: boolean; payHref: string; balance: Money } | null
  expiresAt: Date | null
  canCancel: boolean
  termsVersion: number | null
  timeline: Moment[]
}

export async function orderPage(order: Order, _customer?: Customer): Promise<OrderPage> {
  const invoice = order.invoiceId === null ? null : await Invoice.findOwned<Invoice>({ id: order.invoiceId })
  const items = await itemsOf(order)
  const services = await Service.query().whereIn('id', [...items.flatMap((i) => i.serviceId ?? []), ...(order.serviceId ? [order.serviceId] : [])])
  const open = order.status === 'placed' && !order.isMetered
  return {
    publicId: order.publicId, status: shownStatus(order), statusWord: statusWord(order), placedAt: order.createdAt, items: items.length ? await shownItems(items, services, order) : services.map(meteredItem), total: order.isMetered ? null : order.total,
    invoice: invoice && { href: `/invoices/${invoice.publicId}`, label: invoice.label, canPay: open && invoice.refusalToPay() === null, payHref: `/invoices/${invoice.publicId}/payment`, balance: invoice.balance },
    expiresAt: open ? order.expiresAt : null, canCancel: open && order.refusalToClose() === null, termsVersion: order.termsVersion, timeline: timelineOf(order, invoice, services),
  }
}

async function shownItems(items: readonly OrderItem[], services: readonly Service[], order: Order): Promise<OrderPage['items']> {
  const plans = new Map((await Plan.query().whereIn('id', items.flatMap((i) => i.planId ?? []))).map((p) => [p.id, p]))
  return items.map((item) => {
    const plan = plans.get(item.planId ?? 0)
    const service = item.parentId === null ? services.find((s) => s.id === item.serviceId) : undefined
    return {
      name: item.name, title: plan?.name ?? '', quantity: item.quantity, price: Money.of(item.recurringMinor, order.currency!), per: plan ? cycleUnits[plan.billingCycle] : '', setup: item.setupMinor ? Money.of(item.setupMinor, order.currency!) : null,
      serviceHref: service ? `/services/${service.publicId}` : null, state: service?.status ?? null, isAddon: item.parentId !== null,
    }
  })
}

const meteredItem = (service: Service): OrderPage['items'][number] => ({
  name: service.name, title: '', quantity: 1, price: Money.zero(service.currency), per: 'until it runs', setup: null, serviceHref: `/services/${service.publicId}`, state: service.status, isAddon: false,
})

/** From the rows, not from memory: what has happened, oldest first. */
function timelineOf(order: Order, invoice: Invoice | null, services: readonly Service[]): Moment[] {
  const moments: Moment[] = [{ title: 'Ordered', at: order.createdAt, icon: 'shopping-cart', tone: 'calm' }]
  if (invoice?.issuedAt) moments.push({ title: `Invoice ${invoice.label} issued`, at: invoice.issuedAt, icon: 'file-invoice', tone: 'calm' })
  if (order.paidAt) moments.push({ title: order.totalMinor ? 'Paid' : 'Nothing to pay', at: order.paidAt, icon: 'circle-check', tone: 'good' })
  for (const service of services) {
    if (service.provisionedAt) moments.push({ title: `“${service.name}” is ready`, at: service.provisionedAt, icon: 'rocket', tone: 'good' })
    if (service.terminatedAt && order.status === 'paid') moments.push({ title: `“${service.name}” has ended`, at: service.terminatedAt, icon: 'trash', tone: 'calm' })
  }
  if (order.closedAt) moments.push({ title: order.status === 'expired' ? 'Expired: it was not paid in time' : 'Cancelled', at: order.closedAt, icon: 'ban', tone: 'warn' })
  return moments.sort((a, b) => a.at.getTime() - b.at.getTime())
}

export async function termsPage(): Promise<object> {
  const { version, text, changedAt } = await terms.read()
  return { version, paragraphs: text.split(/\n\s*\n/).map((p) => p.trim()).filter(Boolean), changedAt: changedAt === null ? null : new Date(changedAt), shopName: currentTenant().brand.companyName }
}
