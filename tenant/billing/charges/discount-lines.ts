/**
 * Discounts of lines. Pure. Coupons apply one after the other to what the earlier ones left: percentages before fixed amounts, then the older coupon first.
 * Each is computed once on the sum of its lines and split over them by `allocate`, so nothing is lost and no line falls below zero. The fixed amount of an
 * order is one pot a period: whichever of its subscriptions is billed first takes from it first.
 */
import { Money } from '../../../shared/money/money.js'
import { divideRounded } from '../../../shared/money/rate.js'
import { allocate } from '../../../shared/money/split.js'
import type { CouponTerms } from '../coupons/coupon-terms.js'
import type { ChargeLine, LineDiscount } from './charge.js'

/** How a coupon meets a line. */
export type Use =
  /** A billed period; `number` from 1. */
  | { readonly at: 'period'; readonly number: number }
  /** The rest of a period that it has discounted by so much before: a change in mid-period. */
  | { readonly at: 'rest'; readonly number: number; readonly periodMinor: number; readonly seconds: number; readonly ofSeconds: number }

export interface Offer {
  readonly couponId: number
  readonly redemptionId: number | null
  readonly code: string
  readonly label: string
  readonly terms: CouponTerms
  /** Lines it may touch, by key. */
  readonly uses: ReadonlyMap<string, Use>
  /** Of the pot of a fixed amount: what other invoices took, by period number. */
  readonly drawn: ReadonlyMap<number, number>
}

/** By line key, in the order they were applied; offers that take nothing off a line leave no entry. */
export function discountLines(lines: readonly ChargeLine[], offers: readonly Offer[], currency: string): Map<string, LineDiscount[]> {
  const left = new Map(lines.map((line) => [line.key, Math.max(0, line.amountMinor)]))
  const given = new Map<string, LineDiscount[]>(lines.map((line) => [line.key, []]))
  for (const offer of [...offers].sort(inOrder)) {
    for (const [key, minor] of takes(offer, lines.filter((line) => offer.uses.has(line.key)), left, currency)) {
      if (minor === 0) continue
      left.set(key, left.get(key)! - minor)
      given.get(key)!.push({ code: offer.code, label: offer.label, couponId: offer.couponId, redemptionId: offer.redemptionId, amountMinor: minor })
    }
  }
  return given
}

export const inOrder = (a: Offer, b: Offer): number => rank(a) - rank(b) || a.couponId - b.couponId || (a.redemptionId ?? 0) - (b.redemptionId ?? 0)
const rank = (offer: Offer): number => (offer.terms.kind === 'percent' ? 0 : 1)

type Taken = Array<[key: string, minor: number]>

function takes(offer: Offer, lines: readonly ChargeLine[], left: ReadonlyMap<string, number>, currency: string): Taken {
  const { kind, percentPpm, amounts } = offer.terms
  if (kind === 'percent') return share(lines, (sum) => Number(divideRounded(BigInt(sum) * BigInt(percentPpm ?? 0), 1_000_000n)), left, currency)
  const pots = new Map<number, ChargeLine[]>()
  const rests: Taken = []
  for (const line of lines) {
    const use = offer.uses.get(line.key)!
    if (use.at === 'rest') rests.push([line.key, restOf(use, left.get(line.key)!)])
    else pots.set(use.number, [...(pots.get(use.number) ?? []), line])
  }
  const taken = [...pots]
    .flatMap(([number, members]) => share(members, () => Math.max(0, (amounts[currency] ?? 0) - (offer.drawn.get(number) ?? 0)), left, currency))
  return [...taken, ...rests]
}

/** A fixed discount stays with the days it was given for. */
const restOf = (use: Use & { at: 'rest' }, left: number): number =>
  Math.min(left, Number(divideRounded(BigInt(use.periodMinor) * BigInt(Math.round(use.seconds)), BigInt(Math.max(1, Math.round(use.ofSeconds))))))

function share(lines: readonly ChargeLine[], discount: (sum: number) => number, left: ReadonlyMap<string, number>, currency: string): Taken {
  if (!lines.length) return []
  const weights = lines.map((line) => left.get(line.key)!)
  const sum = weights.reduce((a, b) => a + b, 0)
  const parts = allocate(Money.of(Math.min(sum, discount(sum)), currency), weights)
  return lines.map((line, i) => [line.key, parts[i]!.minor])
}
