/** What a customer has bought and may use. What it does technically is its driver's business (kasm: a workspace). */
import { Refusal } from '../../shared/errors.js'
import { TenantModel } from '../../shared/database/tenant-model.js'

export type SuspendedBy = 'pause' | 'dunning' | 'dispute' | 'staff'
export type ServiceStatus = 'pending' | 'provisioning' | 'active' | 'suspended' | 'failed' | 'terminated'

const whySuspended: Readonly<Record<SuspendedBy, string>> = {
  pause: 'This service is paused. Take up its subscription again to use it.',
  dunning: 'This service is suspended. Pay what is due, or contact support, to use it again.',
  dispute: 'This service is suspended because one of its payments is disputed. Please contact support.',
  staff: 'This service is suspended. Please contact support to use it again.',
}

export class Service extends TenantModel {
  static override tableName = 'services'
  static override moves = {
    pending: ['provisioning', 'terminated'],
    provisioning: ['active', 'failed', 'terminated'],
    failed: ['provisioning', 'terminated'],
    active: ['suspended', 'terminated'],
    suspended: ['active', 'terminated'],
    terminated: [],
  } as const

  id!: number
  publicId!: string
  userId!: number
  planId!: number
  subscriptionId!: number | null
  serviceType!: string
  /** The customer's own name for it. */
  name!: string
  status!: ServiceStatus
  currency!: string
  /** Price that the customer agreed to, micro-units per hour (metered) or per period. A later price of the plan does not change it. */
  priceMicros!: number
  provisionAttempts!: number
  nextAttemptAt!: Date | null
  failureCode!: string | null
  /** For staff; may quote the provider. */
  failureReason!: string | null
  /** Who suspended it; only the same may lift it. Staff outweighs a dispute, that dunning, dunning a pause. */
  suspendedBy!: SuspendedBy | null
  provisionedAt!: Date | null
  suspendedAt!: Date | null
  terminatedAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  get isOver(): boolean {
    return this.status === 'terminated'
  }

  /** May it be used (started, opened) now? */
  refusalToUse(): Refusal | null {
    if (this.status === 'suspended') return new Refusal('service.suspended', whySuspended[this.suspendedBy ?? 'staff'])
    if (this.status === 'terminated') return new Refusal('service.terminated', 'This service has ended.')
    return null
  }

  /** May setting it up be tried again? */
  refusalToRetry(): Refusal | null {
    return this.status === 'failed' ? null : new Refusal('service.not-failed', 'This service is not waiting for another try.')
  }
}
