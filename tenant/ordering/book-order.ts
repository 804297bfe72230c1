/**
 * Order, stock, services, subscriptions and first invoice, in one transaction: all of it or nothing. Carts, quotes and add-ons that are ordered later all end here. The order's row comes first:
 * of several requests with one key the others wait there, and then find what the first one made.
 */
import type { Knex } from 'knex'
import { refuse, Refusal } from '../../shared/errors.js'
import { isDuplicate } from '../../shared/database/database-busy.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import type { Money } from '../../shared/money/money.js'
import { newPublicId } from '../../shared/security/token.js'
import { redeemCoupons } from '../billing/coupons/redeem-coupons.js'
import { draftInvoice, type NewLine } from '../billing/invoices/draft-invoice.js'
import { issueInvoice } from '../billing/invoices/issue-invoice.js'
import type { PricedSelection } from '../catalog/price-selection.js'
import type { Product } from '../catalog/product.js'
import { takeStock } from '../catalog/stock.js'
import { Customer } from '../customers/customer.js'
import { openAddon, openItem, type OpenedItem, type Parent } from './open-item.js'
import { OrderItem } from './order-item.js'
import { orderRules } from './order-rules.js'
import { Order } from './order.js'

export interface BookedItem {
  readonly priced: PricedSelection
  readonly name: string
  readonly trial: boolean
  readonly addons: readonly BookedItem[]
}
export interface Booking {
  readonly customer: Customer
  /** Unique in the shop: the same key is the same order. */
  readonly key: string
  readonly currency: string
  readonly items: readonly BookedItem[]
  /** The items are add-ons of what runs already. */
  readonly joins?: Omit<Parent, 'item'>
  /** Lines beside the items' own, e.g. work that a quote names. Their keys are completed with the order's id. */
  readonly extras?: readonly Omit<NewLine, 'businessKey'>[]
  /** May change what a line costs (the discount of a quote). */
  readonly reprice?: (lines: readonly NewLine[]) => NewLine[]
  /** Coupons that count, in order. */
  readonly codes: readonly string[]
  readonly termsVersion: number
  /** Seconds of a period are counted from here; by default from the order's own instant. */
  readonly countedAt?: Date
  /** What the customer saw and agreed to; another total is refused. Null: a rehearsal. */
  readonly agreed: Money | null
  readonly detail: Record<string, unknown>
  /** In the same transaction, last but the commit. */
  readonly also?: (order: Order) => Promise<void>
}

/** Throws Refusal: `product.sold-out`, a coupon's own sentence, `order.price-changed`. */
export async function bookOrder(booking: Booking, now: Date): Promise<Order> {
  const { unpaidDays } = await orderRules.read()
  try {
    return await tenantTransaction((trx) => book(trx, booking, now, new Date(now.getTime() + unpaidDays * 86_400_000)))
  } catch (error) {
    const first = isDuplicate(error) ? await Order.query().findOne({ checkoutKey: booking.key, userId: booking.customer.id }) : null
    if (!first) throw error
    return first
  }
}

async function book(trx: Knex.Transaction, booking: Booking, now: Date, expiresAt: Date): Promise<Order> {
  const { customer, currency, codes } = booking
  const order = await Order.query().insertAndFetch({
    publicId: newPublicId(), checkoutKey: booking.key, userId: customer.id, status: 'placed', currency, termsVersion: booking.termsVersion, termsAcceptedAt: now, expiresAt, detail: booking.detail,
  })
  await Customer.query().patch({ currency }).where({ id: customer.id }).whereNot({ currency })
  await takeAll(trx, booking.items)
  const opened: OpenedItem[] = []
  for (const item of booking.items) opened.push(...(booking.joins ? [await openAddon(trx, order, customer, item, opened.length, { item: null, ...booking.joins }, booking.countedAt ?? now)] : await openItem(trx, order, customer, item, opened.length, now)))
  const extras = (booking.extras ?? []).map((line, n): NewLine => ({ ...line, businessKey: `order:${order.id}:text:${n}` }))
  const lines = [...opened.flatMap((o) => o.lines), ...extras]
  const invoice = await issue(trx, booking, order, booking.reprice ? booking.reprice(lines) : lines, opened, now)
  if (booking.agreed && invoice.totalMinor !== booking.agreed.minor) throw new Refusal('order.price-changed', 'The price has changed since you saw it. Look at it again, then order.')
  await order.$query().patch({ invoiceId: invoice.id, totalMinor: invoice.totalMinor })
  order.$set({ invoiceId: invoice.id, totalMinor: invoice.totalMinor })
  if (invoice.status === 'paid') await order.become('paid', { paidAt: now })
  await record('order.placed', order, { totalMinor: invoice.totalMinor, currency, items: opened.length, codes }, { userId: customer.id })
  await booking.also?.(order)
  return order
}

async function issue(trx: Knex.Transaction, booking: Booking, order: Order, lines: readonly NewLine[], opened: readonly OpenedItem[], now: Date) {
  const { invoice } = await draftInvoice(trx, { businessKey: `order:${order.id}`, userId: booking.customer.id, kind: 'order', currency: booking.currency, lines, codes: booking.codes, dueAt: order.expiresAt })
  const subscriptionIds = opened.map((o) => o.subscriptionId)
  if (booking.codes.length) await redeemCoupons(trx, { userId: booking.customer.id, codes: booking.codes, orderId: order.id, subscriptionIds, now })
  return issueInvoice(invoice, now)
}

/** Of all products at once, smallest id first: two orders never wait for each other. */
async function takeAll(trx: Knex.Transaction, items: readonly BookedItem[]): Promise<void> {
  const wanted = new Map<number, { product: Product; n: number }>()
  for (const { priced } of items.flatMap((item) => [item, ...item.addons])) {
    const { product } = priced
    wanted.set(product.id, { product, n: (wanted.get(product.id)?.n ?? 0) + priced.selection.quantity })
  }
  for (const [, { product, n }] of [...wanted].sort(([a], [b]) => a - b)) await takeStock(trx, product, n)
}

/** The items of an order, in order. */
export const itemsOf = (order: Pick<Order, 'id'>): Promise<OrderItem[]> => OrderItem.query().where({ orderId: order.id }).orderBy('position').execute()

/** Throws Refusal when the customer may not order at all. */
export function refuseUnverified(customer: Customer): void {
  refuse(customer.isVerified ? null : new Refusal('order.not-verified', 'Confirm your e-mail address before you order.'))
}
