/** The minute's poll over many running workspaces, and a month's end over many runs; each beside a raw client that does no more than the database work. */
import { fork, type ChildProcess } from 'node:child_process'
import { quoteName } from '../../shared/database/migration-connection.js'
import { adminConnection } from '../../shared/database/servers.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { directory } from '../../shared/tenancy/directory.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'
import { scriptBeside } from '../../shared/testing/own-process.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { closeEndedMonths } from '../../tenant/billing/usage/close-month.js'
import { registerKasm } from '../../tenant/kasm/driver.js'
import { pollWorkspaces } from '../../tenant/kasm/poll-workspaces.js'
import type { ListNews, ListOrder } from './list-server.js'
import { makeShops } from './money-tenants.js'
import { fillRuns, fillWorkspaces, type Filled } from './workspace-tenants.js'

export interface PollFigures {
  /** Milliseconds of a minute's poll over all shops, median; and the same ÷ reading the list and writing what was seen, by a raw client. */
  readonly ms: number
  readonly ratio: number
  /** Calls of the list for each minute. */
  readonly calls: number
  /** Megabytes more in the process after the last poll than after the first. */
  readonly memory: number
}
export interface MonthEndFigures {
  /** Runs a second, and the time ÷ that of a raw client that reads the same runs and writes the same slices. */
  readonly runsPerSecond: number
  readonly ratio: number
  readonly memory: number
}
type Say = (text: string) => void

const MINUTES = 5
const LANES = 4
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const heard = (child: ChildProcess): Promise<ListNews> => new Promise((resolve, reject) => {
  child.once('message', (news: ListNews) => resolve(news))
  child.once('exit', () => reject(new Error('The list server died.')))
})
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
const megabytes = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1_048_576
}

async function startList(order: ListOrder): Promise<{ url: string; asked: () => Promise<number>; stop: () => void }> {
  const { file, execArgv } = scriptBeside(import.meta, 'list-server')
  const child = fork(file, { execArgv: [...execArgv] })
  const ready = heard(child)
  child.send(order)
  const news = await ready
  if (!('port' in news)) throw new Error('The list server did not start.')
  const asked = async (): Promise<number> => {
    const answer = heard(child)
    child.send('asked')
    const said = await answer
    return 'asked' in said ? said.asked : 0
  }
  return { url: `http://127.0.0.1:${news.port}`, asked, stop: () => child.disconnect() }
}

/** All shops on one server. */
function connect(baseUrl: string): void {
  const plugged = directory()
  if (!(plugged instanceof MemoryDirectory)) throw new Error('The bench has a directory of its own.')
  plugged.connected.length = 0
  plugged.connect({ id: 1, baseUrl, secrets: { apiKey: 'k', apiKeySecret: 's' }, settings: { timeoutMs: 30_000 } })
}

/** What nobody can save: the list read once, and a note for every five hundred that run. */
async function rawPoll(url: string, shops: ReadonlyArray<{ tenant: Tenant; filled: Filled }>): Promise<void> {
  const { kasms } = (await (await fetch(url, { method: 'POST', body: '{}' })).json()) as { kasms: Array<{ user_id: string }> }
  const byUser = new Map(kasms.map((k) => [k.user_id, k]))
  if (byUser.size !== kasms.length) throw new Error('The list names somebody twice.')
  for (const { tenant, filled } of shops) await runInTenant(tenant, async () => {
    const ids = (await tenantDb()('kasm_workspaces').where('status', 'running').pluck('id')) as number[]
    for (let from = 0; from < ids.length; from += 500) for (const [table, column] of [['kasm_usage_sessions', 'open_workspace_id'], ['kasm_workspaces', 'id']] as const) {
      await tenantDb()(table).whereIn(column, ids.slice(from, from + 500)).update({ last_seen_at: clock.now() })
    }
    if (ids.length < filled.count) throw new Error('Workspaces are missing.')
  })
}

/** As a worker does it: some shops at a time. */
async function pollAll(tenants: readonly Tenant[]): Promise<void> {
  const waiting = [...tenants]
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let tenant = waiting.pop(); tenant; tenant = waiting.pop()) await runInTenant(tenant, pollWorkspaces)
  }))
}

export async function benchPoll({ workspaces, shops: wanted, say }: { workspaces: number; shops: number; say: Say }): Promise<PollFigures> {
  say(`making ${wanted} shops with ${workspaces} running workspaces`)
  const start = Date.parse('2027-01-15T09:00:00.000Z')
  const shops = await makeShops(wanted, new Date(start).toISOString())
  try {
    registerKasm()
    const all: Array<{ tenant: Tenant; filled: Filled }> = []
    connect('http://127.0.0.1:9')
    for (const [n, tenant] of shops.tenants.entries()) all.push({ tenant, filled: await fillWorkspaces(tenant, n, workspaces / wanted) })
    const list = await startList({ shops: all.map(({ tenant, filled }, shop) => ({ shop, first: filled.firstUser, count: filled.count, slug: tenant.slug })) })
    connect(list.url)
    const [ours, ratios, memory]: [number[], number[], number[]] = [[], [], []]
    for (let minute = 1; minute <= MINUTES; minute++) {
      setClock(new Date(start + minute * 60_000).toISOString())
      const own = await timed(() => pollAll(all.map(({ tenant }) => tenant)))
      memory.push(megabytes())
      const raw = await timed(() => rawPoll(list.url, all))
      ours.push(own)
      ratios.push(own / raw)
      say(`minute ${minute} of ${MINUTES}: ${own.toFixed(0)} ms, ${(own / raw).toFixed(2)} of a raw client`)
    }
    const asked = (await list.asked()) - MINUTES
    list.stop()
    return { ms: median(ours), ratio: median(ratios), calls: asked / MINUTES, memory: memory.at(-1)! - memory[0]! }
  } finally {
    say('dropping the shops')
    await shops.end()
  }
}

/** Tenants may not change their schema: the administrator does it. */
async function makeTable(tenant: Tenant, table: string): Promise<void> {
  const admin = await adminConnection(1)
  await admin.query(`create table ${quoteName(tenant.db.database)}.${table}`)
  await admin.end()
}

/** The same rows read and the same slices written, without lines, rounding, taxes or ledger; then undone. */
async function rawMonth(tenant: Tenant, userIds: readonly number[]): Promise<void> {
  const client = await adminConnection(1)
  await client.query(`use ${quoteName(tenant.db.database)}`)
  for (const userId of userIds) {
    await client.query('start transaction')
    const [rows] = await client.query('select k.* from kasm_usage_sessions k join kasm_workspaces w on w.id = k.kasm_workspace_id where w.user_id = ?', [userId])
    const runs = rows as Array<{ id: number; duration_billable_seconds: number }>
    for (let from = 0; from < runs.length; from += 500) {
      const part = runs.slice(from, from + 500)
      await client.query('insert into bench_slices (session_id, seconds) values ?', [part.map((r) => [r.id, r.duration_billable_seconds])])
      await client.query('update kasm_usage_sessions set updated_at = ? where id in (?)', [clock.now(), part.map((r) => r.id)])
    }
    await client.query('rollback')
  }
  await client.end()
}

export async function benchMonthEnd({ runs, customers, say }: { runs: number; customers: number; say: Say }): Promise<MonthEndFigures> {
  const shops = await makeShops(1, '2027-02-10T09:00:00.000Z')
  const tenant = shops.tenants[0]!
  try {
    say(`making a shop with ${customers} customers and ${runs} runs`)
    registerKasm()
    connect('http://127.0.0.1:9')
    const filled = await fillWorkspaces(tenant, 0, customers)
    await fillRuns(tenant, filled, runs / customers, '2027-01-01T00:10:00.000Z')
    await makeTable(tenant, 'bench_slices (session_id bigint primary key, seconds bigint)')
    const users = Array.from({ length: customers }, (_v, i) => filled.firstUser + i)
    const sample = users.slice(0, Math.min(customers, 50))
    const raw = (await timed(() => rawMonth(tenant, sample))) / sample.length
    const before = megabytes()
    const ms = await timed(() => runInTenant(tenant, async () => {
      for (const userId of users) await closeEndedMonths(userId)
    }))
    const billed = await runInTenant(tenant, async () => Number(((await tenantDb()('kasm_billed_slices').count({ n: '*' }).first()) as { n: number | string }).n))
    if (billed !== runs) throw new Error(`${billed} of ${runs} runs were billed.`)
    say(`${runs} runs billed: ${((runs * 1000) / ms).toFixed(0)} a second, ${(ms / customers / raw).toFixed(2)} of a raw client`)
    return { runsPerSecond: (runs * 1000) / ms, ratio: ms / customers / raw, memory: megabytes() - before }
  } finally {
    say('dropping the shop')
    await shops.end()
  }
}
