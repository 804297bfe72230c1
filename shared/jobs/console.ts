/** What the console and the CLI show of the queue, and may do with it. */
import type { JobState } from 'agenda'
import { NotFound, Refusal } from '../errors.js'
import { runAsPlatform } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { jobStore, nudgeWorker } from './agenda.js'
import type { StoredJob } from './stored-job.js'

export interface ListedJob {
  readonly id: string
  readonly name: string
  readonly state: JobState
  /** Uuid; null for central. */
  readonly tenant: string | null
  readonly payload: unknown
  readonly nextRunAt: Date | null
  readonly lockedAt: Date | null
  readonly failures: number
  readonly lastError: string | null
  /** Set for rows of the timetable. */
  readonly every: string | null
}

export async function listJobs(filter: { tenant?: string; name?: string; state?: JobState; limit?: number; skip?: number } = {}): Promise<{ jobs: ListedJob[]; total: number }> {
  return runAsPlatform(async () => {
    const { tenant, limit = 100, ...rest } = filter
    const found = await (await jobStore()).queryJobs({ ...rest, limit, ...(tenant ? { data: { tenant } } : {}), sort: { nextRunAt: 'asc' } })
    const jobs = found.jobs.map((job): ListedJob => {
      const data = job.data as Partial<StoredJob> | null | undefined
      return {
        id: String(job._id), name: job.name, state: job.state, tenant: data?.tenant ?? null, payload: data?.payload, nextRunAt: job.nextRunAt, lockedAt: job.lockedAt ?? null,
        failures: job.failCount ?? 0, lastError: job.failReason ?? null, every: job.repeatInterval === undefined ? null : String(job.repeatInterval),
      }
    })
    return { jobs, total: found.total }
  })
}

/** Brings a waiting job forward to now. Throws NotFound, and Refusal when it is running. */
export async function retryJob(id: string): Promise<void> {
  await runAsPlatform(async () => {
    const store = await jobStore()
    const job = await store.getJobById(id).catch(() => null)
    if (!job) throw new NotFound('job')
    if (job.lockedAt) throw new Refusal('job.running', 'This job is running right now.')
    const due = { ...job, nextRunAt: clock.real() }
    await store.saveJobState(due, undefined)
    nudgeWorker(due)
  })
}
