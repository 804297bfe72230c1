/** What a shop sells: a virtual server, a game server, an extra. Its prices are its plans, one for each cycle and currency. */
import { NotFound } from '../../shared/errors.js'
import { TenantModel } from '../../shared/database/tenant-model.js'

export const serviceTypes = ['kasm_workspace', 'vps', 'game', 'dedicated', 'web_hosting', 'other'] as const
export type ServiceType = (typeof serviceTypes)[number]
/** active: in the shop. hidden: sold through its direct link only. retired: sold no more; who has it, keeps it. */
export type OfferStatus = 'active' | 'hidden' | 'retired'
/** When a change takes effect that costs more, or less. */
export type ChangePolicy = 'now' | 'period-end'

export class Product extends TenantModel {
  static override tableName = 'products'
  static override booleans = ['followsParent']
  static override get jsonAttributes() {
    return ['features']
  }

  id!: number
  publicId!: string
  /** In addresses of the shop: `/products/vps-s`. */
  slug!: string
  name!: string
  description!: string
  /** Short lines for its card: `2 vCPU`. */
  features!: string[]
  /** An add-on is bought with, or for, a plan: see addonsOf(). */
  kind!: 'plan' | 'addon'
  serviceType!: ServiceType
  groupId!: number | null
  status!: OfferStatus
  /** Add-ons only: it renews, pauses and ends with the service it was bought for. Otherwise it has a life of its own. */
  followsParent!: boolean
  /** How many may be sold at the same time; null: any number. */
  stockLimit!: number | null
  stockTaken!: number
  /** Largest quantity of one order line. */
  maxQuantity!: number
  /** Days before the first payment; 0: no trial. */
  trialDays!: number
  /** Months before it may be cancelled to an end; 0: any time. */
  minTermMonths!: number
  taxClass!: string
  upgradePolicy!: ChangePolicy
  downgradePolicy!: ChangePolicy
  sortOrder!: number
  createdAt!: Date
  updatedAt!: Date

  get isSoldOut(): boolean {
    return this.stockLimit !== null && this.stockTaken >= this.stockLimit
  }
  /** How many are left; null: no limit. */
  get stockLeft(): number | null {
    return this.stockLimit === null ? null : Math.max(0, this.stockLimit - this.stockTaken)
  }
  get shopHref(): string {
    return `/products/${this.status === 'active' ? this.slug : this.publicId}`
  }

  /**
   * The product at an address of the shop. What is in the shop is found by its slug; a hidden one by its public id only, so that nobody guesses it.
   * Throws NotFound, also for retired ones.
   */
  static async atAddress(key: string): Promise<Product> {
    const found = await Product.query().where((either) => either.where({ slug: key, status: 'active' }).orWhere({ public_id: key })).whereNot('status', 'retired').first()
    if (!found) throw new NotFound('product')
    return found
  }
}
