/** The letters about orders and quotes. */
import { originOf } from '../../shared/config.js'
import { send } from '../../shared/mail/compose.js'
import { registerLetter } from '../../shared/mail/letter.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Customer } from '../customers/customer.js'
import { whatIsIn } from './order-pages.js'
import { Order } from './order.js'
import { priceQuote } from './price-quote.js'
import type { Quote } from './quote.js'

const usd = (minor: number) => ({ minor, currency: 'USD' })
registerLetter({
  name: 'order-expired', subject: 'Your order was not paid and is closed', view: 'tenant/mail/order-expired',
  preview: () => ({ name: 'Ada', what: 'web-1 and mail-1', placedAt: new Date('2026-11-10T09:00:00Z'), total: usd(1200), link: 'https://shop.example/products' }),
})
/** The link opens the quote: it is forgotten once the letter was sent. */
registerLetter({
  name: 'quote-sent', secret: true, subject: (data, brand) => `Quote ${String(data['number'])} from ${brand.name}`, view: 'tenant/mail/quote-sent',
  preview: () => ({ name: 'Ada', number: 'Q-2026-0042', note: 'As discussed on the phone.', lastDay: new Date('2026-12-08T00:00:00Z'), total: usd(12_000), lines: [{ label: 'VPS M "web-1"', amount: usd(10_000) }, { label: 'Migration', amount: usd(2000) }], link: 'https://shop.example/quotes/…' }),
})

const linkTo = (path: string): string => `${originOf(currentTenant().primaryHost)}${path}`
const addressOf = (customer: Customer) => ({ email: customer.email, name: customer.name, userId: customer.id })

/** Reaction to `order.expired`. */
export async function mailExpired(orderId: number): Promise<void> {
  const order = await Order.findOwned<Order>({ id: orderId })
  const customer = await Customer.findOwned<Customer>({ id: order.userId })
  const what = (await whatIsIn([order])).get(order.id) ?? ''
  await send({ name: 'order-expired', to: addressOf(customer), key: `order-expired:${order.id}`, data: { name: customer.name, what, placedAt: order.createdAt, total: order.total, link: linkTo('/products') } })
}

/** In the transaction that sends it: the link is known to nobody else. */
export async function mailQuote(quote: Quote, token: string, now: Date): Promise<void> {
  const customer = await Customer.findOwned<Customer>({ id: quote.userId })
  const { lines, charge } = await priceQuote(quote, now)
  const shown = lines.map(({ line, priced }) => ({ label: priced ? `${priced.plan.name} "${line.name}"` : line.name, amount: line.money(priced ? line.recurringMinor + line.setupMinor : line.amountMinor, quote) }))
  await send({
    name: 'quote-sent', to: addressOf(customer), key: `quote-sent:${quote.id}:${now.getTime()}`,
    data: { name: customer.name, number: quote.label, note: quote.note, lastDay: quote.lastDay, total: charge.total, lines: shown, link: linkTo(`/quotes/${quote.publicId}?key=${token}`) },
  })
}
