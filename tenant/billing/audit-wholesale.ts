/** What the platform bills this shop for, and where it comes from: each of its records has a run of ours, each run that is over is on record, with the same seconds. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { directory } from '../../shared/tenancy/directory.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import type { Finding } from './audit-check.js'

interface Run { id: number; billable: number | null; open: number }
/** Telling is a job: a run that ended just now may not be on record yet. */
const PATIENCE = 2 * 3_600_000

export async function wholesaleFindings(now: Date): Promise<Finding[]> {
  const told = new Map<number, number>()
  const findings: Finding[] = []
  for (const { key, quantitySeconds } of await directory().usageOf(currentTenant())) {
    const session = /^kasm-session:(\d+):/.exec(key)
    if (session) told.set(Number(session[1]), (told.get(Number(session[1])) ?? 0) + quantitySeconds)
  }
  const runs = new Map((await runsToCompare()).map((r) => [Number(r.id), r]))
  for (const [id, seconds] of told) {
    const run = runs.get(id)
    if (!run) findings.push({ check: 'wholesale.without-run', subject: `run ${id}`, message: `It is on record with ${seconds} s, and there is no such run here.` })
    else if (!run.open && Number(run.billable) !== seconds) findings.push({ check: 'wholesale.seconds', subject: `run ${id}`, message: `It is on record with ${seconds} s, we metered ${Number(run.billable)} s.` })
  }
  for (const id of await endedBefore(new Date(now.getTime() - PATIENCE))) if (!told.has(id)) findings.push({ check: 'wholesale.missing', subject: `run ${id}`, message: 'It is over and not on record.' })
  return findings.slice(0, 50)
}

const runsToCompare = (): Promise<Run[]> => tenantDb()('kasm_usage_sessions').select<Run[]>('id', 'duration_billable_seconds as billable', tenantDb().raw('stopped_at is null as open'))

async function endedBefore(instant: Date): Promise<number[]> {
  return (await tenantDb()('kasm_usage_sessions').whereNotNull('stopped_at').where('stopped_at', '<', instant).whereNotNull('wholesale_sku').where('duration_billable_seconds', '>', 0).pluck('id')) as number[]
}
