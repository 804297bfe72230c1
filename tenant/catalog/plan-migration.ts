/**
 * A reseller's wish that existing customers of a plan move to its new price, with notice. Recorded with `plan.migration-requested` (subject: this row);
 * subscriptions answers by scheduling a `price` change at each one's first renewal on or after `earliestAt`, tells the customer, and moves the row on.
 */
import { TenantModel } from '../../shared/database/tenant-model.js'

export class PlanMigration extends TenantModel {
  static override tableName = 'plan_migrations'
  static override moves = { requested: ['scheduled', 'cancelled'], scheduled: ['cancelled'], cancelled: [] } as const

  id!: number
  publicId!: string
  planId!: number
  /** Version of the plan whose price they move to. */
  version!: number
  priceMicros!: number
  /** No renewal before this instant is charged at the new price. */
  earliestAt!: Date
  status!: 'requested' | 'scheduled' | 'cancelled'
  /** How many customers were told; 0 until it is scheduled. */
  customers!: number
  createdAt!: Date
  updatedAt!: Date
}

/** The price a plan had from an instant on, version by version. Written with each price; never changed. */
export class PlanVersion extends TenantModel {
  static override tableName = 'plan_versions'
  static override timestamps: ReadonlyArray<'createdAt' | 'updatedAt'> = []

  id!: number
  planId!: number
  version!: number
  priceMicros!: number
  setupFeeMinor!: number
  since!: Date
}
