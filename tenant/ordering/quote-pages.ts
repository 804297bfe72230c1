/** What a quote shows to its customer and to staff: the same object. */
import { Money } from '../../shared/money/money.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatMoney } from '../../shared/views/format.js'
import { cycleUnits } from '../catalog/cycle.js'
import { Customer } from '../customers/customer.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { terms } from './order-rules.js'
import { Order } from './order.js'
import { discounted, priceQuote, type QuotedLine } from './price-quote.js'
import type { Quote } from './quote.js'

export interface QuotePage {
  publicId: string
  label: string
  status: string
  note: string[]
  validUntil: Date
  /** The last day, for people: the instant itself no longer counts. */
  lastDay: Date
  sentAt: Date | null
  customer: { name: string; email: string; publicId: string }
  lines: Array<{ publicId: string; title: string; name: string; options: string[]; quantity: number; price: Money; per: string; setup: Money | null }>
  sums: Array<{ label: string; text?: string; amount: Money }>
  total: Money
  /** `$10.00 a month` without tax words: what renews, before tax where prices are without. */
  renewals: string[]
  notes: readonly string[]
  canAnswer: boolean
  /** Why it cannot be answered. */
  refusal: string | null
  key: string | null
  termsVersion: number
  seen: number
  shopName: string
  order: { publicId: string; invoiceHref: string | null } | null
  errors: Readonly<Record<string, string>> | null
  input: Readonly<Record<string, unknown>>
}

export async function quotePage(quote: Quote, key: string | null, now: Date, { errors = null, input = {} }: { errors?: Readonly<Record<string, string>> | null; input?: Readonly<Record<string, unknown>> } = {}): Promise<QuotePage> {
  const customer = await Customer.findOwned<Customer>({ id: quote.userId })
  const { lines, charge } = await priceQuote(quote, now)
  const refusal = quote.refusalToAnswer(now)
  const full = lines.reduce((sum, { line }) => sum + line.recurringMinor + line.setupMinor + line.amountMinor, 0)
  const off = full - lines.reduce((sum, { line }) => sum + discounted(line.recurringMinor, quote) + discounted(line.setupMinor, quote) + discounted(line.amountMinor, quote), 0)
  return {
    publicId: quote.publicId, label: quote.label, status: quote.status, note: quote.note.split(/\n+/).filter(Boolean), validUntil: quote.validUntil, lastDay: quote.lastDay, sentAt: quote.sentAt,
    customer: { name: customer.name, email: customer.email, publicId: customer.publicId }, lines: lines.map((l) => shownLine(l, quote)),
    sums: [
      { label: 'Subtotal', amount: Money.of(full, quote.currency) }, ...(off ? [{ label: 'Discount', text: `${quote.discountPpm / 10_000} %`, amount: Money.of(-off, quote.currency) }] : []),
      ...charge.taxes.map((tax) => ({ label: charge.inclusive ? `Of which ${tax.label}` : tax.label, amount: tax.tax })),
    ],
    total: charge.total, renewals: renewalsOf(lines, quote, customer.locale), notes: charge.notes, canAnswer: refusal === null, refusal: quote.status === 'draft' ? null : refusal?.message ?? null, key,
    termsVersion: (await terms.read()).version, seen: charge.total.minor, shopName: currentTenant().brand.companyName, order: await orderOf(quote), errors, input,
  }
}

function shownLine({ line, priced }: QuotedLine, quote: Quote): QuotePage['lines'][number] {
  return {
    publicId: line.publicId, title: priced ? priced.plan.name : line.name, name: priced ? line.name : '', quantity: line.quantity,
    options: line.items.filter((i) => i.kind === 'option').map((i) => (i.quantity > 1 ? `${i.label} × ${i.quantity}` : i.label)), price: line.money(priced ? line.recurringMinor : line.amountMinor, quote),
    per: priced ? cycleUnits[priced.plan.billingCycle] : 'once', setup: line.setupMinor ? line.money(line.setupMinor, quote) : null,
  }
}

function renewalsOf(lines: readonly QuotedLine[], quote: Quote, locale: string): string[] {
  const byUnit = new Map<string, number>()
  for (const { line, priced } of lines) {
    const unit = priced && priced.plan.billingCycle !== 'one-time' && priced.plan.billingCycle !== 'free' ? cycleUnits[priced.plan.billingCycle] : null
    if (unit) byUnit.set(unit, (byUnit.get(unit) ?? 0) + line.recurringMinor)
  }
  return [...byUnit].map(([unit, minor]) => `${formatMoney(minor, quote.currency, locale)} ${unit}`)
}

async function orderOf(quote: Quote): Promise<QuotePage['order']> {
  if (quote.orderId === null) return null
  const order = await Order.findOwned<Order>({ id: quote.orderId })
  const invoice = order.invoiceId === null ? null : await Invoice.findOwned<Invoice>({ id: order.invoiceId })
  return { publicId: order.publicId, invoiceHref: invoice ? `/invoices/${invoice.publicId}` : null }
}
