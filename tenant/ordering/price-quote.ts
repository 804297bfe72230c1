/** What a quote comes to: its frozen prices, its discount, and the tax of the day. The page, the letter and the order ask here. */
import { Money } from '../../shared/money/money.js'
import { divideRounded } from '../../shared/money/rate.js'
import { priceLines, type ChargeLine, type PricedCharge } from '../billing/charges/price-lines.js'
import type { NewLine } from '../billing/invoices/draft-invoice.js'
import { Plan } from '../catalog/plan.js'
import type { PricedSelection } from '../catalog/price-selection.js'
import { Product } from '../catalog/product.js'
import { QuoteLine, type Quote } from './quote.js'

export interface QuotedLine {
  readonly line: QuoteLine
  /** Null: free text. */
  readonly priced: PricedSelection | null
}
export interface PricedQuote {
  readonly lines: readonly QuotedLine[]
  /** The first invoice. */
  readonly charge: PricedCharge
}

export async function priceQuote(quote: Quote, now: Date): Promise<PricedQuote> {
  const lines = await Promise.all((await QuoteLine.ofQuote(quote)).map(async (line) => ({ line, priced: await frozenPrice(line, quote) })))
  const charges = [...lines.flatMap((l) => (l.priced ? planCharges(quote, l.line, l.priced) : [])), ...lines.flatMap((l) => (l.priced ? [] : [textCharge(quote, l.line)]))]
  return { lines, charge: await priceLines({ userId: quote.userId, currency: quote.currency, lines: charges, now }) }
}

/** As it was when the line was written; today's catalogue has no say. */
async function frozenPrice(line: QuoteLine, quote: Quote): Promise<PricedSelection | null> {
  if (line.planId === null) return null
  const plan = await Plan.findOwned<Plan>({ id: line.planId })
  const product = await Product.findOwned<Product>({ id: plan.productId })
  return { plan, product, selection: { quantity: line.quantity, options: line.options }, items: line.items, recurring: Money.of(line.recurringMinor, quote.currency), setup: Money.of(line.setupMinor, quote.currency) }
}

/** In the order of firstLines(). */
function planCharges(quote: Quote, line: QuoteLine, { plan, product }: PricedSelection): ChargeLine[] {
  const about = { planId: plan.id, productId: product.id, serviceType: product.serviceType, taxClass: product.taxClass }
  const first: ChargeLine = { ...about, key: `${line.id}:recurring`, kind: 'recurring', amountMinor: discounted(line.recurringMinor, quote) }
  return line.setupMinor ? [first, { ...about, key: `${line.id}:setup`, kind: 'setup', amountMinor: discounted(line.setupMinor, quote) }] : [first]
}

const textCharge = (quote: Quote, line: QuoteLine): ChargeLine => ({ key: `${line.id}:text`, kind: 'manual', amountMinor: discounted(line.amountMinor, quote) })

/** Minor units after the quote's discount; each line is rounded for itself. Pure. */
export const discounted = (minor: number, quote: Pick<Quote, 'discountPpm'>): number => minor - Number(divideRounded(BigInt(minor) * BigInt(quote.discountPpm), 1_000_000n))

/** The same on the lines of the invoice; the discount stands among what explains the amount. */
export function discountLines(quote: Pick<Quote, 'discountPpm'>, lines: readonly NewLine[]): NewLine[] {
  if (quote.discountPpm === 0) return [...lines]
  return lines.map((line) => {
    const amountMinor = discounted(line.amountMinor, quote)
    const off = { label: 'Discount of the quote', quantity: 1, unitMicros: 0, amountMinor: amountMinor - line.amountMinor }
    return { ...line, amountMinor, detail: { ...line.detail, items: [...(line.detail?.items ?? []), off] } }
  })
}

/** Lines of free text as the invoice holds them. */
export const textLines = (quote: Quote, lines: readonly QuotedLine[]): Array<Omit<NewLine, 'businessKey'>> =>
  lines.filter((l) => !l.priced).map(({ line }) => ({ kind: 'manual', description: line.name, amountMinor: line.amountMinor, detail: { serviceType: 'other' } }))
