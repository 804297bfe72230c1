/** A code that makes something cheaper. What it gives is in `coupon-terms.ts`; who may use it, and how often, is here. */
import { Refusal } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { formatMoney } from '../../../shared/views/format.js'
import type { CouponTerms } from './coupon-terms.js'

export interface Wanting {
  readonly now: Date
  readonly locale: string
  /** Null: not known yet (nobody is signed in, or nothing is priced). */
  readonly currency: string | null
  /** Sum of the prices it would apply to, minor units; null while nothing is priced. */
  readonly coveredMinor: number | null
  /** Does anything that is ordered belong to it? */
  readonly coversSomething: boolean
  /** Uses by this customer, and their orders before this one; 0 while nobody is signed in. */
  readonly usesByCustomer: number
  readonly earlierOrders: number
}

export class Coupon extends TenantModel {
  static override tableName = 'coupons'
  static override jsonAttributes = ['amounts', 'minimums', 'productIds', 'planIds']
  static override booleans = ['firstOrderOnly', 'includesSetup', 'stackable']
  static override moves = { active: ['stopped'], stopped: ['active'] } as const
  declare id: number
  declare publicId: string
  /** Upper case. */
  declare code: string
  /** For people; customers see it on invoices. */
  declare name: string
  declare kind: CouponTerms['kind']
  declare percentPpm: number | null
  declare amounts: Record<string, number>
  /** Smallest order by currency, minor units; a currency without one has none. */
  declare minimums: Record<string, number>
  declare duration: CouponTerms['duration']
  declare periods: number | null
  declare startsAt: Date | null
  /** First instant at which it can no longer be redeemed. */
  declare endsAt: Date | null
  declare limitTotal: number | null
  declare limitPerCustomer: number | null
  declare redeemedCount: number
  declare firstOrderOnly: boolean
  declare includesSetup: boolean
  declare stackable: boolean
  declare productIds: number[]
  declare planIds: number[]
  /** `stopped`: no new uses; who redeemed it keeps what it gives. */
  declare status: 'active' | 'stopped'
  declare batch: string | null
  declare createdAt: Date
  declare updatedAt: Date

  get terms(): CouponTerms {
    const { kind, percentPpm, amounts, duration, periods, includesSetup, productIds, planIds } = this
    return { kind, percentPpm, amounts, duration, periods, includesSetup, productIds, planIds }
  }
  get usesLeft(): number | null {
    return this.limitTotal === null ? null : Math.max(0, this.limitTotal - this.redeemedCount)
  }

  refusalToRedeem(facts: Wanting): Refusal | null {
    return this.refusalByDate(facts.now) ?? this.refusalByCustomer(facts) ?? this.refusalByOrder(facts)
  }
  private refusalByDate(now: Date): Refusal | null {
    if (this.status === 'stopped' || (this.endsAt && now >= this.endsAt)) return new Refusal('coupon.ended', `The code ${this.code} is no longer valid.`)
    return this.startsAt && now < this.startsAt ? new Refusal('coupon.not-yet', `The code ${this.code} is not valid yet.`) : null
  }
  private refusalByCustomer({ usesByCustomer, earlierOrders }: Wanting): Refusal | null {
    if (this.usesLeft === 0) return new Refusal('coupon.used-up', `The code ${this.code} has been used as often as it can be.`)
    if (this.limitPerCustomer !== null && usesByCustomer >= this.limitPerCustomer) return new Refusal('coupon.used-by-you', `You have already used the code ${this.code}.`)
    return this.firstOrderOnly && earlierOrders > 0 ? new Refusal('coupon.first-order', `The code ${this.code} is for a first order only.`) : null
  }
  private refusalByOrder({ currency, coveredMinor, coversSomething, locale }: Wanting): Refusal | null {
    if (!coversSomething) return new Refusal('coupon.not-for-this', `The code ${this.code} does not apply to anything you are ordering.`)
    if (currency === null) return null
    if (this.kind === 'fixed' && !this.amounts[currency]) return new Refusal('coupon.currency', `The code ${this.code} cannot be used for prices in ${currency}.`)
    const minimum = this.minimums[currency] ?? 0
    if (coveredMinor === null || coveredMinor >= minimum) return null
    return new Refusal('coupon.minimum', `The code ${this.code} needs an order of at least ${formatMoney(Money.of(minimum, currency).minor, currency, locale)}.`)
  }
}

/** A coupon used for one order, or given to a running subscription. `terms` are those of that day. */
export class CouponRedemption extends TenantModel {
  static override tableName = 'coupon_redemptions'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['terms']
  declare id: number
  declare couponId: number
  declare userId: number
  /** Null: staff gave it to a running subscription. */
  declare orderId: number | null
  declare terms: CouponTerms & { readonly code: string; readonly name: string }
  declare redeemedAt: Date
  declare releasedAt: Date | null
  declare createdAt: Date
}
