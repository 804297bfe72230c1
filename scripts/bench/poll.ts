/** The minute's poll over many running workspaces, beside a raw client that does no more than the database work. */
import { fork, type ChildProcess } from 'node:child_process'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { scriptBeside } from '../../shared/testing/own-process.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { registerKasm } from '../../tenant/kasm/driver.js'
import { pollWorkspaces } from '../../tenant/kasm/poll-workspaces.js'
import type { ListNews, ListOrder } from './list-server.js'
import { median, megabytes, timed } from './measure.js'
import { makeShops } from './money-tenants.js'
import { connect } from './one-server.js'
import { fillWorkspaces, type Filled } from './workspace-tenants.js'

export interface PollFigures {
  /** Milliseconds of a minute's poll over all shops, median; and the same ÷ reading the list and writing what was seen, by a raw client. */
  readonly ms: number
  readonly ratio: number
  /** Calls of the list for each minute. */
  readonly calls: number
  /** Megabytes more in the process after the last poll than after the first. */
  readonly memory: number
}

const MINUTES = 5
const LANES = 4
const heard = (child: ChildProcess): Promise<ListNews> => new Promise((resolve, reject) => {
  child.once('message', (news: ListNews) => resolve(news))
  child.once('exit', () => reject(new Error('The list server died.')))
})

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

export async function benchPoll({ workspaces, shops: wanted, say }: { workspaces: number; shops: number; say: (text: string) => void }): Promise<PollFigures> {
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
