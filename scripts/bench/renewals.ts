/** Renewals a second: invoices drafted, priced, booked and numbered by the verb of the hourly run, in one shop and over many, by one worker process and by two. */
import { fork, type ChildProcess } from 'node:child_process'
import { config } from '../../shared/config.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import { fillSubscriptions, makeShops } from './money-tenants.js'
import type { RenewalNews, RenewalOrder, RenewalShare } from './renewal-worker.js'
import { scriptBeside } from '../../shared/testing/own-process.js'

export interface RenewalFigures {
  /** Renewals a second by number of workers. */
  readonly one: Record<1 | 2, number>
  readonly many: Record<1 | 2, number>
}
interface Plan {
  /** Subscriptions of the one shop. */
  readonly subscriptions: number
  readonly shops: number
  readonly each: number
  readonly say: (text: string) => void
}

const START = '2027-01-15T09:00:00.000Z'
/** A day in each of the months that are billed one after the other: first to warm up. */
const months = ['2027-02-15', '2027-03-15', '2027-04-15', '2027-05-15'].map((day) => `${day}T00:00:00.000Z`)

const heard = (child: ChildProcess): Promise<RenewalNews> => new Promise((resolve, reject) => {
  child.once('message', (news: RenewalNews) => ('broken' in news ? reject(new Error(news.broken)) : resolve(news)))
  child.once('exit', () => reject(new Error('A renewal worker died.')))
})
async function tell(child: ChildProcess, order: RenewalOrder): Promise<RenewalNews> {
  const answer = heard(child)
  child.send(order)
  return answer
}

/** Splits the customers of every shop over the workers. */
const sharesOf = (shares: readonly RenewalShare[], worker: number, workers: number): RenewalShare[] => shares.map((share) => ({ ...share, customers: share.customers.filter((_id, i) => i % workers === worker) }))

async function startWorkers(shares: readonly RenewalShare[], workers: number): Promise<ChildProcess[]> {
  const { CENTRAL_DATABASE, TENANT_PREFIX, MASTER_KEY, DATABASE_URL } = config()
  const env = { ...process.env, CENTRAL_DATABASE, TENANT_PREFIX, MASTER_KEY, DATABASE_URL, NODE_ENV: 'test', LOG_LEVEL: 'silent' }
  const { file, execArgv } = scriptBeside(import.meta, 'renewal-worker')
  const children = Array.from({ length: workers }, () => fork(file, { execArgv: [...execArgv], env }))
  await Promise.all(children.map((child, n) => tell(child, { shares: sharesOf(shares, n, workers) })))
  return children
}

/** The month is billed by so many workers; renewals a second. */
async function bill(children: readonly ChildProcess[], at: string): Promise<number> {
  const began = performance.now()
  await Promise.all(children.map((child) => tell(child, { at })))
  return performance.now() - began
}

const countOf = async (shares: readonly RenewalShare[]): Promise<number> => {
  let sum = 0
  for (const { tenant } of shares) sum += await runInTenant(tenant, async () => (await tenantDb()('invoices').where({ kind: 'renewal' }).pluck('id')).length)
  return sum
}

async function measure(shares: readonly RenewalShare[], say: (text: string) => void): Promise<Record<1 | 2, number>> {
  const figures = { 1: 0, 2: 0 }
  let month = 0
  for (const workers of [1, 2] as const) {
    const children = await startWorkers(shares, workers)
    await bill(children, months[month++]!)
    const before = await countOf(shares)
    const ms = await bill(children, months[month++]!)
    const made = (await countOf(shares)) - before
    figures[workers] = (made * 1000) / ms
    for (const child of children) child.disconnect()
    say(`${made} renewals over ${shares.length} ${shares.length === 1 ? 'shop' : 'shops'} by ${workers} ${workers === 1 ? 'worker' : 'workers'}: ${figures[workers].toFixed(0)} a second`)
  }
  return figures
}

export async function benchRenewals({ subscriptions, shops: wanted, each, say }: Plan): Promise<RenewalFigures> {
  say(`making ${wanted + 1} shops with subscriptions`)
  const shops = await makeShops(wanted + 1, START)
  try {
    const shares: RenewalShare[] = []
    for (const [n, tenant] of shops.tenants.entries()) shares.push({ tenant, password: tenant.db.password, customers: await fillSubscriptions(tenant, n ? each : subscriptions) })
    return { one: await measure(shares.slice(0, 1), say), many: await measure(shares.slice(1), say) }
  } finally {
    say('dropping the shops')
    await shops.end()
  }
}
