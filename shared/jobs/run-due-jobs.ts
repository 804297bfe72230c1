/** Runs everything that is due, here and now, one after the other: for tests, for `jobs run` and for a sandbox clock that was moved. */
import { log } from '../log.js'
import { runAsPlatform, runInTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { clock } from '../time/clock.js'
import { jobStore, type JobParameters, type JobRepository } from './agenda.js'
import { perform } from './perform.js'
import { keepTouching, lockSeconds, settle } from './retry.js'
import { storedJob } from './stored-job.js'
import { withoutState } from './job-shapes.js'

export interface DueJobs {
  /** Only this tenant's jobs. Its waiting jobs are first translated to where its clock stands now. */
  tenant?: Tenant
  /** Where the tenant's clock stands; default: its own clock. */
  now?: Date
}

/** A handler that queues itself without end is a bug, not work. */
const mostRuns = 100_000

/** Number of jobs that ran. Jobs that became due by what ran are run as well. Failures are retried at their time, not at once. */
export async function runDueJobs(due: DueJobs = {}): Promise<number> {
  return runAsPlatform(async () => {
    const store = await jobStore()
    if (due.tenant) await translateTimes(store, due.tenant, due.now)
    for (let ran = 0; ran < mostRuns;) {
      const candidates = await dueNow(store, due.tenant)
      let took = 0
      for (const candidate of candidates) if (await runOne(store, candidate)) took++
      if (!took) return ran
      ran += took
    }
    throw new Error(`More than ${mostRuns} jobs were due at once: a job seems to queue itself again and again.`)
  })
}

/** Due and free, or left behind by a worker that died; in the order in which they fell due. Timetable rows belong to the worker. */
async function dueNow(store: JobRepository, tenant: Tenant | undefined): Promise<JobParameters[]> {
  const { jobs } = await store.queryJobs({ ...(tenant ? { data: { tenant: tenant.uuid } } : {}), includeDisabled: false, sort: { nextRunAt: 'asc' }, limit: 500 })
  const deadline = Date.now() - lockSeconds * 1000
  const mine = jobs.map(withoutState).filter((job) => job.type !== 'single')
  return mine.filter((job) => (job.lockedAt ? job.lockedAt.getTime() <= deadline : job.nextRunAt !== null && job.nextRunAt <= clock.real()))
}

async function runOne(store: JobRepository, candidate: JobParameters): Promise<boolean> {
  const job = candidate.lockedAt ? await store.getNextJobToRun(candidate.name, new Date(0), new Date(Date.now() - lockSeconds * 1000), undefined, undefined) : await store.lockJob(candidate, undefined)
  if (!job) return false
  const stop = keepTouching(() => store.saveJobState({ ...job, lockedAt: new Date() }, undefined), (lockSeconds * 1000) / 3)
  const outcome = await perform(job.name, job.data, (job.failCount ?? 0) + 1).finally(stop)
  await settle(store, job, outcome)
  return true
}

/**
 * Times in the store are real times, translated with the lead that the tenant's clock had when the job was queued.
 * When the clock was moved further, waiting jobs move by as much, and what the clock has passed becomes due.
 */
async function translateTimes(store: JobRepository, tenant: Tenant, now: Date | undefined): Promise<void> {
  const lead = await runInTenant(tenant, () => (now ?? clock.now()).getTime() - clock.real().getTime())
  const { jobs } = await store.queryJobs({ data: { tenant: tenant.uuid } })
  for (const job of jobs.map(withoutState)) {
    const read = storedJob.safeParse(job.data)
    if (!read.success || !job.nextRunAt || job.lockedAt || (read.data.offset ?? 0) === lead) continue
    const nextRunAt = new Date(job.nextRunAt.getTime() + (read.data.offset ?? 0) - lead)
    await store.saveJob({ ...job, nextRunAt, data: { ...read.data, offset: lead } }, undefined)
    log().debug({ job: job.name, tenant: tenant.slug, nextRunAt }, 'A waiting job followed the clock')
  }
}
