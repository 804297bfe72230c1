/** One offer of a product: a cycle, a currency and the reseller's own price. Services keep the price they were sold at; a new price is for new services. */
import { FormErrors, Refusal } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import { amountOf, hourly, roundToMoney, type Rate } from '../../shared/money/rate.js'
import type { Cycle } from '../../shared/time/period.js'
import { monthsOf } from './cycle.js'
import { TenantModel } from '../../shared/database/tenant-model.js'

/** What "about a month" of work means in every estimate: 40 hours a week, and a twelfth of 52 weeks (4⅓) in a month; 173⅓ hours. */
export const workingMonth = { hoursPerDay: 8, daysPerWeek: 5, weeks: 52 / 12, seconds: (40 * 3600 * 52) / 12 } as const

export type PlanFamily = 'developer' | 'business'

export class Plan extends TenantModel {
  static override tableName = 'plans'
  declare id: number
  declare publicId: string
  /** What it is an offer of; a product has one plan for each cycle and currency. */
  declare productId: number | null
  /** In addresses: `/order/developer_basic`. */
  declare slug: string
  declare name: string
  declare description: string
  declare serviceType: string
  declare billingCycle: Cycle
  declare currency: string
  /** Micro-units of the major unit: per hour for metered plans, per period otherwise. */
  declare priceMicros: number
  declare setupFeeMinor: number
  declare wholesaleSku: string | null
  /** A copy for the reseller's eyes, per hour for metered plans and per month otherwise; what EZSCALE bills comes from central. */
  declare wholesalePriceMicros: number | null
  declare kasmWorkspaceType: string | null
  declare vcpu: number | null
  declare ramMb: number | null
  declare status: 'active' | 'hidden' | 'retired'
  declare sortOrder: number
  /** Grows with each change of price; a quote names the version it was made from. */
  declare version: number
  declare createdAt: Date
  declare updatedAt: Date

  get rate(): Rate {
    return hourly(this.priceMicros, this.currency)
  }
  get family(): PlanFamily {
    return this.kasmWorkspaceType?.startsWith('business') ? 'business' : 'developer'
  }
  /** "About $26 a month at 40 hours a week." */
  get workingMonth(): Money {
    return amountOf(this.rate, workingMonth.seconds)
  }
  /** What one period costs, without options; nothing in advance for metered and free plans. */
  get price(): Money {
    return this.isMetered || this.billingCycle === 'free' ? Money.zero(this.currency) : roundToMoney(this.priceMicros, this.currency)
  }
  get setupFee(): Money {
    return Money.of(this.setupFeeMinor, this.currency)
  }
  get isMetered(): boolean {
    return this.billingCycle === 'hourly'
  }
  /** Micro-units that EZSCALE asks for one period (an hour of metered plans), exact as `of / per`; null when it has no wholesale price. */
  get cost(): { of: bigint; per: bigint } | null {
    if (this.wholesalePriceMicros === null) return null
    const length = this.isMetered ? { of: 1, per: 1 } : monthsOf(this.billingCycle)
    return length && { of: BigInt(this.wholesalePriceMicros) * BigInt(length.of), per: BigInt(length.per) }
  }
  /** Compared without rounding: a week costs 12/52 of the wholesale month. */
  get isBelowCost(): boolean {
    const { cost } = this
    return cost !== null && BigInt(this.priceMicros) * cost.per < cost.of
  }
  /** Whole percent of the price that stays with the reseller, cut towards zero; null without a cost or a price. */
  get marginPercent(): number | null {
    const { cost } = this
    return cost === null || this.priceMicros === 0 ? null : Number(((BigInt(this.priceMicros) * cost.per - cost.of) * 100n) / (BigInt(this.priceMicros) * cost.per))
  }
  refusalToOrder(): Refusal | null {
    return this.status === 'active' ? null : new Refusal('plan.not-offered', 'This plan is not offered at the moment.')
  }

  /**
   * The plan a customer chose, by its public id: active ones, and hidden ones, whose id is known from their link only.
   * Throws FormErrors (`plan`) for a plan that is unknown or retired, or priced in another currency than the customer's.
   */
  static async chosen(publicId: string, currency: string): Promise<Plan> {
    const plan = await Plan.query().findOne({ publicId })
    if (!plan || plan.status === 'retired' || plan.productId === null) throw new FormErrors({ plan: 'This plan is not offered at the moment. Please choose another one.' })
    if (plan.currency !== currency) throw new FormErrors({ plan: `This plan is priced in ${plan.currency}. You pay in ${currency}: choose a price in that currency.` })
    return plan
  }

  /** What the shop shows, in its order. */
  static async offered(serviceType = 'kasm_workspace'): Promise<Plan[]> {
    return Plan.query().where({ serviceType, status: 'active' }).orderBy('sortOrder').orderBy('id')
  }
}
