/** Jobs that must not run now: kept in `parked_jobs` with the reason, shown in the console, resumed by hand or when the reason is gone. Never deleted. */
import { centralDb } from '../database/central-database.js'
import { runAsPlatform } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { jobStore, nudgeWorker } from './agenda.js'
import { parsedJson } from './mysql-job-row.js'
import { storedJob } from './stored-job.js'

/** failed: all attempts used up. store-down: the job store did not answer. The rest says what the worker found. */
export type ParkReason = 'tenant-gone' | 'tenant-dropped' | 'tenant-suspended' | 'unknown-version' | 'garbage' | 'failed' | 'store-down'

export interface ParkedJob {
  readonly id: number
  readonly name: string
  readonly tenant: string | null
  readonly payload: unknown
  readonly reason: ParkReason
  readonly error: string | null
  readonly parkedAt: Date
  readonly resumedAt: Date | null
}

const textOf = (error: unknown): string | null => (error === undefined ? null : (error instanceof Error ? error.message : String(error)).slice(0, 1000))
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Keeps the data exactly as it was found, also when nobody can read it. */
export async function park(job: { name: string; data: unknown; tenant: string | null; reason: ParkReason; error?: unknown }): Promise<void> {
  const row = {
    job_name: job.name.slice(0, 80), tenant_uuid: job.tenant && uuid.test(job.tenant) ? job.tenant : null, payload: JSON.stringify(job.data ?? null),
    reason: job.reason, error: textOf(job.error), parked_at: clock.real(),
  }
  await runAsPlatform(async () => await centralDb()('parked_jobs').insert(row))
}

type Row = { id: number; job_name: string; tenant_uuid: string | null; payload: unknown; reason: ParkReason; error: string | null; parked_at: Date; resumed_at: Date | null }
const fromRow = (row: Row): ParkedJob => ({
  id: row.id, name: row.job_name, tenant: row.tenant_uuid, payload: parsedJson(row.payload),
  reason: row.reason, error: row.error, parkedAt: row.parked_at, resumedAt: row.resumed_at,
})

/** Newest first. Without `all`, only those that still wait for somebody. */
export async function parkedJobs(filter: { tenant?: string; reason?: ParkReason; all?: boolean; limit?: number } = {}): Promise<ParkedJob[]> {
  return runAsPlatform(async () => {
    const query = centralDb()('parked_jobs').orderBy('id', 'desc').limit(filter.limit ?? 200)
    if (filter.tenant) void query.where('tenant_uuid', filter.tenant)
    if (filter.reason) void query.where('reason', filter.reason)
    if (!filter.all) void query.whereNull('resumed_at')
    return (await query as Row[]).map(fromRow)
  })
}

/** Puts one parked job back in the store, due now, as the same tenant. False when somebody else was first. */
export async function resumeParked(id: number): Promise<boolean> {
  return runAsPlatform(async () => {
    const claimed = await centralDb()('parked_jobs').where({ id }).whereNull('resumed_at').update({ resumed_at: clock.real() })
    if (!claimed) return false
    const row = await centralDb()('parked_jobs').where({ id }).first() as Row
    const parked = fromRow(row)
    try {
      const saved = await (await jobStore()).saveJob({ name: parked.name, type: 'normal', priority: 0, nextRunAt: clock.real(), data: parked.payload }, undefined)
      nudgeWorker(saved)
      return true
    } catch (error) {
      await centralDb()('parked_jobs').where({ id }).update({ resumed_at: null })
      throw error
    }
  })
}

/** All that wait for this reason, of one tenant or of all; used when a tenant is active again or the store answers again. */
export async function resumeAllParked(filter: { tenant?: string; reason: ParkReason }): Promise<number> {
  let resumed = 0
  for (const job of (await parkedJobs({ ...filter, limit: 1000 })).reverse()) if (storedJob.safeParse(job.payload).success && (await resumeParked(job.id))) resumed++
  return resumed
}
