/** One worker of the renewal figures, a process of its own: it is told whose renewals are its, opens its connections, waits for the start, and says when it is done. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runAsPlatform, runInTenant } from '../../shared/tenancy/context.js'
import { plugDirectory } from '../../shared/tenancy/directory.js'
import { makeTenant, type Tenant } from '../../shared/tenancy/tenant.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'
import { clock } from '../../shared/time/clock.js'
import { renewCustomer } from '../../tenant/billing/subscriptions/renew-due.js'

export interface RenewalShare {
  readonly tenant: Tenant
  /** A tenant value never prints it. */
  readonly password: string
  readonly customers: readonly number[]
}
export type RenewalOrder = { shares: readonly RenewalShare[] } | { at: string }
export type RenewalNews = { ready: true } | { done: number } | { broken: string }

/** Jobs that a worker has in hand at once. */
const IN_HAND = 4
let work: Array<{ tenant: Tenant; userId: number }> = []

async function prepare(shares: readonly RenewalShare[]): Promise<void> {
  const directory = new MemoryDirectory()
  const tenants = shares.map(({ tenant, password }) => makeTenant({ ...tenant, db: { ...tenant.db, password } }))
  for (const tenant of tenants) directory.put(tenant)
  plugDirectory(directory)
  for (const tenant of tenants) await runInTenant(tenant, () => tenantDb().raw('select 1'))
  const most = Math.max(...shares.map((share) => share.customers.length))
  // Tenant after tenant in turns, as jobs of many shops come.
  work = Array.from({ length: most }, (_v, i) => shares.flatMap(({ customers }, n) => (customers[i] === undefined ? [] : [{ tenant: tenants[n]!, userId: customers[i] }]))).flat()
}

async function renew(at: string): Promise<number> {
  clock.set(at)
  let done = 0
  let next = 0
  await Promise.all(Array.from({ length: IN_HAND }, async () => {
    for (let job = work[next++]; job; job = work[next++]) {
      const { tenant, userId } = job
      done += await runAsPlatform(() => runInTenant(tenant, () => renewCustomer(userId)))
    }
  }))
  return done
}

const tell = (news: RenewalNews): void => void process.send?.(news)
process.on('message', (order: RenewalOrder) => {
  const act = 'at' in order ? renew(order.at).then((done) => tell({ done })) : prepare(order.shares).then(() => tell({ ready: true }))
  act.catch((error: Error) => tell({ broken: error.stack ?? String(error) }))
})
process.on('disconnect', () => process.exit(0))
