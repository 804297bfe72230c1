/** What a coupon gives. Frozen with each redemption: later changes of the coupon are for those who redeem it later. Pure. */
import type { ChargeLine } from '../charges/charge.js'

export interface CouponTerms {
  readonly kind: 'percent' | 'fixed'
  /** Parts of a million of the price; 250000 = 25 %. */
  readonly percentPpm: number | null
  /** Minor units by currency. A fixed amount is for everything that was ordered together, once in each period. */
  readonly amounts: Readonly<Record<string, number>>
  readonly duration: 'once' | 'periods' | 'forever'
  readonly periods: number | null
  readonly includesSetup: boolean
  /** Of what; empty lists: of everything. */
  readonly productIds: readonly number[]
  readonly planIds: readonly number[]
}

/** How many billed periods of each subscription it is good for. */
export function periodsOf(terms: CouponTerms): number {
  if (terms.duration === 'forever') return Infinity
  return terms.duration === 'once' ? 1 : terms.periods ?? 1
}

export const coversItem = (terms: CouponTerms, productId: number | null | undefined, planId: number | null | undefined): boolean =>
  (!terms.productIds.length && !terms.planIds.length) || terms.productIds.includes(productId ?? 0) || terms.planIds.includes(planId ?? 0)

/** Prices of periods, add-ons and, where the coupon says so, setup fees. Never metered use, what staff wrote, fees for being late, or credits. */
export function covers(terms: CouponTerms, line: ChargeLine): boolean {
  if (line.amountMinor < 0 || !coversItem(terms, line.productId, line.planId)) return false
  return line.kind === 'recurring' || line.kind === 'addon' || line.kind === 'change-charge' || (line.kind === 'setup' && terms.includesSetup)
}

/** `SUMMER-25`: what a person types, as it is stored; null when it cannot be a code. */
export function tidyCode(typed: string): string | null {
  const code = typed.trim().toUpperCase()
  return /^[A-Z0-9][A-Z0-9_-]{1,39}$/.test(code) ? code : null
}
