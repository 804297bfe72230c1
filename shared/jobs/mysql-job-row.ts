/** A row of `agenda_jobs` and the job that agenda sees: the one place where names and types are translated. */
import { toJobId, type JobId, type JobParameters } from 'agenda'

export type JobRow = Record<string, unknown> & { id: number | string }
export type SavedJob = JobParameters & { _id: JobId }

const dates = {
  nextRunAt: 'next_run_at', lockedAt: 'locked_at', lastFinishedAt: 'last_finished_at', failedAt: 'failed_at', lastRunAt: 'last_run_at',
  debounceStartedAt: 'debounce_started_at', startDate: 'start_date', endDate: 'end_date',
} as const
const plain = {
  name: 'name', priority: 'priority', type: 'type', failCount: 'fail_count', failReason: 'fail_reason', repeatTimezone: 'repeat_timezone',
  repeatInterval: 'repeat_interval', repeatAt: 'repeat_at', progress: 'progress', lastModifiedBy: 'last_modified_by',
} as const
const flags = { disabled: 'disabled', fork: 'fork' } as const
const documents = { data: 'data', skipDays: 'skip_days' } as const

/** Fields that only the worker writes. Saving a job without them leaves them as they are: a restart must not unlock what runs. */
const workerOwned = new Set<string>(['lockedAt', 'lastRunAt', 'lastFinishedAt', 'failedAt', 'failCount', 'failReason', 'progress', 'debounceStartedAt'])

/** Column of a field that may be named in a query; undefined for anything else, because identifiers cannot be bound. */
export const columnOf = (field: string): string | undefined =>
  ({ ...dates, ...plain, ...flags } as Record<string, string>)[field]

const dateOrNull = (value: unknown): Date | null => (value ? new Date(value as Date) : null)
const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
const textAt = (data: unknown, field: string): string | null => {
  const value = (data as Record<string, unknown> | null | undefined)?.[field]
  return typeof value === 'string' ? value : null
}

/** Every column but the id, as saveJob writes it. */
export function toRow(job: Partial<JobParameters>, lastModifiedBy: string | undefined): Record<string, unknown> {
  const given = job as Record<string, unknown>
  const row: Record<string, unknown> = {}
  const put = (fields: Record<string, string>, convert: (value: unknown) => unknown) => {
    for (const [field, column] of Object.entries(fields)) if (given[field] !== undefined || !workerOwned.has(field)) row[column] = convert(given[field])
  }
  put(dates, dateOrNull)
  put(plain, (value) => value ?? null)
  put(flags, (value) => Boolean(value))
  put(documents, jsonOrNull)
  return {
    ...row, priority: job.priority ?? 0, type: job.type ?? 'normal', last_modified_by: lastModifiedBy ?? null,
    tenant_uuid: textAt(job.data, 'tenant'), job_key: textAt(job.data, 'key'),
  }
}

/** The columns that saveJobState writes: all that the worker owns, also when empty. */
export function toStateRow(job: JobParameters, lastModifiedBy: string | undefined): Record<string, unknown> {
  return {
    locked_at: dateOrNull(job.lockedAt), next_run_at: dateOrNull(job.nextRunAt), last_run_at: dateOrNull(job.lastRunAt), progress: job.progress ?? null,
    fail_reason: job.failReason ?? null, fail_count: job.failCount ?? null, failed_at: dateOrNull(job.failedAt),
    last_finished_at: dateOrNull(job.lastFinishedAt), last_modified_by: lastModifiedBy ?? null,
  }
}

/** JSON columns arrive parsed or as text, by server and driver. Garbage stays text: the worker parks such a job, it must not break the scan. */
export function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

export function toJob(row: JobRow): SavedJob {
  const job: Record<string, unknown> = { _id: toJobId(String(row.id)) }
  for (const [field, column] of Object.entries({ ...dates, ...plain })) if (row[column] !== null && row[column] !== undefined) job[field] = row[column]
  for (const [field, column] of Object.entries(flags)) job[field] = Boolean(row[column])
  for (const [field, column] of Object.entries(documents)) if (row[column] !== null && row[column] !== undefined) job[field] = parsedJson(row[column])
  job['nextRunAt'] = row['next_run_at'] ?? null
  if (typeof job['repeatInterval'] === 'string' && /^\d+$/.test(job['repeatInterval'])) job['repeatInterval'] = Number(job['repeatInterval'])
  return job as unknown as SavedJob
}
