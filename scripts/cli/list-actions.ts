/** What `tenants list|show|status|audit` do. */
import { centralRows } from '../../shared/database/migration-central.js'
import { visitFleet } from '../../shared/tenancy/fleet-visit.js'
import { connect, connectApps, stopSignal } from './command.js'
import { exit } from './exit-codes.js'
import type { SelectionFlags } from './options.js'
import { checkNames, lineOf, tenantBySlug, tenantDetails, type TenantDetail } from './tenant-rows.js'
import { counted, green, print, printJson, red, say, table, yellow } from './terminal.js'
import { countsOf } from './tenant-counts.js'

type ListFlags = SelectionFlags & { concurrency: number }
const none = (): number => {
  say(yellow('No tenant matched.'))
  return exit.nothing
}
const named = (flags: SelectionFlags): boolean => Boolean(flags.only || flags.except || flags.behind)
const forTable = (t: TenantDetail): Record<string, unknown> => ({ ...lineOf(t), domains: t.domains[0] ?? '–', behind: t.behind ? 'behind' : '' })

export async function list(flags: ListFlags): Promise<number> {
  await connect()
  await checkNames(flags)
  const tenants = await tenantDetails(flags)
  if (flags.json) printJson(tenants.map(lineOf))
  else if (flags.ndjson) for (const t of tenants) print(JSON.stringify(lineOf(t)))
  else if (tenants.length) print(table(tenants.map(forTable), ['slug', 'name', 'status', 'database', 'server', 'schema', 'behind', 'domains']))
  return tenants.length || !named(flags) ? exit.ok : none()
}

export async function status(flags: ListFlags): Promise<number> {
  await connectApps()
  await checkNames(flags)
  const tenants = await tenantDetails(flags)
  const visits = await visitFleet({ only: tenants.map((t) => t.slug) }, countsOf, { concurrency: flags.concurrency, signal: stopSignal() })
  const bySlug = new Map(visits.map((v) => [v.tenant.slug, v]))
  const rows = tenants.map((t) => {
    const visit = bySlug.get(t.slug)
    return { ...lineOf(t), counts: visit?.ok ? visit.value : null, error: t.failure ? `${t.failure.file}: ${t.failure.error}` : visit && !visit.ok ? visit.error.message : null }
  })
  if (flags.json) printJson(rows)
  else if (flags.ndjson) for (const row of rows) print(JSON.stringify(row))
  else if (rows.length) {
    print(table(rows.map((r) => ({ ...r, ...r.counts, behind: r.behind ? 'behind' : '', error: r.error?.slice(0, 60) ?? '' })), ['slug', 'status', 'schema', 'behind', 'customers', 'services', 'running', 'openInvoices', 'waitingMail', 'error']))
  }
  const bad = rows.filter((r) => r.error).length
  say(`${counted(rows.length, 'tenant')}, ${rows.filter((r) => r.behind).length} behind, ${bad} in trouble.`)
  return rows.length === 0 && named(flags) ? none() : bad ? exit.failed : exit.ok
}

export async function show(flags: SelectionFlags, slug: string): Promise<number> {
  await connect()
  const t = await tenantBySlug(slug)
  const steps = await centralRows('select step, status, attempts, detail, error from opening_steps where tenant_id = ? order by position', [t.id])
  const { uuid, generation, house, sandbox, clock_offset_ms: offset, owner_name: owner, owner_email: email, currency, time_zone: zone, suspend_reason: reason } = t.row
  const facts = { ...lineOf(t), id: t.id, uuid, generation, house: house === 1, sandbox: sandbox === 1, clockOffsetMs: Number(offset), owner, ownerEmail: email, currency, timeZone: zone, suspendReason: reason, failure: t.failure, opening: steps }
  if (flags.json || flags.ndjson) printJson(facts)
  else {
    for (const [key, value] of Object.entries(facts)) if (key !== 'opening' && value !== null) print(`${key.padEnd(16)}${Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    if (t.status === 'opening') print(`\n${table(steps, ['step', 'status', 'attempts', 'detail', 'error'])}`)
  }
  return exit.ok
}

export async function audit(flags: ListFlags): Promise<number> {
  await connectApps()
  await checkNames(flags)
  const { auditFleet } = await import('./audit.js')
  const nobody = named(flags) && !(await tenantDetails(flags)).length
  const findings = nobody ? [] : await auditFleet({ ...(flags.only ? { only: flags.only } : {}), ...(flags.except ? { except: flags.except } : {}) }, { concurrency: flags.concurrency, signal: stopSignal() })
  if (flags.json) printJson(findings)
  else if (flags.ndjson) for (const f of findings) print(JSON.stringify(f))
  else if (findings.length) print(table(findings.map((f) => ({ ...f })), ['tenant', 'check', 'subject', 'message']))
  if (nobody) return none()
  say(findings.length ? red(`${counted(findings.length, 'finding')}.`) : green('All well: no finding.'))
  return findings.length ? exit.failed : exit.ok
}
