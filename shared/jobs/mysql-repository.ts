/**
 * agenda's JobRepository on the table `agenda_jobs` of the central database. What must hold is written in backend.contract.ts.
 * Many workers on many machines may share the table: a job is taken by row lock (SKIP LOCKED), so nobody waits and none is taken twice.
 */
import type { JobId, JobParameters, JobRepository, JobRepositoryOptions, JobsOverview, JobsQueryOptions, JobsResult, RemoveJobsOptions } from 'agenda'
import type { Knex } from 'knex'
import { centralDb } from '../database/central-database.js'
import { centralTransaction } from '../database/transaction.js'
import { runAsPlatform } from '../tenancy/context.js'
import { DueKinds, type Question } from './due-kinds.js'
import { distinctJobNames, jobsOverview, queryJobs } from './mysql-job-lists.js'
import { toJob, toRow, toStateRow, type JobRow } from './mysql-job-row.js'
import { whereTargets } from './mysql-job-filter.js'
import { findRow, saveJob } from './mysql-job-save.js'

const table = 'agenda_jobs'

export class MysqlRepository implements JobRepository {
  private readonly dueKinds = new DueKinds((questions) => runAsPlatform(() => this.lookForDue(questions)))

  /** `busyTenants`: uuids whose jobs are left alone for now, because this process already runs as many of theirs as one tenant may have. */
  constructor(private readonly busyTenants: () => readonly string[] = () => []) {}

  async connect(): Promise<void> {
    await centralDb().raw('select 1')
  }

  queryJobs(options: JobsQueryOptions = {}): Promise<JobsResult> {
    return queryJobs(options)
  }
  getJobsOverview(): Promise<JobsOverview[]> {
    return jobsOverview()
  }
  getDistinctJobNames(): Promise<string[]> {
    return distinctJobNames()
  }

  async getJobById(id: string): Promise<JobParameters | null> {
    const row = await findRow(centralDb(), id)
    return row ? toJob(row) : null
  }

  async getQueueSize(): Promise<number> {
    const [row] = await centralDb()(table).where('next_run_at', '<', new Date()).count({ total: '*' }) as Array<{ total: number }>
    return Number(row?.total ?? 0)
  }

  async removeJobs(options: RemoveJobsOptions): Promise<number> {
    const query = centralDb()(table)
    return whereTargets(query, options) ? await query.delete() : 0
  }

  async disableJobs(options: RemoveJobsOptions): Promise<number> {
    const query = centralDb()(table)
    return whereTargets(query, options) ? await query.update({ disabled: true }) : 0
  }

  async enableJobs(options: RemoveJobsOptions): Promise<number> {
    const query = centralDb()(table)
    return whereTargets(query, options) ? await query.update({ disabled: false }) : 0
  }

  async purgeAllJobs(): Promise<number> {
    return await centralDb()(table).delete()
  }

  /** A job without a next run is running right now; only the end of its lock may free it. */
  async unlockJob(job: JobParameters): Promise<void> {
    if (job._id) await centralDb()(table).where('id', String(job._id)).whereNotNull('next_run_at').update({ locked_at: null })
  }

  async unlockJobs(ids: Array<JobId | string>): Promise<void> {
    if (ids.length) await centralDb()(table).whereIn('id', ids.map(String)).update({ locked_at: null })
  }

  async lockJob(job: JobParameters, options?: JobRepositoryOptions): Promise<JobParameters | undefined> {
    if (!job._id) return undefined
    const query = centralDb()(table).where({ id: String(job._id), name: job.name, disabled: false }).whereNull('locked_at')
    if (job.nextRunAt) void query.where('next_run_at', job.nextRunAt)
    else void query.whereNull('next_run_at')
    const changed = await query.update({ locked_at: new Date(), last_modified_by: options?.lastModifiedBy ?? null })
    return changed ? (await this.getJobById(String(job._id))) ?? undefined : undefined
  }

  /** Due and free, else one whose owner died. A worker asks for every kind of job every two seconds: empty answers share one statement. */
  async getNextJobToRun(name: string, nextScanAt: Date, lockDeadline: Date, now?: Date, options?: JobRepositoryOptions): Promise<JobParameters | undefined> {
    if (!(await this.dueKinds.has({ name, nextScanAt, lockDeadline }))) return undefined
    const lockedAt = now ?? new Date()
    const candidates = this.candidates(name)
    return centralTransaction(async (trx) => {
      const pick = async (narrow: (query: Knex.QueryBuilder) => void) => {
        const query = candidates(trx(table))
        narrow(query)
        return await query.orderBy([{ column: 'next_run_at' }, { column: 'priority', order: 'desc' }]).forUpdate().skipLocked().first() as JobRow | undefined
      }
      const row = (await pick((q) => q.whereNull('locked_at').where('next_run_at', '<=', nextScanAt))) ?? (await pick((q) => q.where('locked_at', '<=', lockDeadline)))
      if (!row) return undefined
      await trx(table).where('id', row.id).update({ locked_at: lockedAt, last_modified_by: options?.lastModifiedBy ?? null })
      return toJob({ ...row, locked_at: lockedAt })
    })
  }

  /** The jobs of a kind that this process may take. */
  private candidates(name: string): (query: Knex.QueryBuilder) => Knex.QueryBuilder {
    const busy = this.busyTenants()
    return (query) => {
      void query.where({ name, disabled: false })
      return busy.length ? query.where((free) => free.whereNull('tenant_uuid').orWhereNotIn('tenant_uuid', busy)) : query
    }
  }

  private async lookForDue(questions: readonly Question[]): Promise<Set<string>> {
    const latest = new Map(questions.map((question) => [question.name, question]))
    const parts = [...latest.values()].map(({ name, nextScanAt, lockDeadline }) => this.candidates(name)(centralDb()(table))
      .where((some) => some.where('locked_at', '<=', lockDeadline).orWhere((due) => due.whereNull('locked_at').where('next_run_at', '<=', nextScanAt))).select('name').limit(1))
    const rows = (await centralDb().unionAll(parts, true)) as Array<{ name: string }>
    return new Set(rows.map((row) => row.name))
  }

  async saveJobState(job: JobParameters, options?: JobRepositoryOptions): Promise<void> {
    if (!job._id) throw new Error('Cannot save the state of a job without an id.')
    const where = { id: String(job._id), name: job.name }
    if (await centralDb()(table).where(where).update(toStateRow(job, options?.lastModifiedBy))) return
    const still = await centralDb()(table).where(where).first('id') as JobRow | undefined
    if (!still) throw new Error(`The job ${job._id} (${job.name}) does not exist any more.`)
  }

  async saveJob<DATA = unknown>(job: JobParameters<DATA>, options?: JobRepositoryOptions): Promise<JobParameters<DATA>> {
    return await saveJob(centralDb(), job as JobParameters, options) as JobParameters<DATA>
  }

  /** Many new jobs in one statement a hundred, without looking for equals. The timetable uses it to fan out. */
  async insertJobs(jobs: readonly JobParameters[]): Promise<void> {
    const rows = jobs.map((job) => toRow(job, undefined))
    for (let at = 0; at < rows.length; at += 100) await centralDb()(table).insert(rows.slice(at, at + 100))
  }
}
