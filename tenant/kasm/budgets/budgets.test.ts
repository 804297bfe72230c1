import { expect } from 'chai'
import { NotFound, Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { addCredit } from '../../billing/credit/add-credit.js'
import { usageSettings } from '../../billing/usage/usage-settings.js'
import { useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { pollWorkspaces } from '../poll-workspaces.js'
import { forgetSightings } from '../provider/sightings.js'
import { startWorkspace } from '../start-workspace.js'
import { Workspace } from '../workspace.js'
import { levelOf, percentOf } from './budget-rule.js'
import { budgetStatesOf } from './budget-state.js'
import { guardBudgets } from './guard-budgets.js'
import { guardCredit } from './guard-credit.js'
import { creditLevel } from './low-credit-rule.js'
import { setBudget } from './set-budget.js'

const QUARTER = 900_000

describe('A budget', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  let began: number
  /** So many milliseconds after the run began, seen running just then. */
  const at = async (ms: number): Promise<void> => {
    setClock(new Date(began + ms))
    forgetSightings()
    await inAcme(pollWorkspaces)
  }
  const guard = () => inAcme(() => guardBudgets(clock.now()))
  const told = async (): Promise<string[]> => (await world.events()).filter((type) => /budget-(warned|stopped)|low-credit/.test(type))
  const statusOf = async ({ workspace }: Bought): Promise<string> => (await inAcme(() => Workspace.query().findById(workspace.id)))!.status
  async function running(): Promise<Bought> {
    const bought = await world.running()
    began = (await world.sessions())[0]!.startedAt.getTime()
    return bought
  }
  /** Seen each quarter hour, up to so many of them. */
  const through = async (quarters: number): Promise<void> => {
    for (let n = 1; n <= quarters; n++) await at(n * QUARTER)
  }

  it('warns from 80 %, is over from 100 %, to the cent', () => {
    expect([79, 80, 99, 100, 101].map((spent) => levelOf(spent, 100))).to.deep.equal(['ok', 'warned', 'warned', 'over', 'over'])
    expect([levelOf(3, 4), levelOf(0, 1), levelOf(1, 1), percentOf(2, 3), percentOf(299, 300)]).to.deep.equal(['ok', 'ok', 'over', 66, 99])
    expect([[0, 0], [79, 100], [80, 100], [100, 100], [1, 0]].map(([used, credit]) => creditLevel(used!, credit!))).to.deep.equal([null, null, 'low', 'exhausted', 'exhausted'])
  })

  it('warns once and stops at the millisecond in which the quarter hour begins that reaches it; the files stay', async () => {
    const bought = await running()
    await inAcme(() => setBudget({ userId: bought.workspace.userId, workspaceId: bought.workspace.id, limitMinor: 25 }))
    await through(3)
    await guard()
    expect(await told()).to.deep.equal([])
    await at(3 * QUARTER + 1)
    await Promise.all([guard(), guard()])
    await guard()
    expect(await told()).to.deep.equal(['workspace.budget-warned'])
    await at(4 * QUARTER)
    await guard()
    expect(await statusOf(bought)).to.equal('running')
    await at(4 * QUARTER + 1)
    await Promise.all([guard(), guard()])
    expect(await told()).to.deep.equal(['workspace.budget-warned', 'workspace.budget-stopped'])
    expect((await world.sessions())[0]).to.include({ endReason: 'budget', durationBillableSeconds: 4500, totalCostMicros: 250_000 })
    await world.later(3)
    expect(await statusOf(bought)).to.equal('stopped')
    expect(world.kasm.state.users).to.have.length(1)
  })

  it('refuses a start while it is used up, and allows it once it was raised or its month is over', async () => {
    const bought = await running()
    const { userId, id } = bought.workspace
    await inAcme(() => setBudget({ userId, workspaceId: null, limitMinor: 5 }))
    await at(60_000)
    await guard()
    await world.later(3)
    const start = async (): Promise<unknown> => {
      const { workspace, service } = await world.fresh(bought)
      return inAcme(() => startWorkspace(workspace, service)).catch((e: unknown) => e)
    }
    const refusal = await start()
    expect(refusal).to.be.instanceOf(Refusal).and.include({ code: 'workspace.over-budget' })
    expect((refusal as Refusal).message).to.contain('$0.05').and.match(/Raise or remove/)
    await inAcme(() => setBudget({ userId, workspaceId: null, limitMinor: 50 }))
    expect((await inAcme(() => budgetStatesOf(bought.workspace))).map((s) => [s.level, s.spent.minor, s.left.minor, s.percent])).to.deep.equal([['ok', 5, 45, 10]])
    await inAcme(() => setBudget({ userId, workspaceId: id, limitMinor: 5 }))
    expect(await start(), 'the workspace’s own holds as well').to.include({ code: 'workspace.over-budget' })
    setClock('2026-12-01T00:00:00.000Z')
    expect(await start()).to.equal(undefined)
  })

  it('of all workspaces counts all of them and stops them all; told once', async () => {
    const first = await running()
    const second = await world.order(world.acme, first.workspace.userId)
    for (let n = 0; n < 6; n++) await world.later(3)
    await inAcme(() => setBudget({ userId: first.workspace.userId, workspaceId: null, limitMinor: 10 }))
    await at(60_000)
    await guard()
    for (let n = 0; n < 3; n++) await world.later(3)
    expect([await statusOf(first), await statusOf(second)]).to.deep.equal(['stopped', 'stopped'])
    expect(await told()).to.deep.equal(['workspace.budget-stopped'])
  })

  it('is its customer’s own: another one cannot set it, and removing it frees', async () => {
    const { workspace } = await running()
    const other = await world.customer()
    expect(await inAcme(() => setBudget({ userId: other, workspaceId: workspace.id, limitMinor: 5 })).catch((e: unknown) => e)).to.be.instanceOf(NotFound)
    await inAcme(() => setBudget({ userId: workspace.userId, workspaceId: workspace.id, limitMinor: 5 }))
    await inAcme(() => setBudget({ userId: workspace.userId, workspaceId: workspace.id, limitMinor: null }))
    await at(60_000)
    await guard()
    expect([await told(), await inAcme(() => budgetStatesOf(workspace))]).to.deep.equal([[], []])
  })

  describe('and credit that runs low', () => {
    const low = () => inAcme(() => guardCredit(clock.now()))
    const credit = (userId: number, minor: number, key: string) => inAcme(() => addCredit({ userId, amount: Money.of(minor, 'USD'), key, description: 'Top-up' }))
    const levels = async (): Promise<unknown[]> => ((await inAcme(() => tenantDb()('events').where({ type: 'workspace.low-credit' }).orderBy('id').pluck('data'))) as Array<string | Record<string, unknown>>)
      .map((data) => (typeof data === 'string' ? (JSON.parse(data) as Record<string, unknown>) : data)['level'])
    async function onCredit(minor: number): Promise<Bought> {
      const bought = await running()
      await inAcme(() => tenantDb()('payment_methods').where({ user_id: bought.workspace.userId }).update({ status: 'removed' }))
      await credit(bought.workspace.userId, minor, 'first')
      return bought
    }

    it('is told once a crossing, and anew after a top-up; by default nothing is stopped', async () => {
      const bought = await onCredit(25)
      await through(3)
      await low()
      expect(await told()).to.deep.equal([])
      await at(3 * QUARTER + 1)
      await Promise.all([low(), low()])
      await low()
      expect(await levels(), '20 of 25 cents').to.deep.equal(['low'])
      await at(4 * QUARTER + 1)
      await Promise.all([low(), low()])
      expect(await levels()).to.deep.equal(['low', 'exhausted'])
      await credit(bought.workspace.userId, 10, 'second')
      await low()
      expect(await levels(), '25 of 35 cents').to.deep.equal(['low', 'exhausted'])
      await at(5 * QUARTER + 1)
      await low()
      expect(await levels(), '30 of 35 cents').to.deep.equal(['low', 'exhausted', 'low'])
      expect(await statusOf(bought)).to.equal('running')
    })

    it('stops what runs where the shop wants that, and refuses to start', async () => {
      await inAcme(() => usageSettings.write({ interim: {}, lowCredit: 'stop' }))
      const bought = await onCredit(5)
      await at(60_000)
      await low()
      for (let n = 0; n < 3; n++) await world.later(3)
      const { workspace, service } = await world.fresh(bought)
      expect(workspace.status).to.equal('stopped')
      expect(await inAcme(() => startWorkspace(workspace, service)).catch((e: unknown) => e)).to.include({ code: 'workspace.credit-used-up' })
      await credit(workspace.userId, 500, 'second')
      await low()
      expect(await inAcme(() => tenantDb()('kasm_credit_alerts'))).to.deep.equal([])
      await inAcme(() => startWorkspace(workspace, service))
    })
  })
})
