/** What staff must look at: services that could not be set up, and those that are still being tried again. */
import { tenantDb } from '../../shared/database/tenant-database.js'

export interface FailedProvisioning {
  readonly serviceId: number
  readonly workspaceId: number
  readonly publicId: string
  readonly name: string
  /** `failed`: given up, waits for a person. `provisioning`: the next try is at `nextAttemptAt`. */
  readonly status: 'failed' | 'provisioning'
  readonly workspaceType: string
  readonly customer: { readonly name: string; readonly email: string; readonly publicId: string }
  readonly attempts: number
  readonly code: string | null
  readonly reason: string | null
  readonly nextAttemptAt: Date | null
  readonly orderedAt: Date
}

/** Oldest first, at most 200. */
export async function failedProvisionings(): Promise<FailedProvisioning[]> {
  const rows = (await tenantDb()('services as s').join('kasm_workspaces as w', 'w.service_id', 's.id').join('users as u', 'u.id', 's.user_id')
    .where((q) => void q.where('s.status', 'failed').orWhere((p) => void p.where('s.status', 'provisioning').where('s.provision_attempts', '>', 0)))
    .orderBy('s.created_at').limit(200)
    .select('s.id', 'w.id as workspace_id', 's.public_id', 's.name', 's.status', 'w.workspace_type', 'u.name as user_name', 'u.email', 'u.public_id as user_public_id', 's.provision_attempts', 's.failure_code', 's.failure_reason', 's.next_attempt_at', 's.created_at')) as Array<Record<string, never>>
  return rows.map((r) => ({
    serviceId: r.id!, workspaceId: r.workspace_id!, publicId: r.public_id!, name: r.name!, status: r.status!, workspaceType: r.workspace_type!, customer: { name: r.user_name!, email: r.email!, publicId: r.user_public_id! },
    attempts: r.provision_attempts!, code: r.failure_code!, reason: r.failure_reason!, nextAttemptAt: r.next_attempt_at!, orderedAt: r.created_at!,
  }))
}
