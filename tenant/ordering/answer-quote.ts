/** The customer's answer. Accepting makes an order and its invoice, exactly once, whoever asks and however often. */
import { refuse, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Customer } from '../customers/customer.js'
import { bookOrder } from './book-order.js'
import { terms } from './order-rules.js'
import { Order } from './order.js'
import { discountLines, priceQuote, textLines } from './price-quote.js'
import { Quote } from './quote.js'

export interface Acceptance {
  readonly termsVersion: number
  /** Total that was shown, minor units. */
  readonly seenMinor: number
}

/** Throws Refusal: `quote.expired`, `quote.answered`, `order.terms`, `order.price-changed` (the tax is another than was shown), `product.sold-out`. */
export async function acceptQuote(quote: Quote, accepted: Acceptance, now = clock.now()): Promise<Order> {
  if (quote.orderId !== null) return Order.findOwned<Order>({ id: quote.orderId, userId: quote.userId })
  refuse(quote.refusalToAnswer(now))
  if ((await terms.read()).version !== accepted.termsVersion) throw new Refusal('order.terms', 'The terms have changed since this page was opened. Please read and accept them again.')
  const { lines, charge } = await priceQuote(quote, now)
  if (charge.total.minor !== accepted.seenMinor) throw new Refusal('order.price-changed', 'The total has changed since this page was opened. Look at it again, then accept.')
  return bookOrder({
    customer: await Customer.findOwned<Customer>({ id: quote.userId }), key: `q${quote.id}`, currency: quote.currency, codes: [], termsVersion: accepted.termsVersion, agreed: charge.total,
    items: lines.flatMap(({ line, priced }) => (priced ? [{ priced, name: line.name, trial: false, addons: [] }] : [])), extras: textLines(quote, lines), reprice: (drafted) => discountLines(quote, drafted),
    detail: { source: 'quote', quote: quote.publicId, number: quote.number }, also: (order) => settle(quote, order, now),
  }, now)
}

/** In the transaction of the order. */
async function settle(quote: Quote, order: Order, now: Date): Promise<void> {
  const current = await Quote.query().findById(quote.id).forUpdate().throwIfNotFound()
  refuse(current.refusalToAnswer(now))
  await current.become('accepted', { orderId: order.id, answeredAt: now })
  await record('quote.accepted', current, { order: order.publicId }, { userId: current.userId })
}

export async function declineQuote(quote: Quote, reason: string | null, now = clock.now()): Promise<void> {
  refuse(quote.refusalToAnswer(now))
  await tenantTransaction(async () => {
    await quote.become('declined', { answeredAt: now, declineReason: reason })
    await record('quote.declined', quote, { reason }, { userId: quote.userId })
  })
}
