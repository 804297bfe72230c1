/**
 * What tenancy costs a page: the product's account page over one database without tenancy, and over 1, 100 and 1,000 tenants, in turns, medians.
 * Both sides are the product's own HTTP shell in production mode (shared/http/app.ts: session row, form token, security headers, log, metrics,
 * the actor in its AsyncLocalStorage), the same page code, template and layout, and five look-ups. What differs is all of tenancy and nothing
 * else: host resolution, the unit of work, the guarded models and the broker with its 64 connections, against one database, an ordinary Knex
 * pool of 64 and plain models.
 */
import { randomBytes } from 'node:crypto'
import { adminConnection } from '../../shared/database/servers.js'
import { benchTenant, cookieOf, dropBenchTenants, makeBenchTenants } from './bench-tenants.js'
import type { LoadResult, Visitor } from './load.js'
import { startPageServer, type PageServer } from './page-process.js'

export interface TenancyFigures {
  /** Requests a second with this many tenants ÷ the same page without tenancy. */
  throughput: Record<1 | 100 | 1000, number>
  /** Processor time of the page server a request ÷ without tenancy. */
  cpu: Record<1 | 100 | 1000, number>
  /** 99th percentile with 1,000 tenants ÷ without tenancy. */
  p99: number
  /** Most connections of tenants at the server, 1,000 tenants. */
  connections: number
  /** Megabytes more in the process after serving 1,000 tenants than after serving one. */
  memory: number
  /** Requests a second without tenancy, for orientation. */
  plainPerSecond: number
  /** Share of leases that needed no switch, 1,000 tenants. */
  hitRate: number
}
export interface TenancyPlan {
  /** At most. */
  rounds: number
  /** No round begins after this many seconds. */
  seconds: number
  /** Requests a measurement. */
  slice: number
  inFlight: number
  connections: number
  say: (text: string) => void
}

const counts = [1, 100, 1000] as const
/** The mean of the two in the middle when they are even in number. */
const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (i: number) => sorted[Math.floor(i)] ?? 0
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2
}

async function connectionsOf(run: string): Promise<number> {
  const admin = await adminConnection(1)
  const [rows] = await admin.query(`select count(*) as n from information_schema.processlist where user like '${run}%'`)
  await admin.end()
  return Number((rows as Array<{ n: number }>)[0]?.n ?? 0)
}

const visitors: Visitor[] = []
/** A customer of one of the first `n` tenants. */
const anyOf = (run: string, n: number) => (): Visitor => {
  const i = 1 + Math.floor(Math.random() * n)
  return visitors[i] ??= { host: benchTenant(run, i).primaryHost, cookie: cookieOf(benchTenant(run, i)) }
}

type Slice = LoadResult & { cpuPerRequest: number }
/** One slice of load, with the processor time the page server spent on it. */
async function slice(server: PageServer, tenants: number, plan: TenancyPlan): Promise<Slice> {
  const before = await server.facts('now')
  const result = await server.load.run({ visitor: anyOf(server.run, tenants), requests: plan.slice, maxMs: 20_000 })
  const after = await server.facts('now')
  return { ...result, cpuPerRequest: (after.cpuMs - before.cpuMs) / Math.max(1, result.requests) }
}

/** Until the compiler has seen enough of the page, or it takes too long. */
const warmUp = (server: PageServer, tenants: number): Promise<LoadResult> => server.load.run({ visitor: anyOf(server.run, tenants), requests: 4000, maxMs: 15_000 })

class Rounds {
  readonly throughput: Record<number, number[]> = { 1: [], 100: [], 1000: [] }
  readonly cpu: Record<number, number[]> = { 1: [], 100: [], 1000: [] }
  readonly p99: number[] = []
  readonly plain: number[] = []
  errors = 0

  /** Ours between two slices of the plain page (`a` was measured just before): what the machine does meanwhile hits both. Answers the one after. */
  async add(n: 1 | 100 | 1000, a: Slice, plain: PageServer, ours: PageServer, plan: TenancyPlan): Promise<Slice> {
    const [b, c] = [await slice(ours, n, plan), await slice(plain, 1, plan)]
    const base = (a.perSecond + c.perSecond) / 2
    this.throughput[n]?.push(b.perSecond / base)
    this.cpu[n]?.push((2 * b.cpuPerRequest) / (a.cpuPerRequest + c.cpuPerRequest))
    if (n === 1000) this.p99.push((2 * b.p99) / (a.p99 + c.p99))
    this.plain.push(base)
    this.errors += b.errors + c.errors
    return c
  }
}

async function measure(run: string, plain: PageServer, ours: PageServer, plan: TenancyPlan): Promise<TenancyFigures> {
  plan.say('warming up')
  await warmUp(plain, 1)
  await warmUp(ours, 1)
  const before = await ours.facts('collected')
  await warmUp(ours, 1000)
  const rounds = new Rounds()
  let connections = 0
  let around = await slice(plain, 1, plan)
  const until = performance.now() + plan.seconds * 1000
  for (let round = 0; round < plan.rounds && (round < 3 || performance.now() < until); round++) {
    for (const n of counts) around = await rounds.add(n, around, plain, ours, plan)
    connections = Math.max(connections, (await connectionsOf(run)) - (await plain.facts('now')).connections)
    plan.say(`round ${round + 1} of ${plan.rounds}: ${counts.map((n) => `${n} tenants ${rounds.throughput[n]?.at(-1)?.toFixed(2)}`).join(', ')}`)
  }
  if (rounds.errors) throw new Error(`${rounds.errors} pages were not served, so their speed means nothing.`)
  const after = await ours.facts('collected')
  const s = after.snapshot
  const each = (of: Record<number, number[]>) => ({ 1: median(of[1] ?? []), 100: median(of[100] ?? []), 1000: median(of[1000] ?? []) })
  return {
    throughput: each(rounds.throughput), cpu: each(rounds.cpu), p99: median(rounds.p99), connections, memory: after.heapMb - before.heapMb, plainPerSecond: median(rounds.plain),
    hitRate: s ? s.hits / Math.max(1, s.hits + s.steals + s.opens) : 0,
  }
}

/** Creates 1,000 tenants, measures, and drops them again. */
export async function benchTenancy(plan: TenancyPlan): Promise<TenancyFigures> {
  const run = `bk${randomBytes(3).toString('hex')}x`
  plan.say('making 1,000 small tenants')
  const servers: PageServer[] = []
  try {
    await makeBenchTenants(run, 1000)
    for (const mode of ['plain', 'tenancy'] as const) servers.push(await startPageServer({ mode, run, tenants: 1000, connections: plan.connections }, plan.inFlight))
    const [plain, ours] = servers as [PageServer, PageServer]
    return await measure(run, plain, ours, plan)
  } finally {
    for (const server of servers) server.stop()
    plan.say('dropping the tenants')
    await dropBenchTenants(run, 1000)
  }
}
