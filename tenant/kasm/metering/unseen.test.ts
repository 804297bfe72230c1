import { expect } from 'chai'
import { statementsOf } from '../../../shared/testing/statements.js'
import { setClock } from '../../../shared/testing/world.js'
import { runInTenant } from '../../../shared/tenancy/context.js'
import { makeTenant } from '../../../shared/tenancy/tenant.js'
import { clock } from '../../../shared/time/clock.js'
import { auditTenant } from '../../billing/audit.js'
import { closeEndedMonths } from '../../billing/usage/close-month.js'
import { InvoiceLine } from '../../billing/invoices/invoice-line.js'
import { START, useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { pollWorkspaces } from '../poll-workspaces.js'
import { forgetSightings } from '../provider/sightings.js'
import { stopWorkspace } from '../stop-workspace.js'
import { historyOf, lastRuns } from './history.js'
import { receiptOf } from './receipt.js'
import { recordSession } from './wholesale-slices.js'

const MINUTE = 60_000
const HOURS = 3_600_000

describe('Time that nobody saw', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  /** At this many milliseconds after the run began. */
  let began: Date
  const at = (ms: number): Date => {
    setClock(new Date(began.getTime() + ms))
    forgetSightings()
    return clock.now()
  }
  const poll = () => inAcme(pollWorkspaces)
  /** A workspace that runs and was polled for 20 minutes, each minute; then the poll is away. */
  async function watched(): Promise<Bought> {
    const bought = await world.running()
    began = (await world.sessions())[0]!.startedAt
    for (let n = 1; n <= 20; n++) {
      at(n * MINUTE)
      await poll()
    }
    return bought
  }
  const openRun = async (bought: Bought) => (await inAcme(() => lastRuns(bought.workspace, 1))).open
  /** Page, receipt, history, bill and wholesale record of the one run, in cents and minutes. */
  async function figures(bought: Bought): Promise<Record<string, unknown>> {
    const [session] = await world.sessions()
    await inAcme(() => recordSession(session!.id))
    const receipt = await inAcme(() => receiptOf(session!.id, bought.workspace.userId))
    const { totals } = await inAcme(() => historyOf(bought.workspace))
    setClock('2026-12-01T02:00:00Z')
    const [invoice] = await inAcme(() => closeEndedMonths(bought.workspace.userId))
    const line = await inAcme(() => InvoiceLine.query().first())
    expect(await inAcme(auditTenant)).to.deep.equal([])
    const minutes = receipt.billedSeconds / 60
    expect([totals.billedSeconds / 60, (line?.quantitySeconds ?? 0) / 60, world.directory.usage.reduce((sum, u) => sum + u.quantitySeconds, 0) / 60]).to.deep.equal([minutes, minutes, minutes])
    expect(totals.unchargedSeconds).to.equal(receipt.unchargedSeconds)
    expect([totals.cost.minor, invoice?.totalMinor ?? 0]).to.deep.equal([receipt.cost.minor, receipt.cost.minor])
    return { minutes, cents: receipt.cost.minor, uncharged: receipt.unchargedSeconds / 60, ended: receipt.endReason, ran: receipt.seconds / 60, gaps: receipt.gaps.map((g) => [(g.from.getTime() - began.getTime()) / MINUTE, (g.to.getTime() - began.getTime()) / MINUTE, g.seenAgain]) }
  }

  it('is not charged when the poll was away for two hours and the desktop went on running', async () => {
    const bought = await watched()
    at(140 * MINUTE)
    await poll()
    expect(await openRun(bought)).to.include({ billedSeconds: 45 * 60, unseenSince: null, seconds: 140 * 60 })
    at(141 * MINUTE)
    await inAcme(() => stopWorkspace(bought.workspace))
    expect(await figures(bought)).to.deep.equal({ minutes: 45, cents: 15, uncharged: 105, ended: 'customer', ran: 141, gaps: [[20, 140, true]] })
  })

  it('is not made out of a quarter hour that was begun by a millisecond', async () => {
    const bought = await watched()
    for (const minute of [22, 24, 26, 28, 30]) {
      at(minute * MINUTE)
      await poll()
    }
    at(30 * MINUTE + 1)
    await inAcme(() => stopWorkspace(bought.workspace))
    expect(await figures(bought)).to.deep.equal({ minutes: 45, cents: 15, uncharged: 0, ended: 'customer', ran: 30, gaps: [] })
  })

  it('is not charged when the desktop ended in between: the run ends when it was last seen', async () => {
    const bought = await watched()
    world.kasm.kill(bought.workspace.kasmWorkspaceId!)
    at(140 * MINUTE)
    await poll()
    expect(await figures(bought)).to.deep.equal({ minutes: 30, cents: 10, uncharged: 0, ended: 'provider', ran: 20, gaps: [] })
  })

  it('is not charged when the customer stopped in between: the run ends at the wish, with the gap before it', async () => {
    const bought = await watched()
    at(95 * MINUTE)
    const live = await openRun(bought)
    expect(live).to.include({ billedSeconds: 30 * 60 })
    expect(live!.unseenSince).to.deep.equal(new Date(began.getTime() + 20 * MINUTE))
    await inAcme(() => stopWorkspace(bought.workspace))
    expect(await figures(bought)).to.deep.equal({ minutes: 30, cents: 10, uncharged: 75, ended: 'customer', ran: 95, gaps: [[20, 95, false]] })
  })

  it('is charged within three minutes of the last sighting, and not a millisecond later', async () => {
    const bought = await world.running()
    began = (await world.sessions())[0]!.startedAt
    for (const minute of [3, 6, 9, 12]) {
      at(minute * MINUTE)
      await poll()
    }
    at(15 * MINUTE)
    expect(await openRun(bought)).to.include({ billedSeconds: 900 })
    expect((await openRun(bought))!.nextIncrementAt).to.deep.equal(new Date(began.getTime() + 30 * MINUTE))
    await poll()
    at(18 * MINUTE)
    expect(await openRun(bought)).to.include({ billedSeconds: 1800, unseenSince: null })
    at(18 * MINUTE + 1)
    expect((await openRun(bought))!.unseenSince).to.deep.equal(new Date(began.getTime() + 15 * MINUTE))
    await inAcme(() => stopWorkspace(bought.workspace))
    expect(await figures(bought)).to.include({ minutes: 30, cents: 10 })
  })

  it('of many whose beginning the server tells for the first time, all are written down at once, each with its own', async () => {
    const bought = [await world.running(), await world.running()]
    const began = bought.map((_, n) => new Date(Date.parse(START) + n * 1234))
    for (const [n, session] of world.kasm.state.sessions.entries()) session.started_at = began[n]!.getTime()
    await world.later(60)
    forgetSightings()
    const sent = await inAcme(() => statementsOf(pollWorkspaces))
    expect(sent.filter((sql) => /^update/.test(sql) && sql.includes('`provider_started_at` ='))).to.have.length(1)
    expect((await world.sessions()).map((s) => s.providerStartedAt)).to.deep.equal(began)
  })

  it('is another run when the server shows another desktop, or one that began anew', async () => {
    const bought = await watched()
    const session = world.kasm.state.sessions[0]!
    session.started_at = began.getTime() + 60 * MINUTE
    at(140 * MINUTE)
    await poll()
    expect((await world.sessions())[0]).to.deep.include({ stoppedAt: new Date(began.getTime() + 20 * MINUTE), endReason: 'provider', durationBillableSeconds: 1800 })
    expect(bought.workspace.kasmWorkspaceId).to.equal(session.kasm_id)
  })

  it('is one gap, however many look for it at once', async () => {
    const bought = await watched()
    at(140 * MINUTE)
    await Promise.all([poll(), poll(), poll()])
    await poll()
    const [session] = await world.sessions()
    expect(session!.gaps).to.have.length(1)
    const receipt = await inAcme(() => receiptOf(session!.id, bought.workspace.userId))
    expect(receipt.events.map((e) => [e.kind, e.source])).to.deep.equal([['started', 'command'], ['gap', 'poll']])
  })

  it('is no time that a sandbox’s clock leaps over by hand', async () => {
    await watched()
    const ahead = (ms: number) => makeTenant({ ...world.acme, sandbox: true, clockOffsetMs: ms, db: world.acme.db })
    const leaped = <T>(fn: () => Promise<T>): Promise<T> => runInTenant(ahead(2 * HOURS), fn)
    at(21 * MINUTE)
    await leaped(pollWorkspaces)
    const [session] = await world.sessions()
    expect(session!.gaps).to.deep.equal([])
    expect(session!.lastSeenAt).to.deep.equal(new Date(began.getTime() + 141 * MINUTE))
    expect(await leaped(async () => (await world.sessions())[0]!.billableSeconds(clock.now())), 'as if each minute had been looked at').to.equal(150 * 60)
  })
})
