/** What pages ask of the jobs: lists, and how many there are of each kind in each state. */
import { computeJobState, type JobsOverview, type JobsQueryOptions, type JobsResult, type JobState } from 'agenda'
import { centralDb } from '../database/central-database.js'
import { whereQuery, whereState } from './mysql-job-filter.js'
import { columnOf, toJob, type JobRow } from './mysql-job-row.js'

const table = 'agenda_jobs'
const states = ['running', 'scheduled', 'queued', 'completed', 'failed', 'repeating', 'paused'] as const

export async function queryJobs(options: JobsQueryOptions): Promise<JobsResult> {
  const now = new Date()
  const query = whereQuery(centralDb()(table), options, now)
  const [count] = await query.clone().count({ total: '*' }) as Array<{ total: number }>
  const sorts = Object.entries(options.sort ?? {}).map(([field, order]) => ({ column: field === 'data' ? 'data' : columnOf(field)!, order: String(order) }))
  void query.orderBy(sorts.length ? sorts : [{ column: 'next_run_at', order: 'desc' }, { column: 'last_run_at', order: 'desc' }])
  if (options.limit || options.skip) void query.limit(options.limit || Number.MAX_SAFE_INTEGER)
  if (options.skip) void query.offset(options.skip)
  const jobs = (await query.select('*') as JobRow[]).map((row) => toJob(row))
  return { total: Number(count?.total ?? 0), jobs: jobs.map((job) => ({ ...job, state: computeJobState(job, now) })) }
}

export async function jobsOverview(): Promise<JobsOverview[]> {
  const now = new Date()
  const count = async (name: string, state?: JobState) => {
    const query = centralDb()(table).where({ name })
    if (state) whereState(query, state, now)
    const [row] = await query.count({ total: '*' }) as Array<{ total: number }>
    return Number(row?.total ?? 0)
  }
  const overviews: JobsOverview[] = []
  for (const name of await distinctJobNames()) {
    const overview = { name, total: await count(name) } as JobsOverview
    for (const state of states) overview[state] = await count(name, state)
    overviews.push(overview)
  }
  return overviews
}

export async function distinctJobNames(): Promise<string[]> {
  return await centralDb()(table).distinct('name').orderBy('name').pluck('name') as string[]
}
