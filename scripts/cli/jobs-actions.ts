/** What `jobs list|run|retry` do. */
import { listJobs, retryJob } from '../../shared/jobs/console.js'
import { parkedJobs, resumeParked } from '../../shared/jobs/park.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { NotFound } from '../../shared/errors.js'
import { directory } from '../../shared/tenancy/directory.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { connectApps } from './command.js'
import { exit, noTenant, UsageError } from './exit-codes.js'
import type { GlobalFlags } from './options.js'
import { counted, green, print, printJson, say, table } from './terminal.js'

interface JobFlags extends GlobalFlags { tenant?: string; name?: string; parked?: boolean; limit: number }

async function tenantNamed(slug: string | undefined): Promise<Tenant | undefined> {
  if (!slug) return undefined
  const tenant = await directory().findBySlug(slug)
  if (!tenant) throw noTenant(slug)
  return tenant
}

export async function list(flags: JobFlags): Promise<number> {
  await connectApps()
  const tenant = await tenantNamed(flags.tenant)
  const slugs = new Map((await directory().all()).map((t) => [t.uuid, t.slug]))
  const whose = (uuid: string | null): string => (uuid ? (slugs.get(uuid) ?? uuid) : 'central')
  const filter = { limit: flags.limit, ...(tenant ? { tenant: tenant.uuid } : {}) }
  const waiting = flags.parked ? [] : (await listJobs({ ...filter, ...(flags.name ? { name: flags.name } : {}) })).jobs
    .map((j) => ({ id: j.id, job: j.name, state: String(j.state), tenant: whose(j.tenant), next: j.nextRunAt?.toISOString() ?? null, failures: j.failures, error: j.lastError, payload: j.payload }))
  const parked = (await parkedJobs(filter)).filter((j) => !flags.name || j.name === flags.name)
    .map((j) => ({ id: `parked:${j.id}`, job: j.name, state: `parked: ${j.reason}`, tenant: whose(j.tenant), next: null, failures: null, error: j.error, payload: j.payload }))
  const rows = [...parked, ...waiting]
  if (flags.json) printJson(rows)
  else if (flags.ndjson) for (const row of rows) print(JSON.stringify(row))
  else if (rows.length) print(table(rows.map((r) => ({ ...r, error: r.error?.slice(0, 60) ?? '' })), ['id', 'job', 'state', 'tenant', 'next', 'failures', 'error']))
  say(`${waiting.length} waiting, ${parked.length} parked.`)
  return exit.ok
}

export async function runDue(flags: JobFlags): Promise<number> {
  await connectApps()
  const tenant = await tenantNamed(flags.tenant)
  const ran = await runDueJobs(tenant ? { tenant } : {})
  if (flags.json || flags.ndjson) printJson({ ran })
  else say(green(`${counted(ran, 'job')} ran.`))
  return exit.ok
}

export async function retry(flags: JobFlags, id: string): Promise<number> {
  await connectApps()
  if (id.startsWith('parked:')) {
    const number = Number(id.slice('parked:'.length))
    if (!Number.isInteger(number)) throw new UsageError(`"${id}" is not the id of a parked job. See: ezscale jobs list --parked`)
    if (!(await resumeParked(number))) throw new NotFound('parked job')
  } else await retryJob(id)
  if (flags.json || flags.ndjson) printJson({ id, due: true })
  else say(green('It is due now: a worker takes it, or run: ezscale jobs run'))
  return exit.ok
}
