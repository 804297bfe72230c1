/** Any job repository, with the fair share kept: counts what this process holds, and puts back what is too much of one tenant. */
import type { JobId, JobParameters, JobRepository, JobRepositoryOptions, JobsOverview, JobsQueryOptions, JobsResult, RemoveJobsOptions } from 'agenda'
import type { FairShare } from './fair-share.js'
import { unlocked } from './job-shapes.js'

const tenantOf = (job: JobParameters): string | null => {
  const tenant = (job.data as { tenant?: unknown } | null | undefined)?.tenant
  return typeof tenant === 'string' ? tenant : null
}

export class ShareGuard implements JobRepository {
  /** Removed by us just now: agenda saves the state of a finished job once more, in vain. */
  private readonly removed = new Set<string>()

  constructor(private readonly inner: JobRepository, private readonly share: FairShare) {}

  /** The MySQL store does not even look at full tenants; from another store the job goes back for up to a second. */
  async getNextJobToRun(name: string, nextScanAt: Date, lockDeadline: Date, now: Date | undefined, options: JobRepositoryOptions | undefined): Promise<JobParameters | undefined> {
    for (;;) {
      const job = await this.inner.getNextJobToRun(name, nextScanAt, lockDeadline, now, options)
      if (!job?._id) return job
      const tenant = tenantOf(job)
      if (!tenant || !this.share.isFull(tenant)) {
        this.share.took(String(job._id), tenant)
        return job
      }
      await this.inner.saveJobState({ ...unlocked(job), nextRunAt: new Date(Date.now() + 300 + Math.random() * 700) }, options)
    }
  }

  async saveJobState(job: JobParameters, options: JobRepositoryOptions | undefined): Promise<void> {
    if (!job.lockedAt && job._id) this.share.gaveBack(String(job._id))
    if (job._id && this.removed.delete(String(job._id))) return
    return this.inner.saveJobState(job, options)
  }

  async unlockJob(job: JobParameters): Promise<void> {
    if (job._id) this.share.gaveBack(String(job._id))
    return this.inner.unlockJob(job)
  }

  async unlockJobs(ids: Array<JobId | string>): Promise<void> {
    for (const id of ids) this.share.gaveBack(String(id))
    return this.inner.unlockJobs(ids)
  }

  async removeJobs(options: RemoveJobsOptions): Promise<number> {
    if (options.id) this.removed.add(String(options.id))
    return this.inner.removeJobs(options)
  }

  connect = (): Promise<void> => this.inner.connect()
  queryJobs = (options?: JobsQueryOptions): Promise<JobsResult> => this.inner.queryJobs(options)
  getJobsOverview = (): Promise<JobsOverview[]> => this.inner.getJobsOverview()
  getDistinctJobNames = (): Promise<string[]> => this.inner.getDistinctJobNames()
  getJobById = (id: string): Promise<JobParameters | null> => this.inner.getJobById(id)
  getQueueSize = (): Promise<number> => this.inner.getQueueSize()
  lockJob = (job: JobParameters, options: JobRepositoryOptions | undefined): Promise<JobParameters | undefined> => this.inner.lockJob(job, options)
  disableJobs = (options: RemoveJobsOptions): Promise<number> => this.inner.disableJobs(options)
  enableJobs = (options: RemoveJobsOptions): Promise<number> => this.inner.enableJobs(options)
  purgeAllJobs = (): Promise<number> => this.inner.purgeAllJobs()

  async saveJob<DATA = unknown>(job: JobParameters<DATA>, options: JobRepositoryOptions | undefined): Promise<JobParameters<DATA>> {
    return this.inner.saveJob(job, options)
  }
}
