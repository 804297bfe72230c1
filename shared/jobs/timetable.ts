/**
 * What runs by itself, and how often. A central schedule runs as central. A tenant schedule has one row for the platform,
 * which fans out one job a serving tenant (a suspended one gets those that look after what still runs), spread over time, so that one tenant's trouble is its own.
 */
import { z } from 'zod'
import { withActor } from '../events/actor.js'
import { runAsPlatform, runInCentral, runInTenant } from '../tenancy/context.js'
import { directory } from '../tenancy/directory.js'
import type { Tenant } from '../tenancy/tenant.js'
import { clock } from '../time/clock.js'
import { jobStore, nudgeWorker, type JobParameters } from './agenda.js'
import { defineJob } from './job.js'
import { isLate, marked, scheduleMarks } from './schedule-mark.js'
import type { StoredJob } from './stored-job.js'

export interface Schedule {
  /** Like a job's name: `kasm.sweep`. */
  readonly name: string
  /** `30 seconds`, `1 minute`, `6 hours`, `1 day`. */
  readonly every: string
  readonly scope: 'tenant' | 'central'
  /** As for jobs: it also runs for suspended tenants. */
  readonly alsoSuspended?: boolean
  /** Finds the rows that are due at `now` and acts, or queues one job a row. May be run at any time, any number of times. */
  readonly run: (now: Date) => Promise<void>
}

const registry = new Map<string, Schedule>()
const firstSeen = new Date()
const units = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/** Milliseconds of `every`. Throws on anything else. */
export function intervalMs(every: string): number {
  const match = /^(\d+) (second|minute|hour|day)s?$/.exec(every)
  if (!match) throw new Error(`"${every}" is not an interval such as "5 minutes".`)
  return Number(match[1]) * units[match[2] as keyof typeof units]
}

export function schedule(entry: Schedule): void {
  if (registry.has(entry.name)) throw new Error(`Two schedules are called "${entry.name}".`)
  intervalMs(entry.every)
  registry.set(entry.name, entry)
  if (entry.scope === 'tenant') defineJob({ name: entry.name, scope: 'tenant', payload: z.object({}), attempts: 2, backoffSeconds: 30, alsoSuspended: entry.alsoSuspended ?? false, handler: () => entry.run(clock.now()) })
}

export const schedules = (): Schedule[] => [...registry.values()]

/** One turn now: a central schedule runs, a tenant schedule fans out. Answers the number of tenants' jobs that were queued. */
export async function runSchedule(name: string): Promise<number> {
  const entry = registry.get(name)
  if (!entry) throw new Error(`No schedule is called "${name}".`)
  return runAsPlatform(() => marked(name, async () => {
    if (entry.scope === 'tenant') return fanOut(entry)
    await runInCentral(() => withActor({ kind: 'system' }, () => entry.run(clock.now())), `schedule-${name}`)
    return 0
  }))
}

/** Tenants for whom a turn still waits or runs are left out. Only this single row fans out, so looking first is enough. */
async function fanOut(entry: Schedule): Promise<number> {
  const serving = (await directory().all()).filter(({ status }) => status === 'active' || status === 'trial' || (status === 'suspended' && entry.alsoSuspended === true))
  const store = await jobStore()
  const { jobs } = await store.queryJobs({ name: entry.name })
  const waiting = new Set(jobs.map((job) => (job.data as StoredJob | null)?.tenant))
  const due = serving.filter((tenant) => !waiting.has(tenant.uuid))
  const rows = due.map((tenant) => turnOf(entry, tenant, spreadMs(entry, serving.length)))
  if ('insertJobs' in store) await (store as unknown as { insertJobs(jobs: JobParameters[]): Promise<void> }).insertJobs(rows)
  else for (const row of rows) await store.saveJob(row, undefined)
  nudgeWorker({ name: entry.name, nextRunAt: clock.real(), type: 'normal', priority: 0, data: null })
  return rows.length
}

/** 20 ms a tenant, at most a quarter of the interval: two tenants do not wait, two thousand do not come at once. */
const spreadMs = (entry: Schedule, tenants: number): number => Math.min(tenants * 20, intervalMs(entry.every) / 4)

function turnOf(entry: Schedule, tenant: Tenant, spread: number): JobParameters {
  const data: StoredJob = { tenant: tenant.uuid, v: 1, payload: {}, key: entry.name }
  return { name: entry.name, type: 'normal', priority: 0, nextRunAt: new Date(clock.real().getTime() + Math.random() * spread), data }
}

/** Every tenant schedule once, here and now, as this tenant at `now`: for a sandbox clock that was moved. One that fails does not stop the others. */
export async function runSchedules(tenant: Tenant, now: Date): Promise<void> {
  const failures: Error[] = []
  for (const entry of schedules().filter((s) => s.scope === 'tenant')) {
    try {
      await runAsPlatform(() => runInTenant(tenant, () => withActor({ kind: 'system' }, () => entry.run(now)), `schedule-${entry.name}`))
    } catch (error) {
      failures.push(new Error(`${entry.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }))
    }
  }
  if (failures.length) throw new AggregateError(failures, failures.map((f) => f.message).join('\n'))
}

/** Schedules without success for too long. Readiness and the watchdog ask. */
export async function lateSchedules(now = clock.real()): Promise<string[]> {
  const marks = new Map((await scheduleMarks()).map((mark) => [mark.name, mark]))
  return schedules().filter((entry) => isLate(marks.get(entry.name), intervalMs(entry.every), firstSeen, now)).map((entry) => entry.name)
}
