/** Use, revenue and cost of a shop's workspaces in time and by type. Sums are those of the bills; see revenue.ts and wholesale-cost.ts. Runs inside the tenant. */
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { Money } from '../../../../shared/money/money.js'
import { monthOf, type Span } from '../../../../shared/time/period.js'
import { daysOf, peaks, piecesOf, runsIn, type Piece } from './pieces.js'
import { revenueOf } from './revenue.js'
import { wholesaleCostOf, wholesaleTerms, type WholesaleTerms } from './wholesale-cost.js'

export interface Figures {
  /** Seconds by the clock, and as billed. */
  readonly ran: number
  readonly billed: number
  readonly revenue: Money
  readonly cost: Money
  /** Null where cost and revenue are in different currencies. */
  readonly margin: Money | null
}
export interface FiguresOfSpan {
  readonly currency: string
  readonly costCurrency: string
  /** Use of articles without a wholesale price is not among the costs. */
  readonly unpriced: boolean
  readonly total: Figures & { readonly peak: number }
  /** Every day or month of the span, in order. */
  readonly rows: ReadonlyArray<Figures & { readonly key: string; readonly start: Date; readonly peak: number; readonly byType: ReadonlyMap<string, Figures> }>
  readonly byType: ReadonlyMap<string, Figures>
}
interface Valued { piece: Piece; revenue: number; cost: number }

/** All runs that stand on a bill with one of the span: bills are rounded once, over a whole month. */
function loadSpan({ start, end }: Span, { billingDay }: WholesaleTerms): Span {
  const { timeZone } = currentTenant()
  const last = new Date(end.getTime() - 1)
  const [from, to] = [[monthOf(start, timeZone), monthOf(start, 'UTC', billingDay)], [monthOf(last, timeZone), monthOf(last, 'UTC', billingDay)]]
  return { start: new Date(Math.min(...from.map((m) => m.start.getTime()))), end: new Date(Math.max(...to.map((m) => m.end.getTime()))) }
}

export interface FigureFilter {
  /** Of one service, without the others; its cost is rounded by itself then. */
  readonly serviceId?: number
  /** Only of runs that ended so; `running`: of those that still go on. They keep their share of the bills' sums. */
  readonly endedBy?: string | null
}

export async function figuresOf(span: Span, step: 'day' | 'month', currency: string, now: Date, { serviceId, endedBy }: FigureFilter = {}): Promise<FiguresOfSpan> {
  const terms = await wholesaleTerms()
  const sessions = await runsIn(loadSpan(span, terms), serviceId)
  const pieces = await piecesOf(sessions, now)
  const [revenue, cost] = [await revenueOf(pieces), wholesaleCostOf(pieces, terms, now)]
  const days = daysOf(span, currentTenant().timeZone)
  const known = new Set(days.map((d) => d.day))
  const valued = pieces.map((piece, i): Valued => ({ piece, revenue: revenue[i]!, cost: cost.minor[i]! }))
    .filter(({ piece }) => known.has(piece.day) && piece.session.currency === currency && (!endedBy || (piece.session.endReason ?? 'running') === endedBy))
  const mine = new Set(valued.map((v) => v.piece.session))
  const tops = peaks([...mine], days, now)
  const sum = (some: readonly Valued[]): Figures => summed(some, currency, cost.currency)
  const byTypeOf = (some: readonly Valued[]) => new Map([...new Set(some.map((v) => v.piece.type))].sort().map((type): [string, Figures] => [type, sum(some.filter((v) => v.piece.type === type))]))
  const keyOf = (day: string): string => (step === 'day' ? day : day.slice(0, 7))
  const rows = [...new Set(days.map((d) => keyOf(d.day)))].map((key) => {
    const some = valued.filter((v) => keyOf(v.piece.day) === key)
    return { key, start: days.find((d) => keyOf(d.day) === key)!.start, peak: Math.max(0, ...days.flatMap((d, i) => (keyOf(d.day) === key ? [tops[i]!] : []))), byType: byTypeOf(some), ...sum(some) }
  })
  return { currency, costCurrency: cost.currency, unpriced: cost.unpriced, rows, byType: byTypeOf(valued), total: { ...sum(valued), peak: Math.max(0, ...tops) } }
}

function summed(some: readonly Valued[], currency: string, costCurrency: string): Figures {
  const add = (of: (v: Valued) => number): number => some.reduce((total, v) => total + of(v), 0)
  const [revenue, cost] = [Money.of(add((v) => v.revenue), currency), Money.of(add((v) => v.cost), costCurrency)]
  return { ran: add((v) => v.piece.ranSeconds), billed: add((v) => v.piece.billedSeconds), revenue, cost, margin: currency === costCurrency ? revenue.sub(cost) : null }
}

/** Whole percent of the revenue that stays, cut towards zero; null without either. Pure. */
export const marginPercent = ({ revenue, margin }: Pick<Figures, 'revenue' | 'margin'>): number | null => (margin === null || !revenue.isPositive() ? null : Math.trunc((margin.minor * 100) / revenue.minor))
