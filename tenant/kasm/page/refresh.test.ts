import { expect } from 'chai'
import { statementsOf } from '../../../shared/testing/statements.js'
import { clock } from '../../../shared/time/clock.js'
import '../../timetable.js'
import { useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { setBudget } from '../budgets/set-budget.js'
import { stopWorkspace } from '../stop-workspace.js'
import { workspacePage, type WorkspacePage } from './overview-page.js'

describe('A refresh of a workspace’s page', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const refresh = async (bought: Bought): Promise<{ shown: WorkspacePage; sent: string[]; runsOfMonth: number }> => {
    const { service, workspace } = await world.fresh(bought)
    let shown: WorkspacePage | undefined
    const sent = await inAcme(() => statementsOf(async () => { shown = await workspacePage(service, workspace, clock.now()) }))
    return { shown: shown!, sent, runsOfMonth: sent.filter((sql) => sql.includes('`service_name`')).length }
  }

  it('reads the runs of the month once, for the figure, the budgets and the button, and adds up no history', async () => {
    const bought = await world.running()
    for (const workspaceId of [null, bought.workspace.id]) await inAcme(() => setBudget({ userId: bought.service.userId, workspaceId, limitMinor: 5 }))
    const running = await refresh(bought)
    expect([running.sent.length, running.runsOfMonth]).to.deep.equal([10, 1])
    expect(running.shown.live).to.deep.include({ billedSeconds: 900, unchargedSeconds: 0, unseenSince: null })
    expect(running.shown.budgets.map((b) => [b.spent.minor, b.level])).to.deep.equal([[5, 'over'], [5, 'over']])
    await inAcme(() => stopWorkspace(bought.workspace))
    await world.later(5)
    const stopped = await refresh(bought)
    expect([stopped.sent.length, stopped.runsOfMonth]).to.deep.equal([12, 1])
    expect([stopped.shown.live, stopped.shown.blocked?.label, stopped.shown.runs.map((r) => r.cost.minor)]).to.deep.equal([null, 'Change the budget', [5]])
    expect(stopped.sent.filter((sql) => /count\(|sum\(duration/.test(sql))).to.deep.equal([])
  })
})
