/** Conditions on `agenda_jobs`, as agenda's query options express them. */
import type { JobsQueryOptions, JobState, RemoveJobsOptions } from 'agenda'
import type { Knex } from 'knex'
import { columnOf } from './mysql-job-row.js'

type Query = Knex.QueryBuilder

const operators: Record<string, (query: Query, column: string, value: unknown) => Query> = {
  $eq: (q, c, v) => (v === null ? q.whereNull(c) : q.where(c, v as string)),
  $ne: (q, c, v) => (v === null ? q.whereNotNull(c) : q.where((either) => either.whereNot(c, v as string).orWhereNull(c))),
  $lt: (q, c, v) => q.where(c, '<', v as string),
  $lte: (q, c, v) => q.where(c, '<=', v as string),
  $gt: (q, c, v) => q.where(c, '>', v as string),
  $gte: (q, c, v) => q.where(c, '>=', v as string),
  $in: (q, c, v) => q.whereIn(c, v as string[]),
}

/** `{ $lte: date }` or a bare value. Unknown operators are refused, never ignored: an ignored condition would match other jobs. */
function whereColumn(query: Query, column: string, wanted: unknown): void {
  const bare = wanted === null || typeof wanted !== 'object' || wanted instanceof Date
  for (const [operator, value] of bare ? [['$eq', wanted] as const] : Object.entries(wanted)) {
    const apply = operators[operator]
    if (!apply) throw new Error(`The operator "${operator}" is not allowed in a condition on jobs.`)
    void apply(query, column, value)
  }
}

function whereDataPath(query: Query, path: string, wanted: unknown): void {
  if (path === 'tenant') return whereColumn(query, 'tenant_uuid', wanted)
  if (path === 'key') return whereColumn(query, 'job_key', wanted)
  if (!/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/.test(path)) throw new Error(`Invalid field of a job's data: "${path}".`)
  const json = `$.${path}`
  if (wanted === null) void query.whereRaw("coalesce(json_type(json_extract(`data`, ?)), 'NULL') = 'NULL'", [json])
  else void query.whereRaw('json_unquote(json_extract(`data`, ?)) = ?', [json, String(wanted)])
}

/** Agenda's `unique`: `{ 'data.userId': 7, nextRunAt: { $lte: … } }`. */
export function whereUnique(query: Query, unique: Record<string, unknown>): void {
  for (const [field, wanted] of Object.entries(unique)) {
    if (field.startsWith('data.')) whereDataPath(query, field.slice(5), wanted)
    else {
      const column = columnOf(field)
      if (!column) throw new Error(`Invalid unique constraint field: "${field}"`)
      whereColumn(query, column, wanted)
    }
  }
}

/** A part of the data must match; the tenant by its column. */
function whereData(query: Query, data: unknown): void {
  if (data === null || typeof data !== 'object') {
    void query.whereRaw("json_unquote(json_extract(`data`, '$')) = ?", [String(data)])
    return
  }
  const { tenant, ...rest } = data as Record<string, unknown>
  if (tenant !== undefined) whereDataPath(query, 'tenant', tenant)
  if (Object.keys(rest).length || tenant === undefined) void query.whereRaw('json_contains(`data`, ?)', [JSON.stringify(rest)])
}

/** Jobs to remove, disable or enable. False when nothing was named: no condition must never mean "all". */
export function whereTargets(query: Query, options: RemoveJobsOptions): boolean {
  if (options.id) void query.where('id', String(options.id))
  else if (options.ids?.length) void query.whereIn('id', options.ids.map(String))
  if (options.name) void query.where('name', options.name)
  else if (options.names?.length) void query.whereIn('name', options.names)
  else if (options.notNames?.length) void query.whereNotIn('name', options.notNames)
  if (options.data !== undefined) whereData(query, options.data)
  return Boolean(options.id ?? options.ids?.length ?? options.name ?? options.names?.length ?? options.notNames?.length) || options.data !== undefined
}

const failed = '(failed_at is not null and (last_finished_at is null or failed_at >= last_finished_at))'

/** agenda's computeJobState() in SQL, so that states page in the database. */
export function whereState(query: Query, state: JobState, now: Date): void {
  if (state === 'paused') return void query.where('disabled', true)
  if (state === 'running') return void query.whereNotNull('locked_at')
  void query.whereNull('locked_at')
  if (state === 'failed') return void query.whereRaw(failed)
  void query.whereRaw(`not ${failed}`)
  if (state === 'repeating') return void query.whereNotNull('repeat_interval')
  void query.whereNull('repeat_interval')
  if (state === 'scheduled') void query.where('next_run_at', '>', now)
  else if (state === 'queued') void query.where('next_run_at', '<=', now)
  else void query.whereNull('next_run_at')
}

export function whereQuery(query: Query, options: JobsQueryOptions, now: Date): Query {
  if (options.search) void query.where('name', 'like', `%${options.search.replace(/[\\%_]/g, '\\$&')}%`)
  else if (options.name) void query.where('name', options.name)
  else if (options.names?.length) void query.whereIn('name', options.names)
  if (options.id) void query.where('id', options.id)
  else if (options.ids?.length) void query.whereIn('id', options.ids)
  if (options.data !== undefined) whereData(query, options.data)
  if (options.includeDisabled === false) void query.where('disabled', false)
  if (options.state) whereState(query, options.state, now)
  return query
}
