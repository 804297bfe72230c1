/** What one period of a reseller costs: pure rules over central records. Each line becomes money once. */
import { amountOf, divideRounded, hourly, roundToMoney } from '../../shared/money/rate.js'
import type { Span } from '../../shared/time/period.js'
import { priceAt, type PriceVersion } from './price-list.js'

export interface UsageRow { id: number; sku: string; quantitySeconds: number; occurredAt: Date }
export interface SubscriptionRow { id: number; recordKey: string; sku: string; quantity: number; startedAt: Date; endedAt: Date | null }
export interface Draft {
  kind: 'fee' | 'usage' | 'subscription' | 'discount' | 'commission'
  sku: string | null
  description: string
  quantitySeconds: number | null
  quantity: number | null
  rateMicros: number | null
  amountMinor: number
  usageIds: number[]
}
export interface TermsOfPeriod { currency: string; monthlyFeeMinor: number; wholesaleDiscountPpm: number; startedAt: Date; endedAt: Date | null }

/** An article without a price at the time of its use stops the run for this reseller: a person must decide, nothing is billed at zero by accident. */
export class PriceMissing extends Error {
  constructor(sku: string, at: Date) {
    super(`The wholesale price list has no price of ${sku} at ${at.toISOString()}.`)
    this.name = 'PriceMissing'
  }
}

/** part / whole of an amount, half away from zero, in integers. */
export const share = (amountMinor: number, part: number, whole: number): number => Number(divideRounded(BigInt(amountMinor) * BigInt(part), BigInt(whole)))

const ms = (span: Span): number => span.end.getTime() - span.start.getTime()
/** The part of a period in which something that began and perhaps ended was there; in milliseconds. */
function overlap(period: Span, from: Date, to: Date | null): number {
  const start = Math.max(period.start.getTime(), from.getTime())
  const end = Math.min(period.end.getTime(), to?.getTime() ?? Infinity)
  return Math.max(0, end - start)
}

export function feeLine(terms: TermsOfPeriod, period: Span): Draft[] {
  const there = overlap(period, terms.startedAt, terms.endedAt)
  const amount = share(terms.monthlyFeeMinor, there, ms(period))
  if (amount === 0) return []
  const partly = there < ms(period) ? ` (${Math.ceil(there / 86_400_000)} of ${Math.round(ms(period) / 86_400_000)} days)` : ''
  return [{ kind: 'fee', sku: null, description: `Platform fee${partly}`, quantitySeconds: null, quantity: 1, rateMicros: null, amountMinor: amount, usageIds: [] }]
}

/** One line an article and price. Use that was reported after its own period was billed stands on lines of its own. */
export function usageLines(rows: readonly UsageRow[], prices: readonly PriceVersion[], currency: string, period: Span): Draft[] {
  const groups = new Map<string, { price: PriceVersion; late: boolean; seconds: number; ids: number[] }>()
  for (const row of rows) {
    const price = priceAt(prices, row.sku, row.occurredAt)
    if (!price) throw new PriceMissing(row.sku, row.occurredAt)
    const late = row.occurredAt < period.start
    const key = `${row.sku}:${price.version}:${late}`
    const group = groups.get(key) ?? { price, late, seconds: 0, ids: [] }
    groups.set(key, { ...group, seconds: group.seconds + row.quantitySeconds, ids: [...group.ids, row.id] })
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, g]) => ({
    kind: 'usage', sku: g.price.sku, description: `${g.price.description}${g.late ? ' (earlier use)' : ''}`, quantitySeconds: g.seconds, quantity: g.ids.length, rateMicros: g.price.priceMicros,
    amountMinor: amountOf(hourly(g.price.priceMicros, currency), g.seconds).minor, usageIds: g.ids,
  }))
}

export function subscriptionLines(rows: readonly SubscriptionRow[], prices: readonly PriceVersion[], currency: string, period: Span): Draft[] {
  return rows.flatMap((row): Draft[] => {
    const there = overlap(period, row.startedAt, row.endedAt)
    if (there === 0) return []
    const price = priceAt(prices, row.sku, new Date(Math.max(row.startedAt.getTime(), period.start.getTime())))
    if (!price) throw new PriceMissing(row.sku, row.startedAt)
    const whole = roundToMoney(BigInt(price.priceMicros) * BigInt(row.quantity), currency).minor
    return [{ kind: 'subscription', sku: row.sku, description: `${price.description} (${row.recordKey})`, quantitySeconds: null, quantity: row.quantity, rateMicros: price.priceMicros, amountMinor: share(whole, there, ms(period)), usageIds: [] }]
  })
}

/** The reseller's discount on usage and subscriptions; never on the fee. */
export function discountLine(lines: readonly Draft[], ppm: number): Draft[] {
  const base = lines.filter((l) => l.kind === 'usage' || l.kind === 'subscription').reduce((sum, l) => sum + l.amountMinor, 0)
  const amount = share(base, ppm, 1_000_000)
  if (amount === 0) return []
  return [{ kind: 'discount', sku: null, description: `Wholesale discount ${ppm / 10_000} %`, quantitySeconds: null, quantity: null, rateMicros: null, amountMinor: -amount, usageIds: [] }]
}

/** Commission terms: a share of what the reseller sold, as recorded centrally. */
export function commissionLine(salesMinor: number, ppm: number): Draft[] {
  const amount = share(salesMinor, ppm, 1_000_000)
  if (amount === 0) return []
  return [{ kind: 'commission', sku: null, description: `Commission ${ppm / 10_000} % of recorded sales`, quantitySeconds: null, quantity: null, rateMicros: null, amountMinor: amount, usageIds: [] }]
}
