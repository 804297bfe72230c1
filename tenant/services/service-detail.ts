/** How the customer reaches a service that staff has set up: addresses, user names, passwords. Secrets are sealed; opening them is written down. */
import { sealed } from '../../shared/database/sealed-column.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import { record } from '../../shared/events/record.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Service } from './service.js'

export class ServiceDetail extends TenantModel {
  static override tableName = 'service_details'
  declare id: number
  declare publicId: string
  declare serviceId: number
  declare position: number
  declare label: string
  /** Null for a secret. */
  declare value: string | null
  declare valueSealed: string | null
  declare createdAt: Date
  declare updatedAt: Date

  get isSecret(): boolean {
    return this.valueSealed !== null
  }
  /** The value, also of a secret. Throws when the seal does not fit. */
  open(): string {
    return this.valueSealed === null ? this.value ?? '' : sealed('service_details', 'value', this.publicId).open(this.valueSealed)
  }
}

export interface NewDetail {
  readonly label: string
  /** Null: keep the secret that is there at this position. */
  readonly value: string | null
  readonly secret: boolean
}

export const detailsOf = (serviceId: number): Promise<ServiceDetail[]> => ServiceDetail.query().where({ serviceId }).orderBy('position').execute()

/** Replaces all details of the service, in the caller's transaction. A secret without a new value keeps its old one. */
export async function writeDetails(service: Service, details: readonly NewDetail[]): Promise<void> {
  const before = await detailsOf(service.id)
  await ServiceDetail.query().delete().where({ serviceId: service.id })
  for (const [position, detail] of details.entries()) {
    const kept = detail.value === null ? before.find((d) => d.label === detail.label && d.isSecret)?.open() ?? '' : detail.value
    const publicId = newPublicId()
    const stored = detail.secret ? { value: null, valueSealed: sealed('service_details', 'value', publicId).seal(kept) } : { value: kept, valueSealed: null }
    await ServiceDetail.query().insert({ publicId, serviceId: service.id, position, label: detail.label, ...stored })
  }
  await record('service.details-changed', service, { labels: details.map((d) => d.label) }, { userId: service.userId })
}

/** Opens all of them for their owner, and says so in the history. */
export async function revealDetails(service: Service): Promise<Array<{ label: string; value: string; secret: boolean }>> {
  return tenantTransaction(async () => {
    const details = await detailsOf(service.id)
    await record('service.details-revealed', service, { labels: details.filter((d) => d.isSecret).map((d) => d.label) }, { userId: service.userId })
    return details.map((d) => ({ label: d.label, value: d.open(), secret: d.isSecret }))
  })
}
