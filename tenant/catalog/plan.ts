/** What a shop offers: one plan, its size and the reseller's own price. Services keep the price they were sold at; a new price is for new services. */
import { Refusal } from '../../shared/errors.js'
import type { Money } from '../../shared/money/money.js'
import { amountOf, hourly, type Rate } from '../../shared/money/rate.js'
import type { Cycle } from '../../shared/time/period.js'
import { TenantModel } from '../../shared/database/tenant-model.js'

/** 40 hours a week over a twelfth of 52 weeks: what "about a month" of working days means in every estimate. */
export const workingMonthSeconds = (40 * 52 * 3600) / 12

export type PlanFamily = 'developer' | 'business'

export class Plan extends TenantModel {
  static override tableName = 'plans'
  declare id: number
  declare publicId: string
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
  /** A copy for the reseller's eyes; what EZSCALE bills comes from central. */
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
    return amountOf(this.rate, workingMonthSeconds)
  }
  get isBelowCost(): boolean {
    return this.wholesalePriceMicros !== null && this.priceMicros < this.wholesalePriceMicros
  }
  refusalToOrder(): Refusal | null {
    return this.status === 'active' ? null : new Refusal('plan.not-offered', 'This plan is not offered at the moment.')
  }

  /** What the shop shows, in its order. */
  static async offered(serviceType = 'kasm_workspace'): Promise<Plan[]> {
    return Plan.query().where({ serviceType, status: 'active' }).orderBy('sortOrder').orderBy('id')
  }
}
