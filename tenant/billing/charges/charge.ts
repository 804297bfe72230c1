/** Words of pricing: a charge is a set of lines for one customer and currency; priced, it says discount, tax and total of each line and of the whole. */
import type { Money } from '../../../shared/money/money.js'
import type { Span } from '../../../shared/time/period.js'

export type LineKind = 'usage' | 'recurring' | 'setup' | 'addon' | 'change-credit' | 'change-charge' | 'manual' | 'late-fee' | 'deposit'

/** A tax as it was applied to one line. `code` names the ledger's account `tax:<code>`. */
export interface LineTax {
  readonly code: string
  readonly label: string
  /** Parts of a million: 190000 = 19 %. */
  readonly ratePpm: number
  /** Computed on the price with the taxes before it, not on the price alone. */
  readonly compound?: boolean
  /** Where it is owed: ISO 3166, and the code of a state or province. */
  readonly country?: string
  readonly region?: string
  /** Minor units; negative on a credit. */
  readonly amountMinor: number
}

/** What one coupon took off one line. */
export interface LineDiscount {
  readonly code: string
  readonly label: string
  readonly couponId: number
  /** Null while nothing is redeemed yet (a cart). */
  readonly redemptionId: number | null
  /** Minor units, positive. */
  readonly amountMinor: number
}

export interface ChargeLine {
  /** Names the line in the answer; unique in the charge. */
  readonly key: string
  readonly kind: LineKind
  /** Before discount; with tax in it when the shop's prices are inclusive. Negative: a credit. */
  readonly amountMinor: number
  readonly planId?: number | null
  readonly productId?: number | null
  readonly subscriptionId?: number | null
  readonly serviceType?: string
  /** `standard` when not given; `exempt` is never taxed. */
  readonly taxClass?: string | null
  readonly period?: Span | null
  /** Previews only: how many later periods of this subscription stand between now and this line, so that a coupon for N periods runs out in the preview too. */
  readonly periodsAhead?: number
  /** Of a credit: the taxes of the line it undoes. Of a change: which part of the whole period it is. */
  readonly detail?: object & { readonly taxes?: readonly LineTax[]; readonly proration?: { readonly seconds: number; readonly ofSeconds: number } }
}

export interface PricedLine extends ChargeLine {
  readonly discountMinor: number
  /** After discount, without tax. */
  readonly netMinor: number
  readonly taxMinor: number
  readonly taxes: readonly LineTax[]
  readonly discounts: readonly LineDiscount[]
}

/** Why a line bears no tax, or that it does. */
export type Treatment = 'taxed' | 'reverse-charge' | 'export' | 'exempt' | 'not-registered'

/** One line of the tax table beneath the total, and of the tax report. */
export interface TaxSummary {
  readonly code: string
  readonly label: string
  readonly ratePpm: number
  readonly compound: boolean
  readonly country: string
  readonly region: string
  readonly treatment: Treatment
  /** Sum of the net amounts it was computed on. */
  readonly net: Money
  readonly tax: Money
}

/** A code that was typed and does nothing here, with a sentence fit to show. */
export interface RejectedCode {
  readonly code: string
  readonly reason: string
}

export interface PricedCharge {
  readonly lines: readonly PricedLine[]
  /** Sum of the amounts before discount (inclusive prices: with tax). */
  readonly subtotal: Money
  readonly discount: Money
  /** Sum of the lines' net amounts. */
  readonly net: Money
  readonly tax: Money
  /** net + tax. */
  readonly total: Money
  readonly taxes: readonly TaxSummary[]
  /** Sentences that the law wants on the invoice (reverse charge, export, exemption). */
  readonly notes: readonly string[]
  readonly inclusive: boolean
  /** Codes that count, in the order they apply: hand these to draftInvoice and redeemCoupons. */
  readonly applied: readonly string[]
  readonly rejected: readonly RejectedCode[]
  /** What issuing this charge uses up of redeemed coupons. */
  readonly couponUses: readonly CouponUse[]
  /** The number that made it a reverse charge, with the proof of it. */
  readonly proof: { readonly country: string; readonly number: string | null; readonly proofId: number | null }
}

/** One period of one subscription that a redeemed coupon was applied to; also when nothing was left of a fixed amount. */
export interface CouponUse {
  readonly redemptionId: number
  readonly couponId: number
  readonly subscriptionId: number | null
  readonly period: Span | null
  /** From 1. */
  readonly periodNumber: number
  /** False: the rest of a period that was counted before (a change in mid-period). */
  readonly counts: boolean
  /** All it took off, and the part of that which belongs to the period (not to a setup fee). */
  readonly amountMinor: number
  readonly periodMinor: number
}

/** Where the customer is, when it differs from their profile or there is no customer yet. */
export interface Place {
  readonly country: string | null
  readonly region?: string | null
  readonly postcode?: string | null
  readonly taxId?: string | null
}

export interface ChargeFacts {
  readonly userId: number | null
  readonly place?: Place | null
  readonly currency: string
  readonly lines: readonly ChargeLine[]
  readonly codes?: readonly string[]
  readonly now: Date
}
