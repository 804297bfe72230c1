/**
 * Runs one stored job: checks whose it is, enters that tenant (or central) as the system, runs the handler, leaves everything.
 * Both the worker and runDueJobs go through here, so that a job meets the same checks wherever it runs.
 */
import { alert } from '../alerts/alert.js'
import { withActor } from '../events/actor.js'
import { log } from '../log.js'
import { runAsPlatform, runInCentral, runInTenant } from '../tenancy/context.js'
import { directory } from '../tenancy/directory.js'
import type { Tenant } from '../tenancy/tenant.js'
import { jobDefinition, type JobDefinition } from './job.js'
import { park, type ParkReason } from './park.js'
import { storedJob, type StoredJob } from './stored-job.js'

export type Outcome =
  | { kind: 'done' }
  | { kind: 'parked'; reason: ParkReason }
  /** Not now and not its fault: no attempt is counted. */
  | { kind: 'later'; inMs: number }
  /** It failed and has attempts left. */
  | { kind: 'again'; inMs: number; error: Error }

const tenantField = (data: unknown): string | null => {
  const tenant = (data as { tenant?: unknown } | null)?.tenant
  return typeof tenant === 'string' ? tenant : null
}

/** `attempt` counts from 1. Never throws for the handler's sake; throws when the directory or the parking table cannot be reached. */
export async function perform(name: string, data: unknown, attempt: number): Promise<Outcome> {
  return runAsPlatform(async () => {
    const definition = jobDefinition(name)
    if (!definition) return { kind: 'later', inMs: 60_000 }
    const read = storedJob.safeParse(data)
    if (!read.success) return parked(name, data, 'garbage', read.error)
    const job = read.data
    if (job.v !== (definition.version ?? 1)) return parked(name, data, 'unknown-version', new Error(`Version ${job.v}; this worker knows ${definition.version ?? 1}.`))
    const payload = definition.payload.safeParse(job.payload)
    if (!payload.success || (definition.scope === 'tenant') !== (job.tenant !== null)) return parked(name, data, 'garbage', payload.error)
    return performValid(definition, job, payload.data, attempt)
  })
}

async function performValid(definition: JobDefinition<unknown>, job: StoredJob, payload: unknown, attempt: number): Promise<Outcome> {
  const tenant = job.tenant === null ? null : await directory().findByUuid(job.tenant)
  if (job.tenant !== null) {
    const obstacle = whyNot(tenant, definition.alsoSuspended === true)
    if (typeof obstacle === 'number') return { kind: 'later', inMs: obstacle }
    if (obstacle) return parked(definition.name, job, obstacle)
  }
  try {
    await enter(tenant, `job-${definition.name}`, async () => withActor({ kind: 'system' }, async () => definition.handler(payload)))
    return { kind: 'done' }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    log().warn({ err: error, job: definition.name, attempt, tenant: tenant?.slug, from: job.from }, 'A job failed')
    if (attempt < (definition.attempts ?? 5)) return { kind: 'again', inMs: backoff(definition, attempt), error }
    return parked(definition.name, job, 'failed', error, tenant)
  }
}

let counter = 0
const enter = (tenant: Tenant | null, id: string, fn: () => Promise<void>): Promise<void> => {
  const work = `${id}-${process.pid}-${++counter}`
  return tenant ? runInTenant(tenant, fn, work) : runInCentral(fn, work)
}

/** A reason to park, milliseconds to wait, or null: it may run. */
function whyNot(tenant: Tenant | null, alsoSuspended: boolean): ParkReason | number | null {
  if (!tenant) return 'tenant-gone'
  if (tenant.status === 'dropped') return 'tenant-dropped'
  if (tenant.status === 'suspended') return alsoSuspended ? null : 'tenant-suspended'
  return tenant.status === 'maintenance' || tenant.status === 'opening' ? 30_000 : null
}

/** Doubles from run to run, with a quarter of jitter so that a thousand failures do not come back together; at most six hours. */
function backoff(definition: Pick<JobDefinition<unknown>, 'backoffSeconds'>, attempt: number): number {
  const base = Math.min((definition.backoffSeconds ?? 15) * 1000 * 2 ** (attempt - 1), 6 * 3600_000)
  return Math.round(base * (1 + Math.random() / 4))
}

async function parked(name: string, data: unknown, reason: ParkReason, error?: unknown, tenant: Tenant | null = null): Promise<Outcome> {
  await park({ name, data, tenant: tenantField(data), reason, error })
  log().error({ job: name, reason, tenant: tenant?.slug ?? tenantField(data) }, 'A job was parked')
  if (reason === 'failed' || reason === 'garbage' || reason === 'unknown-version') {
    await alert({ level: 'error', title: `Job ${name} was parked`, message: error instanceof Error ? error.message : reason, fields: { reason, tenant: tenant?.slug ?? tenantField(data) ?? 'central' } })
  }
  return { kind: 'parked', reason }
}
