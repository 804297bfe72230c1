/** `tenants audit`: what must hold between central, the servers and the tenants. Reports, repairs nothing. */
import { readBundle } from '../../shared/database/migration-bundle.js'
import { centralRows } from '../../shared/database/migration-central.js'
import { openAdmin, type AdminConnection } from '../../shared/database/migration-connection.js'
import { visitFleet, type FanOptions } from '../../shared/tenancy/fleet-visit.js'
import { auditTenant } from '../../tenant/billing/audit.js'
import { databaseFindings, orphanFindings } from './audit-databases.js'
import { tenantDetails } from './tenant-rows.js'

export interface AuditFinding {
  /** Short name; null when it is about a server. */
  readonly tenant: string | null
  /** Stable name of the rule, e.g. `database.missing`. */
  readonly check: string
  readonly subject: string
  readonly message: string
}

/** Databases, accounts, journals and the ledger, server by server. A server that does not answer is a finding, and the others are still looked at. */
async function kernelFindings(only: readonly string[] | undefined, except: readonly string[] | undefined): Promise<AuditFinding[]> {
  const findings: AuditFinding[] = []
  const bundle = readBundle('tenant')
  const all = await tenantDetails()
  const chosen = all.filter((t) => (!only || only.includes(t.slug)) && !except?.includes(t.slug))
  for (const server of await centralRows(`select id, name from database_servers where status <> 'removed' order by id`)) {
    let connection: AdminConnection | undefined
    try {
      connection = await openAdmin(Number(server.id))
      for (const tenant of chosen.filter((t) => t.serverId === Number(server.id) && t.database)) findings.push(...(await databaseFindings(connection, tenant, bundle)))
      if (!only) findings.push(...(await orphanFindings(connection, Number(server.id))))
    } catch (error) {
      findings.push({ tenant: null, check: 'server.unreachable', subject: String(server.name), message: (error as Error).message })
    } finally {
      await connection?.end().catch(() => undefined)
    }
  }
  for (const t of chosen.filter((c) => !c.database && c.status !== 'opening')) findings.push({ tenant: t.slug, check: 'database.unnamed', subject: t.slug, message: `The tenant is ${t.status} and its row names no database.` })
  return findings
}

/** All findings, worst places first: servers and databases, then what tenants' books say. Empty = all well. */
export async function auditFleet(selection: { only?: readonly string[]; except?: readonly string[] }, options: FanOptions): Promise<AuditFinding[]> {
  const kernel = await kernelFindings(selection.only, selection.except)
  const lost = new Set(kernel.filter((f) => f.check === 'database.missing' || f.check === 'account.missing').map((f) => f.tenant))
  const visits = await visitFleet(selection, auditTenant, options)
  const books = visits.flatMap((v): AuditFinding[] => {
    if (v.ok) return v.value.map(({ check, subject, message }) => ({ tenant: v.tenant.slug, check, subject, message }))
    return lost.has(v.tenant.slug) ? [] : [{ tenant: v.tenant.slug, check: 'tenant.unreadable', subject: v.tenant.slug, message: v.error.message }]
  })
  return [...kernel, ...books]
}
