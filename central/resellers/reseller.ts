/** A reseller: one tenant with its owner, domains, terms and branding. The row is the truth; databases and jobs follow it. */
import { CentralModel } from '../../shared/database/central-model.js'
import { Refusal } from '../../shared/errors.js'
import type { TenantStatus } from '../../shared/tenancy/tenant.js'

export class Reseller extends CentralModel {
  static override tableName = 'tenants'
  static override moves: Record<string, readonly string[]> = {
    opening: ['active', 'dropped'],
    active: ['suspended', 'maintenance', 'dropped'],
    trial: ['active', 'suspended', 'maintenance', 'dropped'],
    suspended: ['active', 'dropped'],
    maintenance: ['active', 'suspended', 'dropped'],
    dropped: [],
  }

  id!: number
  uuid!: string
  generation!: number
  slug!: string
  name!: string
  status!: TenantStatus
  suspendReason!: string | null
  house!: number
  sandbox!: number
  clockOffsetMs!: number
  ownerName!: string
  ownerEmail!: string
  serverId!: number | null
  databaseName!: string | null
  databaseUser!: string | null
  currency!: string
  timeZone!: string
  locale!: string
  suspendedAt!: Date | null
  droppedAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  refusalToSuspend(): Refusal | null {
    if (this.house) return new Refusal('reseller.house', 'The house shop cannot be suspended.')
    return this.status === 'active' || this.status === 'trial' ? null : new Refusal('reseller.not-active', `${this.name} is ${this.status}: only an active reseller can be suspended.`)
  }

  refusalToResume(): Refusal | null {
    return this.status === 'suspended' || this.status === 'maintenance' ? null : new Refusal('reseller.not-stopped', `${this.name} is ${this.status}: there is nothing to resume.`)
  }

  refusalToDrop(): Refusal | null {
    if (this.house) return new Refusal('reseller.house', 'The house shop cannot be dropped.')
    return this.status === 'dropped' ? new Refusal('reseller.dropped', `${this.name} was dropped before.`) : null
  }
}
