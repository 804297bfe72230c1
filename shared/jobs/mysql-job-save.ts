/** agenda's saveJob on MySQL: update by id, one row per `single` name, find-or-insert for `unique`, debounce. */
import { createHash } from 'node:crypto'
import type { JobParameters, JobRepositoryOptions } from 'agenda'
import type { Knex } from 'knex'
import { whereUnique } from './mysql-job-filter.js'
import { toJob, toRow, type JobRow } from './mysql-job-row.js'

const table = 'agenda_jobs'
type Debounce = NonNullable<NonNullable<JobParameters['uniqueOpts']>['debounce']>
/** A query pinned to one connection: GET_LOCK belongs to the session, and the row must be committed before the lock is given back. */
type Pinned = <T>(query: Knex.QueryBuilder | Knex.Raw) => Promise<T>

export async function findRow(db: Knex, id: string | number): Promise<JobRow | undefined> {
  return await db(table).where({ id }).first() as JobRow | undefined
}

export async function saveJob(db: Knex, job: JobParameters, options?: JobRepositoryOptions): Promise<JobParameters> {
  const { _id, unique } = job
  const row = toRow(job, options?.lastModifiedBy)
  if (_id) {
    await db(table).where({ id: String(_id), name: job.name }).update(row)
    const saved = await findRow(db, String(_id))
    return saved ? toJob(saved) : job
  }
  if (job.type === 'single') return saveSingle(db, job, row)
  if (unique) return withJobLock(db, job.name + JSON.stringify(Object.keys(unique).map((k) => [k, typeof unique[k] === 'object' ? 0 : unique[k]])), (pinned) => saveUnique(db, pinned, job, row))
  const [id] = await db(table).insert(row)
  return toJob((await findRow(db, Number(id)))!)
}

/** One row a name. A time in the past must not overwrite the stored one: every start of a worker would run every schedule at once. */
async function saveSingle(db: Knex, job: JobParameters, row: Record<string, unknown>): Promise<JobParameters> {
  const { next_run_at: nextRunAt, ...others } = row
  const protect = job.nextRunAt !== null && job.nextRunAt <= new Date()
  await db(table).insert(row).onConflict('single_name').merge(protect ? others : { ...others, next_run_at: nextRunAt })
  return toJob(await db(table).where({ single_name: job.name }).first() as JobRow)
}

/** Runs `fn` on one connection while it holds a server-wide lock. Lock names are hashed: MySQL allows 64 characters. */
async function withJobLock<T>(db: Knex, name: string, fn: (pinned: Pinned) => Promise<T>): Promise<T> {
  const lock = `job:${createHash('sha1').update(name).digest('hex')}`
  const client = db.client as { acquireConnection(): Promise<unknown>; releaseConnection(connection: unknown): Promise<void> }
  const connection = await client.acquireConnection()
  const pinned: Pinned = async (query) => await (query.connection(connection as never) as unknown as Promise<never>)
  try {
    const [[answer]] = await pinned<[[{ got: number | null }]]>(db.raw('select get_lock(?, 10) as got', [lock]))
    if (Number(answer.got) !== 1) throw new Error(`Another process holds the lock on the job "${name.slice(0, 80)}" for longer than 10 s.`)
    try {
      return await fn(pinned)
    } finally {
      await pinned(db.raw('select release_lock(?)', [lock]))
    }
  } finally {
    await client.releaseConnection(connection)
  }
}

async function saveUnique(db: Knex, pinned: Pinned, job: JobParameters, row: Record<string, unknown>): Promise<JobParameters> {
  const find = db(table).where('name', job.name)
  whereUnique(find, job.unique!)
  const old = await pinned<JobRow | undefined>(find.orderBy('id').first())
  const debounce = job.uniqueOpts?.debounce
  if (old && job.uniqueOpts?.insertOnly && !debounce) return toJob(old)
  const values = debounce ? { ...row, ...debounced(debounce, old, new Date()) } : row
  const [inserted] = old ? [old.id] : await pinned<number[]>(db(table).insert(values))
  if (old) await pinned(db(table).where('id', old.id).update(values))
  return toJob((await pinned<JobRow | undefined>(db(table).where({ id: inserted! }).first()))!)
}

/** Leading: the first call runs, later ones only bring data. Trailing: each call pushes the run back, at most `maxWait` after the first. */
function debounced(debounce: Debounce, old: JobRow | undefined, now: Date): Record<string, unknown> {
  const started = (old?.['debounce_started_at'] as Date | null | undefined) ?? now
  if (debounce.strategy === 'leading') return { ...(old ? { next_run_at: old['next_run_at'] } : {}), debounce_started_at: started }
  if (old && debounce.maxWait && now.getTime() - started.getTime() >= debounce.maxWait) return { next_run_at: now, debounce_started_at: null }
  return { next_run_at: new Date(now.getTime() + debounce.delay), debounce_started_at: started }
}
