/** Moves a sandbox tenant's clock forward and lets happen what would have happened: at each step its schedules and due jobs run, and its wholesale bill. */
import { billReseller } from '../central/wholesale/bill-reseller.js'
import { Refusal } from '../shared/errors.js'
import { runDueJobs } from '../shared/jobs/run-due-jobs.js'
import { runSchedules } from '../shared/jobs/timetable.js'
import { config } from '../shared/config.js'
import { asCentral } from '../shared/tenancy/as-central.js'
import { runInTenant } from '../shared/tenancy/context.js'
import { directory } from '../shared/tenancy/directory.js'
import type { Tenant } from '../shared/tenancy/tenant.js'
import { clock } from '../shared/time/clock.js'

/** What the timetable does every hour happens at every step; a longer one is quicker, and what falls due in it happens at its end. */
const hourMs = 3_600_000

export interface Advanced {
  readonly tenant: Tenant
  readonly from: Date
  readonly to: Date
  readonly jobs: number
  readonly wholesaleInvoices: number
  /** What schedules could not do, by step. They try again at the next step, as they would in real life. */
  readonly troubles: string[]
}

const nowOf = (tenant: Tenant): Promise<Date> => runInTenant(tenant, () => clock.now())

/** Why the clock may not move to `to`; null when it may. */
export function refusalToAdvance(tenant: Tenant, from: Date, to: Date): Refusal | null {
  if (config().NODE_ENV === 'production') return new Refusal('clock.production', 'Clocks are never moved in production.')
  if (!tenant.sandbox) return new Refusal('clock.not-sandbox', `${tenant.slug} is not a sandbox: only a sandbox has a clock of its own.`)
  return to > from ? null : new Refusal('clock.backwards', `A sandbox clock only moves forward, and ${tenant.slug} is at ${from.toISOString()}.`)
}

async function settle(tenant: Tenant, now: Date, troubles: string[]): Promise<{ jobs: number; bills: number }> {
  await runSchedules(tenant, now).catch((error: Error) => troubles.push(`${now.toISOString()} ${error.message}`))
  const jobs = await runDueJobs({ tenant, now })
  const bills = tenant.house ? 0 : await asCentral(() => billReseller(tenant.id, now))
  return { jobs, bills }
}

/** Throws Refusal in production, for tenants that are no sandbox, and backwards. `onStep` is told each instant that was reached. */
export async function advanceClock(start: Tenant, to: Date, options: { stepMs?: number; onStep?: (now: Date) => void } = {}): Promise<Advanced> {
  const from = await nowOf(start)
  const refusal = refusalToAdvance(start, from, to)
  if (refusal) throw refusal
  const troubles: string[] = []
  let [tenant, jobs, bills] = [start, 0, 0]
  for (let at = from; at < to;) {
    at = new Date(Math.min(at.getTime() + (options.stepMs ?? hourMs), to.getTime()))
    tenant = await directory().setClock(tenant, at.getTime() - clock.real().getTime())
    const done = await settle(tenant, at, troubles)
    jobs += done.jobs
    bills += done.bills
    options.onStep?.(at)
  }
  return { tenant, from, to: await nowOf(tenant), jobs, wholesaleInvoices: bills, troubles }
}
