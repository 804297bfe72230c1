/** What a customer may configure on a product: memory, backups, addresses. Options and choices belong to the product, their prices to each of its plans. */
import { TenantModel } from '../../shared/database/tenant-model.js'

export type OptionKind = 'select' | 'quantity' | 'checkbox'
/** volume: every unit at the price of the tier that the quantity reaches. graduated: each unit at the price of its own tier. */
export type TierMode = 'volume' | 'graduated'

export class ProductOption extends TenantModel {
  static override tableName = 'product_options'
  static override booleans = ['required']

  id!: number
  productId!: number
  name!: string
  hint!: string
  kind!: OptionKind
  /** Name for drivers: `ram`, `ips`. Unique within the product. */
  code!: string
  /** Of a quantity: `GB`. */
  unit!: string
  required!: boolean
  /** Bounds of a quantity; a select and a checkbox have 0 or 1. */
  minQuantity!: number
  maxQuantity!: number
  tierMode!: TierMode
  status!: 'active' | 'retired'
  sortOrder!: number
  createdAt!: Date
  updatedAt!: Date
}

/** One answer of a select. A quantity and a checkbox have exactly one: the unit, and the tick. */
export class OptionChoice extends TenantModel {
  static override tableName = 'product_option_choices'
  static override booleans = ['isDefault']

  id!: number
  optionId!: number
  label!: string
  /** Value for drivers: `8192`. Unique within the option. */
  code!: string
  isDefault!: boolean
  status!: 'active' | 'retired'
  sortOrder!: number
  createdAt!: Date
  updatedAt!: Date
}

/** What a choice costs on a plan, from a quantity on. A choice without a price is not offered on that plan. */
export class PlanOptionPrice extends TenantModel {
  static override tableName = 'plan_option_prices'

  id!: number
  planId!: number
  choiceId!: number
  /** First quantity of the tier; the lowest tier begins at 1. */
  fromQuantity!: number
  /** Micro-units of the plan's currency for one unit and one period. */
  unitMicros!: number
  /** Once, for each unit. */
  setupMinor!: number
  createdAt!: Date
  updatedAt!: Date
}
