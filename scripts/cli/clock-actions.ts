/** What `clock show|advance` do. */
import { SingleBar } from 'cli-progress'
import { Duration } from 'luxon'
import { runInTenant } from '../../shared/tenancy/context.js'
import { directory } from '../../shared/tenancy/directory.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { clock } from '../../shared/time/clock.js'
import { connectApps } from './command.js'
import { exit, noTenant, UsageError } from './exit-codes.js'
import type { GlobalFlags } from './options.js'
import { animated, counted, green, print, printJson, say, table, yellow } from './terminal.js'

interface ClockFlags extends GlobalFlags { tenant?: string; to?: string; by?: string; step?: number }

/** `31 days`, `90 minutes`, `1 month`: from `start`, by the calendar. Throws UsageError. */
export function after(start: Date, by: string): Date {
  const match = /^\s*(\d+)\s*(minute|hour|day|week|month|year)s?\s*$/.exec(by)
  if (!match) throw new UsageError(`"${by}" is not a time such as "31 days", "90 minutes" or "1 month".`)
  const unit = `${match[2]}s` as 'days'
  const months = { months: 1, years: 12 }[unit as string]
  if (!months) return new Date(start.getTime() + Duration.fromObject({ [unit]: Number(match[1]) }).toMillis())
  const moved = new Date(start)
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months * Number(match[1]))
  moved.setUTCDate(Math.min(start.getUTCDate(), new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()))
  return moved
}

async function tenantOf(slug: string): Promise<Tenant> {
  const tenant = await directory().findBySlug(slug)
  if (!tenant) throw noTenant(slug)
  return tenant
}
const show = (t: Tenant): Promise<{ tenant: string; sandbox: boolean; now: string; aheadHours: number }> =>
  runInTenant(t, () => ({ tenant: t.slug, sandbox: t.sandbox, now: clock.now().toISOString(), aheadHours: Math.round(t.clockOffsetMs / 360_000) / 10 }))

export async function showClocks(flags: ClockFlags): Promise<number> {
  await connectApps()
  const tenants = flags.tenant ? [await tenantOf(flags.tenant)] : (await directory().all()).filter((t) => t.sandbox)
  const rows = await Promise.all(tenants.map(show))
  if (flags.json || flags.ndjson) printJson(flags.tenant ? rows[0] : rows)
  else if (rows.length) print(table(rows, ['tenant', 'sandbox', 'now', 'aheadHours']))
  else say(yellow('There is no sandbox tenant. Open one with: ezscale tenants create --sandbox …'))
  return exit.ok
}

export async function advance(flags: ClockFlags): Promise<number> {
  if (!flags.tenant) throw new UsageError('Say whose clock: --tenant <slug>.')
  if (!flags.to === !flags.by) throw new UsageError('Say how far: either --to <instant> or --by "31 days".')
  await connectApps()
  const { advanceClock } = await import('../advance-clock.js')
  const tenant = await tenantOf(flags.tenant)
  const from = await runInTenant(tenant, () => clock.now())
  const to = flags.by ? after(from, flags.by) : new Date(flags.to!)
  if (Number.isNaN(to.getTime())) throw new UsageError(`"${flags.to}" is not an instant such as 2026-12-01T00:00:00Z.`)
  const bar = animated() ? new SingleBar({ stream: process.stderr, hideCursor: true, clearOnComplete: true, format: `${tenant.slug} {bar} {now} · {eta_formatted} to go` }) : undefined
  bar?.start(to.getTime() - from.getTime(), 0, { now: from.toISOString() })
  const done = await advanceClock(tenant, to, { stepMs: (flags.step ?? 1) * 3_600_000, onStep: (now) => bar?.update(now.getTime() - from.getTime(), { now: now.toISOString() }) }).finally(() => bar?.stop())
  for (const trouble of done.troubles.slice(0, 5)) say(yellow(trouble))
  if (done.troubles.length > 5) say(yellow(`and ${done.troubles.length - 5} more`))
  if (flags.json || flags.ndjson) printJson({ ...(await show(done.tenant)), from: done.from.toISOString(), jobs: done.jobs, wholesaleInvoices: done.wholesaleInvoices, troubles: done.troubles })
  else say(green(`${tenant.slug} is at ${done.to.toISOString()}: ${counted(done.jobs, 'job')} ran, ${counted(done.wholesaleInvoices, 'wholesale invoice')} made.`))
  return exit.ok
}
