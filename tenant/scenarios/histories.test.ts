/**
 * Random histories of workspaces, through the database and the product's own verbs: what a page shows, the receipt, the lines of all bills, what corrections give back and
 * the platform's record are one sum. Two shops, whose clocks change by an hour in the north and by half an hour in the south, live through a year at some hundred instants.
 * HISTORIES=1000 is the proof of issue 4, the suite takes fewer; HISTORIES_SEED says which.
 */
import { expect } from 'chai'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { makeTenant, type Tenant } from '../../shared/tenancy/tenant.js'
import { setClock } from '../../shared/testing/world.js'
import { auditTenant } from '../billing/audit.js'
import { registerUsageSource } from '../billing/usage/usage-source.js'
import { billingSource } from '../kasm/billing-source.js'
import { noteSeen } from '../kasm/metering/note-seen.js'
import { receiptOf } from '../kasm/metering/receipt.js'
import { UsageSession } from '../kasm/metering/usage-session.js'
import { Workspace } from '../kasm/workspace.js'
import { Service } from '../services/service.js'
import { newCustomer, newService, useBillingWorld } from './billing-world.js'
import { cents, iso, justBeforeItsStop, MINUTE, stateAt } from './lives.js'
import { lines, rowsOf, slicesByRun, type LineRow } from './lives-books.js'
import { write, type Run } from './lives-meter.js'
import { Shop, type Faults } from './lives-world.js'
import { dice, seedOf } from './mortal-workers.js'

const HISTORIES = Number(process.env['HISTORIES'] ?? 200)

describe('Random histories of workspaces', function () {
  this.timeout(3_600_000)
  const world = useBillingWorld(true)
  const faults: Faults = []
  const shops: Array<{ tenant: Tenant; shop: Shop }> = []
  const each = async (look: (shop: Shop, tenant: Tenant) => Promise<void>): Promise<void> => {
    for (const { shop, tenant } of shops) await world.as(tenant, () => look(shop, tenant))
  }

  before(async () => {
    registerUsageSource(billingSource)
    world.directory.connect({ baseUrl: 'https://kasm.example', secrets: {} })
    const roll = dice(seedOf('HISTORIES_SEED', { HISTORIES_SEED: '20261122', ...process.env }))
    for (const [tenant, zone] of [[world.acme, 'America/New_York'], [world.globex, 'Australia/Lord_Howe']] as const) {
      const moved = makeTenant({ ...tenant, timeZone: zone })
      world.directory.put(moved)
      shops.push({ tenant: moved, shop: new Shop(zone, roll, faults) })
    }
    await each(async (shop) => {
      await shop.open(HISTORIES / 2)
      await shop.live()
      console.log(`      ${shop.zone}: ${HISTORIES / 2} workspaces, ${shop.runs.length} runs, ${JSON.stringify(shop.counts)}`)
    })
  })
  const nothing = (found: Faults): void => void expect(found.slice(0, 5), `${found.length} of these`).to.deep.equal([])

  it('cost at each instant, on each receipt and on each bill what their quarter hours come to, counted one by one', () => {
    nothing(faults)
    for (const { shop: { counts } } of shops) expect(Object.values(counts).every((count) => count > HISTORIES / 50), JSON.stringify(counts)).to.equal(true)
  })

  it('stand on bills in full, each quarter hour once and none before it began', () => each(async (shop) => {
    const found: Faults = []
    const slices = await slicesByRun()
    for (const run of shop.runs) {
      const quarters = shop.known(run, Infinity)
      const receipt = await receiptOf(run.id!, run.userId)
      const back = sum(receipt.corrections.map((c) => c.creditedSeconds))
      const own = slices.get(run.id!) ?? []
      let covered = 0
      for (const [i, slice] of own.entries()) {
        covered += slice.seconds / 900
        if (i && slice.start < own[i - 1]!.end) found.push(`run ${run.id}: slices overlap`)
        const newest = quarters[covered - 1] ?? 0
        if (slice.seconds > 0 && newest >= slice.end) found.push(`run ${run.id}: ${iso(newest)} is on the bill until ${iso(slice.end)}`)
      }
      const figures = [receipt.billedSeconds / 900, covered, (sum(receipt.billedOn.map((b) => b.seconds)) - back) / 900, receipt.unbilledSeconds, run.billed / 900]
      if (String(figures) !== String([quarters.length, quarters.length, quarters.length, 0, quarters.length])) found.push(`run ${run.id}: ${String(figures)} of ${quarters.length}`)
      if (receipt.cost.minor !== cents(run.life.rateMicros, quarters.length * 900)) found.push(`run ${run.id} costs ${receipt.cost.minor}`)
    }
    nothing(found)
  }))

  it('cost on each line what its seconds cost, rounded once: also after corrections, and over the bills of a month', () => each(async (shop) => {
    const [found, seconds, months]: [Faults, Map<string, number>, Map<string, LineRow[]>] = [[], new Map(), new Map()]
    for (const line of await lines()) {
      const left = line.seconds - line.backSeconds
      const exact = !line.key.includes(':interim:') || (line.rate * line.seconds) % 36_000_000 === 0
      if (line.amount !== cents(line.rate, line.seconds) || line.total !== line.amount || !exact) found.push(`line ${line.id}: ${line.seconds} s at ${line.rate} for ${line.amount}`)
      const kept = line.total - line.notedMinor
      if (kept !== cents(line.rate, left) || line.notedMinor !== line.backMinor) found.push(`line ${line.id}: ${kept} for ${left} s at ${line.rate}`)
      const name = `${line.serviceId} at ${line.rate}`
      add(seconds, name, left)
      const month = `${name} in ${/^usage:\d+:(\d+-\d+)/.exec(line.key)![1]!}`
      months.set(month, [...(months.get(month) ?? []), line])
    }
    for (const [month, all] of months) {
      if (sum(all.map((l) => l.amount)) !== cents(all[0]!.rate, sum(all.map((l) => l.seconds)))) found.push(`${month}: ${JSON.stringify(all)}`)
    }
    const lived = new Map<string, number>()
    for (const run of shop.runs) add(lived, `${run.serviceId} at ${run.life.rateMicros}`, shop.known(run, Infinity).length * 900)
    nothing([...found, ...differing(lived, seconds)])
    expect(Math.max(...[...months.values()].map((all) => all.length)), 'bills of one month').to.be.greaterThan(1)
  }))

  it('are on the platform’s record in the month in which each quarter hour began', () => each(async (shop, tenant) => {
    const told = new Map<string, number>()
    for (const { key, quantitySeconds } of world.directory.usage.filter((u) => u.tenant === tenant.slug)) add(told, key.split(':').slice(1, 3).join(' '), quantitySeconds)
    const lived = new Map<string, number>()
    for (const run of shop.runs) for (const quarter of shop.known(run, Infinity)) add(lived, `${run.id} ${shop.calendar.monthOf(quarter)}`, 900)
    nothing(differing(lived, told))
    expect(told.size).to.be.at.least(lived.size)
  }))

  it('leave every identity of the books true', () => each(async () => {
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('are written here as the product writes them', () => each(async (shop) => {
    const lives = shop.runs.map((run) => run.life).filter((life) => life.seen.length > 1 && sum(life.seen.map(([from, to]) => to - from)) < 30 * MINUTE).slice(0, 6)
    const owner = await newCustomer()
    for (const life of lives) {
      const [bulk, real] = [await newService(owner, 'bulk', life.rateMicros), await newService(owner, 'real', life.rateMicros)]
      const run: Run = { ...bulk, life, id: null, holes: 0, billed: 0, corrected: null }
      await write([[run, justBeforeItsStop(life)]], new Date(life.knownAt))
      await write([[run, stateAt(life, life.knownAt)]], new Date(life.knownAt))
      await liveForReal(run, real.workspaceId)
      expect(await rowsOf(bulk.workspaceId), JSON.stringify(life)).to.deep.equal(await rowsOf(real.workspaceId))
    }
  }))

  /** Start, the looks of each three minutes, stop. */
  async function liveForReal({ life }: Run, workspaceId: number): Promise<void> {
    const workspace = await Workspace.findOwned<Workspace>({ id: workspaceId })
    const service = await Service.findOwned<Service>({ id: workspace.serviceId })
    const kasmSessionId = `desktop-${life.start}`
    const at = (ms: number): Date => {
      setClock(new Date(ms))
      return new Date(ms)
    }
    await tenantTransaction(() => UsageSession.open(workspace, service, kasmSessionId, 'customer', at(life.start)))
    for (const [from, to] of life.seen) for (let look = from; ; look = Math.min(to, look + 180_000)) {
      await noteSeen([{ workspaceId, kasmSessionId, providerStartedAt: null }], at(look))
      if (look === to) break
    }
    const session = (await UsageSession.openFor(workspace))!
    await tenantTransaction(() => session.close(new Date(life.stop), life.endedBy, at(life.knownAt)))
  }
})

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0)
const differing = (lived: ReadonlyMap<string, number>, told: ReadonlyMap<string, number>): Faults =>
  [...new Set([...lived.keys(), ...told.keys()])].filter((name) => (lived.get(name) ?? 0) !== (told.get(name) ?? 0)).map((name) => `${name}: lived ${lived.get(name)} s, told ${told.get(name)} s`)
const add = (to: Map<string, number>, key: string, seconds: number): void => void to.set(key, (to.get(key) ?? 0) + seconds)
