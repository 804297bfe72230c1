/**
 * Background work: `finishStop.enqueue({ id })`. The row is the truth, the job only a nudge: a handler looks at the row again,
 * may be run any number of times, and every state that waits has a sweeper in the timetable for the nudge that got lost.
 */
import type { z } from 'zod'
import { afterCommit, inTransaction } from '../database/transaction.js'
import { log } from '../log.js'
import { currentTenant, currentWorkOrNull, runAsPlatform } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { jobStore, nudgeWorker } from './agenda.js'
import { park } from './park.js'
import type { StoredJob } from './stored-job.js'

export interface JobDefinition<P> {
  /** Feature and deed: `kasm.finish-stop`. Never reuse a name for another payload: raise `version`. */
  readonly name: string
  /** `tenant`: runs as the tenant it was queued by. `central`: runs as central. */
  readonly scope: 'tenant' | 'central'
  readonly payload: z.ZodType<P>
  /** A worker parks versions it does not know, so that an older one never misreads a newer payload. Default 1. */
  readonly version?: number
  /** Runs until the job is parked as failed. Default 5. */
  readonly attempts?: number
  /** Wait before the second run; doubles with each further one, with jitter, at most 6 hours. Default 15. */
  readonly backoffSeconds?: number
  /** Most runs at a time in one process. Default 5. */
  readonly concurrency?: number
  /** Looks after what a suspended tenant still has running outside: it runs for suspended tenants, too. Others are parked until the tenant is resumed. */
  readonly alsoSuspended?: boolean
  readonly handler: (payload: P) => Promise<void>
}

export interface EnqueueOptions {
  /** Not before this instant, on the clock of the tenant that asks. */
  at?: Date
  /** While a job with this key waits to run at that time or earlier, no second one is added. */
  key?: string
}

export interface Job<P> {
  readonly name: string
  readonly definition: JobDefinition<P>
  /** Leaves after the commit, or at once when no transaction is open; a rollback drops it. */
  enqueue(payload: P, options?: EnqueueOptions): Promise<void>
  /** Runs the handler here and now, as whoever runs. */
  now(payload: P): Promise<void>
}

const registry = new Map<string, JobDefinition<unknown>>()

export const jobDefinition = (name: string): JobDefinition<unknown> | undefined => registry.get(name)
export const jobDefinitions = (): Array<JobDefinition<unknown>> => [...registry.values()]

export function defineJob<P>(definition: JobDefinition<P>): Job<P> {
  if (registry.has(definition.name)) throw new Error(`Two jobs are called "${definition.name}".`)
  registry.set(definition.name, definition as JobDefinition<unknown>)
  return {
    name: definition.name,
    definition,
    enqueue: async (payload, options = {}) => enqueue(definition, payload, options),
    now: async (payload) => definition.handler(definition.payload.parse(payload)),
  }
}

async function enqueue<P>(definition: JobDefinition<P>, payload: P, options: EnqueueOptions): Promise<void> {
  const tenant = definition.scope === 'tenant' ? currentTenant() : null
  const ahead = tenant ? clock.now().getTime() - clock.real().getTime() : 0
  const from = currentWorkOrNull()?.id
  const stored: StoredJob = {
    tenant: tenant?.uuid ?? null, v: definition.version ?? 1, payload: definition.payload.parse(payload),
    ...(options.key === undefined ? {} : { key: options.key }), ...(ahead ? { offset: ahead } : {}), ...(from === undefined ? {} : { from }),
  }
  const at = options.at ? new Date(Math.max(options.at.getTime() - ahead, clock.real().getTime())) : clock.real()
  const leave = () => runAsPlatform(() => putInStore(definition.name, stored, at))
  if (inTransaction()) afterCommit(leave)
  else await leave()
}

/**
 * Times in the store are real times: a sandbox tenant's "in a month" is translated with the clock's lead of that moment,
 * and translated again by runDueJobs({ tenant }) after the clock was moved.
 */
async function putInStore(name: string, stored: StoredJob, nextRunAt: Date): Promise<void> {
  const unique = stored.key === undefined ? {} : {
    unique: { 'data.tenant': stored.tenant, 'data.key': stored.key, nextRunAt: { $lte: nextRunAt } }, uniqueOpts: { insertOnly: true },
  }
  try {
    const repository = await jobStore()
    const saved = await repository.saveJob({ name, type: 'normal', priority: 0, nextRunAt, data: stored, ...unique }, undefined)
    nudgeWorker(saved)
  } catch (error) {
    log().error({ err: error, job: name }, 'The job store did not take a job; it is parked and goes there as soon as the store answers')
    await park({ name, data: stored, tenant: stored.tenant, reason: 'store-down', error })
  }
}
