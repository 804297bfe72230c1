/** What the same runs cost the reseller, as its wholesale bill counts them: by article, price version and month, rounded once, the discount of its terms shared out. */
import { centralDb } from '../../../../shared/database/central-database.js'
import { asCentral } from '../../../../shared/tenancy/as-central.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { Money } from '../../../../shared/money/money.js'
import { amountOf, hourly } from '../../../../shared/money/rate.js'
import { allocate } from '../../../../shared/money/split.js'
import { monthOf } from '../../../../shared/time/period.js'
import { firstIncrementIn } from '../../../../tenant/kasm/metering/meter.js'
import { priceAt, priceVersions, type PriceVersion } from '../../../wholesale/price-list.js'
import { share } from '../../../wholesale/wholesale-lines.js'
import { groupsOf } from './group.js'
import { monthsOf, type Piece } from './pieces.js'

export interface WholesaleCost {
  /** In the order of the pieces, in minor units of `currency`. */
  readonly minor: readonly number[]
  readonly currency: string
  /** Use of articles that have no price at their time: not counted. */
  readonly unpriced: boolean
}
export interface WholesaleTerms { readonly currency: string; readonly discountPpm: number; readonly billingDay: number; readonly prices: readonly PriceVersion[] }
interface Group { price: PriceVersion; period: string; pieces: number[]; seconds: number }

/** Of the current tenant; central keeps them. */
export async function wholesaleTerms(): Promise<WholesaleTerms> {
  const { id, currency } = currentTenant()
  return asCentral(async () => {
    const row = (await centralDb()('tenant_billing').where({ tenant_id: id }).first('currency', 'wholesale_discount_ppm', 'billing_cycle_day')) as { currency: string; wholesale_discount_ppm: number; billing_cycle_day: number } | undefined
    return { currency: row?.currency ?? currency, discountPpm: row?.wholesale_discount_ppm ?? 0, billingDay: row?.billing_cycle_day ?? 1, prices: row ? await priceVersions(row.currency) : [] }
  })
}

/** `pieces` must hold whole bills for what is to be exact: see `loadSpan` of figures.ts. */
export function wholesaleCostOf(pieces: readonly Piece[], terms: WholesaleTerms, now: Date): WholesaleCost {
  const minor = pieces.map(() => 0)
  const { groups, unpriced } = grouped(pieces, terms, now)
  for (const bill of groupsOf(groups, (g) => g.period).values()) {
    const gross = bill.map((g) => amountOf(hourly(g.price.priceMicros, terms.currency), g.seconds))
    const off = Money.of(share(Money.sum(gross, terms.currency).minor, terms.discountPpm, 1_000_000), terms.currency)
    const discounts = allocate(off, gross.map((m) => m.minor))
    for (const [n, group] of bill.entries()) {
      allocate(gross[n]!.sub(discounts[n]!), group.pieces.map((i) => pieces[i]!.billedSeconds)).forEach((money, k) => { minor[group.pieces[k]!] = money.minor })
    }
  }
  return { minor, currency: terms.currency, unpriced }
}

/** One wholesale record is a run's share of a month of the shop; its first quarter hour says which price and which bill it belongs to. */
function grouped(pieces: readonly Piece[], { prices, billingDay }: WholesaleTerms, now: Date): { groups: Group[]; unpriced: boolean } {
  const groups = new Map<string, Group>()
  let unpriced = false
  for (const indexes of groupsOf([...pieces.keys()], (i) => `${pieces[i]!.session.id}:${pieces[i]!.month}`).values()) {
    const { session, month } = pieces[indexes[0]!]!
    const seconds = indexes.reduce((sum, i) => sum + pieces[i]!.billedSeconds, 0)
    if (seconds === 0 || !session.wholesaleSku) continue
    const from = usedFrom(session, month, now)
    const price = priceAt(prices, session.wholesaleSku, from)
    if (!price) {
      unpriced = true
      continue
    }
    const period = monthOf(from, 'UTC', billingDay).key
    const name = `${period}:${price.sku}:${price.version}`
    const group = groups.get(name) ?? { price, period, pieces: [], seconds: 0 }
    group.pieces.push(...indexes)
    group.seconds += seconds
    groups.set(name, group)
  }
  return { groups: [...groups.values()], unpriced }
}

function usedFrom(session: Piece['session'], month: string, now: Date): Date {
  const end = session.stoppedAt ?? now
  const period = monthsOf({ start: session.startedAt, end }, currentTenant().timeZone).find((m) => m.key === month)
  return (period && firstIncrementIn({ startedAt: session.startedAt, stoppedAt: end, gaps: session.gaps }, period, now)) ?? session.startedAt
}
