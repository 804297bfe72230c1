/**
 * The identities of the books (design: money, chapter 5), checked nightly and by `ezscale tenants audit`. Reads only: a finding is reported to people,
 * never repaired silently. Each check is one query that returns nothing when all is well.
 */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { bookChecks, type Check } from './audit-books.js'
import { usageChecks } from './audit-usage.js'
import { numberFindings } from './audit-numbers.js'

export interface Finding {
  /** Stable name of the identity: `ledger.off-balance`. */
  readonly check: string
  /** What it is about: `invoice 42`. */
  readonly subject: string
  readonly message: string
}

/** Most findings reported for one check: a broken shop must not drown the report. */
const most = 50

/** Every finding of the current tenant; empty when the books are in order. */
export async function auditTenant(): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const check of [...bookChecks, ...usageChecks]) findings.push(...await run(check))
  return [...findings, ...await numberFindings()]
}

async function run(check: Check): Promise<Finding[]> {
  const [rows] = (await tenantDb().raw(`${check.sql} limit ${most}`)) as [Array<Record<string, unknown>>]
  return rows.map((row) => ({ check: check.name, subject: `${check.subject} ${String(row['id'])}`, message: check.message(row) }))
}
