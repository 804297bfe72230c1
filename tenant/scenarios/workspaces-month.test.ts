/**
 * A month of two hundred workspaces at servers that fail one call in ten and are away for two hours.
 *
 * What is compressed: the minutes' schedules run each two minutes (the meter trusts sightings up to three minutes apart) in the hours in which
 * something happens, eight stretches of 40 to 180 minutes, and each six minutes while the servers are away; before each the whole timetable runs once in the night. What runs
 * through a night is therefore seen once, and must be billed for the quarter hours in which it was seen only.
 * WORKSPACES_MONTH=full runs every minute of eleven hours of each day instead: 19,140 minutes at 0.4 s of processor time, two to three hours. WORKSPACES_DAYS=2,16 lives
 * only these days of it in full; the 16th is the one on which the servers are away.
 */
import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { amountOf, hourly } from '../../shared/money/rate.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { auditTenant } from '../billing/audit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { setBudget } from '../kasm/budgets/set-budget.js'
import { receiptOf, type Receipt } from '../kasm/metering/receipt.js'
import { UsageSession } from '../kasm/metering/usage-session.js'
import { waitingStatuses, Workspace } from '../kasm/workspace.js'
import { Crowd } from './month-acts.js'
import { Witness } from './month-witness.js'
import { useMonthWorld, type Buyer } from './month-world.js'
import { dice, seedOf } from './mortal-workers.js'

const [WORKSPACES, CUSTOMERS] = [Number(process.env.WORKSPACES ?? 200), 20]
/** In cents; and what a quarter hour of the dearest costs. */
const [LIMIT, DEAREST] = [Math.max(15, WORKSPACES / 4), 20]
const full = process.env.WORKSPACES_MONTH === 'full'
const STEP_MS = (full ? 1 : 2) * 60_000
const day = (n: number, time: string): number => Date.parse(`2026-11-${String(n).padStart(2, '0')}T${time}:00Z`)
const down = { from: day(16, '09:16'), to: day(16, '11:16') }
/** Hours in which something happens. */
const hours: ReadonlyArray<readonly [from: number, to: number]> = full
  ? (process.env.WORKSPACES_DAYS?.split(',').map(Number) ?? Array.from({ length: 29 }, (_, n) => n + 1)).map((n) => [day(n, '08:00'), day(n, '19:00')] as const)
  : ([[2, '09:44'], [6, '09:30'], [10, '09:30'], [16, '11:50'], [20, '09:30'], [24, '09:30'], [28, '09:30']] as const).map(([n, to]) => [day(n, '09:00'), day(n, to)] as const)
/** While the servers are away nobody sees anything, however often he looks. */
const stepAt = (at: number): number => (!full && at >= down.from && at < down.to - STEP_MS ? 6 * 60_000 : STEP_MS)
const lastEvening = [day(30, '23:20'), Date.parse('2026-12-01T00:30:00Z')] as const

describe('A month of two hundred workspaces', function () {
  this.timeout(full ? 14_400_000 : 1_800_000)
  const world = useMonthWorld()
  const witness = new Witness()
  let crowd: Crowd
  /** Three customers, one of each shop, who limit their month. */
  let careful: Buyer[] = []
  const each = async <T>(look: (tenant: Tenant) => Promise<T[]>): Promise<T[]> => {
    const found: T[] = []
    for (const tenant of world.shops) found.push(...await world.as(tenant, () => look(tenant)))
    return found
  }
  const runsOf = (): Promise<UsageSession[]> => UsageSession.query().orderBy('id').then((rows) => rows)

  before(async () => {
    const seed = seedOf('MONTH_SEED', { MONTH_SEED: '1', ...process.env })  // the suite lives through the same month each time
    const roll = dice(seed)
    crowd = new Crowd(world, roll)
    witness.watch(world.kasm, 'get_kasms')
    witness.watch(world.gateway, 'list_workspaces')
    world.kasm.settings.downBetween = [down]
    world.gateway.settings.downBetween = [down]
    world.chaos(10, seed)
    const buyers = await world.buyers(CUSTOMERS)
    careful = buyers.slice(0, 3)
    for (const { tenant, id } of careful) await world.as(tenant, () => setBudget({ userId: id, workspaceId: null, limitMinor: LIMIT }))
    let ordered = 0
    for (const [from, to] of [...hours, lastEvening]) {
      await world.night(new Date(from - 6 * 3_600_000))
      for (let at = from; at < to; at += stepAt(at)) {
        for (let n = 0; n < WORKSPACES / 10 && ordered < WORKSPACES; n++, ordered++) await world.order(buyers[ordered % CUSTOMERS]!, ordered)
        await world.tick(new Date(at))
        await crowd.act(roll(3))
      }
      await crowd.goHome(96)
      for (let n = 1; n <= 4; n++) await world.tick(new Date(to + n * STEP_MS))
    }
    await settle(lastEvening[1] + 10 * STEP_MS)
    for (const instant of ['2026-12-01T01:40:00Z', '2026-12-01T03:00:00Z', '2027-01-01T01:40:00Z', '2027-01-01T03:00:00Z']) await world.night(new Date(instant))
  })

  /** Everybody goes home, and servers that still fail one call in ten do what they were asked. */
  async function settle(from: number): Promise<void> {
    await crowd.goHome(100)
    for (let n = 0; n < 40; n++) {
      await world.tick(new Date(from + n * STEP_MS))
      if (n % 5 === 4) await crowd.goHome(100)
      const busy = await each(async () => Workspace.query().select('id').whereIn('status', [...waitingStatuses, 'running']))
      if (n > 5 && !busy.length) return
    }
  }

  it('was as bad as it was meant to be', async () => {
    const struck = world.servers.flatMap((s) => Object.keys(s.struck))
    expect(new Set(struck)).to.deep.equal(new Set(['error-500', 'hang', 'wrong-types', 'drop-after-success']))
    const runs = await each(runsOf)
    console.log(`      ${runs.length} runs, ${witness.desktops} desktops; ${JSON.stringify(crowd.counts)}; ${JSON.stringify(world.kasm.struck)}`)
    expect(runs.length).to.be.greaterThan(WORKSPACES * 1.5)
    const naive = sum(runs.map((r) => Math.ceil((r.stoppedAt!.getTime() - r.startedAt.getTime()) / 900_000) * 900))
    expect(naive - sum(runs.map((r) => r.durationBillableSeconds!)), 'quarter hours that nobody saw').to.be.greaterThan(900)
  })

  it('leaves nobody waiting and no orphan at the servers', async () => {
    const waiting = await each(async () => Workspace.query().whereIn('status', waitingStatuses))
    expect(waiting.map((w) => `${w.username} ${w.status} ${w.failureCode}`)).to.deep.equal([])
    const rows = await each(() => Workspace.query().whereNotNull('username').then((all) => all))
    const living = rows.filter((w) => w.status !== 'terminated')
    const users = new Map(living.map((w) => [w.kasmUserId, w]))
    const names = new Map(living.map((w) => [w.username, w]))
    expect(world.kasm.state.users.filter((u) => !users.has(u.user_id)).map((u) => u.username), 'users without a workspace').to.deep.equal([])
    const owned = [
      ...world.kasm.alive.map((s) => [users.get(s.user_id), s] as const),
      ...world.gateway.alive.map((s) => [names.get(s.user_id), s] as const),
    ]
    const orphans = owned.filter(([workspace, s]) => workspace?.kasmWorkspaceId !== s.kasm_id).map(([w, s]) => `${s.kasm_id} ${s.status} of ${w?.id} ${w?.status}`)
    expect(orphans, 'desktops that no workspace knows').to.deep.equal([])
    expect(owned.filter(([w, s]) => s.status === 'running' && w?.status !== 'running').map(([, s]) => s.kasm_id), 'desktops that run for nobody').to.deep.equal([])
  })

  it('loses no run', async () => {
    const runs = await each(runsOf)
    expect(witness.lost(runs)).to.deep.equal([])
    expect(runs.filter((r) => !r.stoppedAt).map((r) => r.id)).to.deep.equal([])
  })

  it('bills no minute that nobody saw', async () => {
    const runs = await each(runsOf)
    const tooMuch = runs.filter((r) => r.durationBillableSeconds! > witness.billable(r))
    const told = tooMuch.map((r) => `${r.id}: ${r.startedAt.toISOString()}–${r.stoppedAt!.toISOString()} ${r.durationBillableSeconds} > ${witness.billable(r)}`)
    expect(told).to.deep.equal([])
    const [billed, seen] = [sum(runs.map((r) => r.durationBillableSeconds!)), sum(runs.map((r) => witness.billable(r)))]
    expect(billed / seen, 'what was seen is billed').to.be.greaterThan(0.98)
  })

  it('puts on invoices what the receipts say, to the cent', async () => {
    for (const tenant of world.shops) await world.as(tenant, async () => {
      const receipts = await receiptsOf()
      const differing = receipts.filter((r) => r.unbilledSeconds !== 0 || sum(r.billedOn.map((b) => b.seconds)) !== r.billedSeconds)
      expect(differing.map((r) => r.sessionId)).to.deep.equal([])
      const numbers = new Map((await Invoice.query()).map((i) => [i.id, i]))
      const onReceipts = new Map<string, number>()
      for (const r of receipts) for (const b of r.billedOn) add(onReceipts, `${b.number} ${b.description}`, b.seconds)
      const lines = await InvoiceLine.query().where('kind', 'usage')
      const onLines = new Map<string, number>()
      for (const line of lines) add(onLines, `${numbers.get(line.invoiceId)!.number} ${line.description}`, Number(line.quantitySeconds))
      expect(onLines).to.deep.equal(onReceipts)
      expect(lines.filter((l) => l.amountMinor !== amountOf(hourly(Number(l.rateMicros), 'USD'), Number(l.quantitySeconds)).minor)).to.deep.equal([])
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('keeps within a budget, but for quarter hours that had begun when it was reached', async () => {
    let ended = 0
    for (const { tenant, id } of careful) await world.as(tenant, async () => {
      const own = await Workspace.query().where({ userId: id })
      const runs = await UsageSession.query().whereIn('kasmWorkspaceId', own.map((w) => w.id)).where('startedAt', '<', new Date('2026-12-01T00:00:00Z'))
      expect(sum(runs.map((r) => Number(r.totalCostMicros) / 10_000))).to.be.at.most(LIMIT + own.length * 2 * DEAREST)
      ended += runs.filter((r) => r.endReason === 'budget').length
    })
    expect(ended, 'runs ended by a budget').to.be.greaterThan(0)
  })

  it('tells the platform the same use, run by run and month by month', async () => {
    for (const tenant of world.shops) await world.as(tenant, async () => {
      const columns = ['kasm_usage_session_id as id', 'period_start as start', 'billed_seconds as seconds']
      const slices = (await tenantDb()('kasm_billed_slices').select(columns)) as Array<{ id: number; start: Date; seconds: number }>
      const retail = new Map(slices.map((s) => [`kasm-session:${s.id}:${s.start.toISOString().slice(0, 7)}`, Number(s.seconds)]))
      const wholesale = new Map(world.directory.usage.filter((u) => u.tenant === tenant.slug).map((u) => [u.key, u.quantitySeconds]))
      expect([...wholesale].sort()).to.deep.equal([...retail].sort())
      expect(retail.size).to.be.greaterThan(10)
    })
  })

  async function receiptsOf(): Promise<Receipt[]> {
    const owners = new Map((await Workspace.query().select('id', 'userId')).map((w) => [w.id, w.userId]))
    const receipts: Receipt[] = []
    for (const run of await runsOf()) receipts.push(await receiptOf(run.id, owners.get(run.kasmWorkspaceId)!))
    return receipts
  }
})

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0)
const add = (to: Map<string, number>, key: string, seconds: number): void => void to.set(key, (to.get(key) ?? 0) + seconds)
