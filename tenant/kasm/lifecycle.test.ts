import { expect } from 'chai'
import { Refusal } from '../../shared/errors.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { FaultMode } from '../../shared/simulators/kasm/faults.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../catalog/plan.js'
import { Service } from '../services/service.js'
import { connect, useKasmWorld, type Bought } from '../testing/kasm-world.js'
import { changeWorkspace, choicesOfChange, previewOfChange } from './change-workspace.js'
import { saveDefaultLimits } from './limits/save-limits.js'
import { offersPause, pauseWorkspace } from './pause-workspace.js'
import { renameWorkspace } from './rename-workspace.js'
import { restartWorkspace } from './restart-workspace.js'
import { startWorkspace } from './start-workspace.js'
import { forceStopWorkspace, stopWorkspace } from './stop-workspace.js'
import { Template } from './templates/template.js'
import type { Workspace } from './workspace.js'

describe('The life of a workspace', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const codeOf = async (act: Promise<unknown>): Promise<string> => {
    const error = await act.then(() => new Error('nothing was refused'), (e: unknown) => e)
    expect(error).to.be.instanceOf(Refusal)
    return (error as Refusal).code
  }
  const settle = async (seconds = 3, times = 6) => {
    for (let n = 0; n < times; n++) await world.later(seconds)
  }
  const runs = async () => (await world.sessions()).map((s) => [s.startedBy, s.endReason, s.costPerHourMicros])
  const one = (bought: Bought) => expect(world.kasm.alive.map((s) => s.kasm_id), 'one desktop').to.deep.equal([bought.workspace.kasmWorkspaceId])

  describe('paused and resumed', () => {
    beforeEach(() => connect(world, { pausePath: '/api/pause_kasm' }))

    it('the meter stops at the pause, the desktop stays, and resuming begins a new run on the same desktop', async () => {
      const bought = await world.running()
      await world.later(600)
      const wished = clock.now()
      await inAcme(() => pauseWorkspace(bought.workspace))
      await settle()
      expect((await world.fresh(bought)).workspace).to.include({ status: 'paused', kasmWorkspaceId: bought.workspace.kasmWorkspaceId })
      expect((await world.sessions())[0]).to.deep.include({ stoppedAt: wished, endReason: 'paused' })
      const paused = await world.fresh(bought)
      await inAcme(() => startWorkspace(paused.workspace, paused.service))
      await settle()
      expect(await runs()).to.deep.equal([['order', 'paused', 200_000], ['resume', null, 200_000]])
      expect(await world.events()).to.include.members(['workspace.paused', 'workspace.resumed'])
      expect(world.kasm.seen('request_kasm')).to.have.length(1)
      one(await world.fresh(bought))
    })

    it('is paused only when the server shows it paused, however quickly it accepted', async () => {
      const bought = await world.running()
      Object.assign(world.kasm.settings, { now: () => clock.now().getTime(), powerTakesMs: 20_000 })
      await inAcme(() => pauseWorkspace(bought.workspace))
      await settle(3, 4)
      expect((await world.fresh(bought)).workspace.status).to.equal('pausing')
      await settle(3, 6)
      expect((await world.fresh(bought)).workspace.status).to.equal('paused')
    })

    it('is refused where the connection cannot', async () => {
      connect(world, { pausePath: null })
      const { workspace } = await world.running()
      expect(await inAcme(() => offersPause(workspace))).to.equal(false)
      expect(await codeOf(inAcme(() => pauseWorkspace(workspace)))).to.equal('workspace.cannot-pause')
      expect((await world.sessions())[0]!.stoppedAt).to.equal(null)
    })

    it('runs on, on a new run, when the server cannot pause after all: the time between is free', async () => {
      world.kasm.settings.powerCalls = 'public'
      const bought = await world.running()
      await inAcme(() => pauseWorkspace(bought.workspace))
      await settle()
      const { workspace } = await world.fresh(bought)
      expect([workspace.status, workspace.statusMessage]).to.deep.equal(['running', 'This workspace cannot be paused, so it runs on. Stop it instead: your files are kept.'])
      expect((await world.sessions()).map((s) => s.stoppedAt === null)).to.deep.equal([false, true])
      one({ ...bought, workspace })
    })

    for (const mode of ['timeout-after-success', '500-then-created', 'error-500', 'html'] as FaultMode[]) {
      it(`is paused once although the server answers "${mode}"`, async () => {
        if (mode === 'timeout-after-success') connect(world, { pausePath: '/api/pause_kasm', timeoutMs: 300 })
        const bought = await world.running()
        world.kasm.fault({ mode, calls: ['pause_kasm'], times: 1 })
        await inAcme(() => pauseWorkspace(bought.workspace))
        await settle(5)
        expect((await world.fresh(bought)).workspace).to.include({ status: 'paused', statusMessage: null })
        expect(world.kasm.alive.map((s) => s.status)).to.deep.equal(['paused'])
      })
    }
  })

  describe('restarted', () => {
    it('ends the run and begins a new one, and counts its quarter hours anew', async () => {
      const bought = await world.running()
      await inAcme(() => restartWorkspace(bought.workspace, bought.service))
      await settle()
      expect(await runs()).to.deep.equal([['order', 'restart', 200_000], ['restart', null, 200_000]])
      expect(await world.events()).to.include('workspace.restarted')
      one(await world.fresh(bought))
    })

    it('while the stop hangs nothing is charged, the wish waits, and it starts as soon as the server stopped it', async () => {
      const bought = await world.running()
      world.kasm.fault({ mode: 'down', calls: ['stop_kasm'] })
      await inAcme(() => restartWorkspace(bought.workspace, bought.service))
      await settle(30)
      const hanging = await world.fresh(bought)
      expect([hanging.workspace.status, hanging.workspace.nextWish]).to.deep.equal(['stopping', 'start'])
      expect(await codeOf(inAcme(() => startWorkspace(hanging.workspace, hanging.service)))).to.equal('workspace.already-started')
      world.kasm.fault()
      await settle(120, 12)
      expect((await world.fresh(bought)).workspace.status).to.equal('running')
      expect(await world.sessions()).to.have.length(2)
      one(await world.fresh(bought))
    })

    it('never takes a desktop that still shuts down for the new one, also by a stop and a start by hand', async () => {
      const bought = await world.running()
      Object.assign(world.kasm.settings, { now: () => clock.now().getTime(), powerTakesMs: 20_000 })
      await inAcme(() => restartWorkspace(bought.workspace, bought.service))
      await settle(3, 4)
      expect((await world.fresh(bought)).workspace.status).to.equal('stopping')
      await settle(3, 10)
      const again = await world.fresh(bought)
      expect(again.workspace.status).to.equal('running')
      await inAcme(() => stopWorkspace(again.workspace))
      await settle(3, 4)
      const stopping = await world.fresh(bought)
      expect(await codeOf(inAcme(() => startWorkspace(stopping.workspace, stopping.service)))).to.be.a('string')
      await settle(3, 6)
      expect((await world.fresh(bought)).workspace.status).to.equal('stopped')
      expect(await runs()).to.deep.equal([['order', 'restart', 200_000], ['restart', 'customer', 200_000]])
    })

    it('ends a desktop that accepted the stop and did not stop within two minutes', async () => {
      const bought = await world.running()
      Object.assign(world.kasm.settings, { now: () => clock.now().getTime(), powerTakesMs: 3_600_000 })
      await inAcme(() => stopWorkspace(bought.workspace))
      await settle(3, 3)
      expect((await world.fresh(bought)).workspace.status).to.equal('stopping')
      await settle(60, 4)
      expect((await world.fresh(bought)).workspace.status).to.equal('stopped')
      expect(world.kasm.alive).to.have.length(0)
    })

    it('becomes a stop when the customer thinks better of it while the stop hangs', async () => {
      const bought = await world.running()
      world.kasm.fault({ mode: 'down', calls: ['stop_kasm'] })
      await inAcme(() => restartWorkspace(bought.workspace, bought.service))
      await settle(5, 2)
      await inAcme(async () => stopWorkspace((await world.fresh(bought)).workspace))
      world.kasm.fault()
      await settle(60)
      expect((await world.fresh(bought)).workspace).to.include({ status: 'stopped', nextWish: null })
      expect(await world.sessions()).to.have.length(1)
    })

    it('stays stopped, and says why, when the money is gone meanwhile', async () => {
      const bought = await world.running()
      await inAcme(() => restartWorkspace(bought.workspace, bought.service))
      await inAcme(async () => tenantDb()('payment_methods').delete())
      await settle()
      const { workspace } = await world.fresh(bought)
      expect(workspace.status).to.equal('stopped')
      expect(workspace.statusMessage).to.match(/^It was stopped, and could not be started again: Add a payment method/)
    })

    it('lets one of two clicks through', async () => {
      const bought = await world.running()
      const again = (await world.fresh(bought)).workspace
      const both = await Promise.allSettled([inAcme(() => restartWorkspace(bought.workspace, bought.service)), inAcme(() => restartWorkspace(again, bought.service))])
      expect(both.map((r) => r.status).sort()).to.deep.equal(['fulfilled', 'rejected'])
      await settle()
      expect(await world.sessions()).to.have.length(2)
      one(await world.fresh(bought))
    })
  })

  describe('of another size or template', () => {
    let pro: number
    const wish = async (workspace: Workspace, slug: string, template?: string) => {
      const plan = (await Plan.query().findOne({ slug }))!
      const fits = (await Template.inOrder()).filter((t) => t.fits(plan) && (template === undefined || t.kasmTemplateId === template))
      return { planId: plan.id, templateId: (fits.find((t) => t.id !== workspace.templateId) ?? fits[0])!.id }
    }
    beforeEach(async () => {
      await world.plan()
      pro = await world.plan(world.acme, 'developer_pro')
      await inAcme(async () => Plan.query().findById(pro).patch({ name: 'Developer Pro', vcpu: 4, ramMb: 8192, priceMicros: 350_000 }))
    })

    it('while it runs: shows the price before, restarts with the new image and the same profile, and charges the new price from the next run on', async () => {
      const bought = await world.running()
      const to = await inAcme(() => wish(bought.workspace, 'developer_pro'))
      const shown = await inAcme(() => previewOfChange(bought.workspace, bought.service, to))
      expect(shown).to.deep.include({ refusal: null, restarts: true, plan: { from: 'Developer Basic', to: 'Developer Pro' }, size: { from: { vcpu: 2, ramMb: 4096 }, to: { vcpu: 4, ramMb: 8192 } } })
      await world.later(600)
      await inAcme(() => changeWorkspace(bought.workspace, bought.service, to))
      await settle()
      const after = await world.fresh(bought)
      expect(after.workspace).to.include({ status: 'running', workspaceType: 'developer_pro', vcpu: 4, ramMb: 8192 })
      expect(after.service).to.include({ planId: pro, priceMicros: 350_000 })
      expect(await runs()).to.deep.equal([['order', 'change', 200_000], ['restart', null, 350_000]])
      expect((await world.sessions()).map((s) => s.wholesaleSku)).to.deep.equal(['kasm.developer_basic', 'kasm.developer_pro'])
      const asked = world.kasm.seen('request_kasm').map((c) => c.body)
      expect(asked).to.have.length(2)
      expect(asked[0]!['user_id']).to.equal(asked[1]!['user_id'])
      expect(asked[0]!['image_id']).to.not.equal(asked[1]!['image_id'])
      one(after)
    })

    it('while it is stopped: the old disk is ended, and the next start makes the new one', async () => {
      const bought = await world.running()
      await inAcme(() => stopWorkspace(bought.workspace))
      await settle(3, 2)
      expect(world.kasm.alive.map((s) => s.status)).to.deep.equal(['stopped'])
      const stopped = await world.fresh(bought)
      await inAcme(async () => changeWorkspace(stopped.workspace, stopped.service, await wish(stopped.workspace, 'developer_pro')))
      await settle(3, 2)
      expect([(await world.fresh(bought)).workspace.status, world.kasm.alive.length]).to.deep.equal(['stopped', 0])
      const changed = await world.fresh(bought)
      await inAcme(() => startWorkspace(changed.workspace, changed.service))
      await settle()
      expect((await runs())[1]).to.deep.equal(['customer', null, 350_000])
      one(await world.fresh(bought))
    })

    it('refuses a template that does not fit the size, a size of another currency, and a type that the customer may not have', async () => {
      const { workspace, service } = await world.running()
      const foreign = await world.plan(world.acme, 'developer_euro')
      await inAcme(async () => Plan.query().findById(foreign).patch({ currency: 'EUR' }))
      const fits = await inAcme(() => wish(workspace, 'developer_pro'))
      const error = async (planId: number, templateId: number) => (await inAcme(() => changeWorkspace(workspace, service, { planId, templateId })).catch((e: unknown) => e) as { fields?: object }).fields
      expect(Object.keys(await error(pro, workspace.templateId!) ?? {})).to.deep.equal(['template'])
      expect(Object.keys(await error(foreign, fits.templateId) ?? {})).to.deep.equal(['plan'])
      await inAcme(() => saveDefaultLimits({ workspaces: null, running: null, types: ['developer_basic'] }))
      expect(await codeOf(inAcme(() => changeWorkspace(workspace, service, fits)))).to.equal('workspace.type-not-allowed')
      expect((await world.sessions())[0]!.stoppedAt).to.equal(null)
      expect((await inAcme(() => choicesOfChange(workspace, service))).map((c) => c.plan.slug)).to.deep.equal(['developer_basic', 'developer_pro'])
    })

    it('two changes at once: one is first, and price and size are of the same one', async () => {
      const bought = await world.running()
      await inAcme(() => stopWorkspace(bought.workspace))
      await settle(3, 2)
      const [a, b] = [await world.fresh(bought), await world.fresh(bought)]
      const big = await inAcme(() => wish(a.workspace, 'developer_pro'))
      const other = await inAcme(() => wish(b.workspace, 'developer_basic'))
      const both = await Promise.allSettled([inAcme(() => changeWorkspace(a.workspace, a.service, big)), inAcme(() => changeWorkspace(b.workspace, b.service, other))])
      expect(both.map((r) => r.status).sort()).to.deep.equal(['fulfilled', 'rejected'])
      const { workspace, service } = await world.fresh(bought)
      expect([workspace.workspaceType, service.priceMicros]).to.deep.equal(both[0]!.status === 'fulfilled' ? ['developer_pro', 350_000] : ['developer_basic', 200_000])
    })
  })

  it('is renamed once, with both names in its history', async () => {
    const { workspace, service } = await world.running()
    await inAcme(() => renameWorkspace(workspace, service, 'api-box'))
    await inAcme(() => renameWorkspace(workspace, service, 'Billing dev'))
    expect((await world.events()).filter((e) => e === 'workspace.renamed')).to.have.length(1)
    expect((await inAcme(() => Service.findOwned<Service>({ id: service.id }))).name).to.equal('Billing dev')
  })

  it('staff stops what still starts: no desktop is left although the request came true, and the reason is kept', async () => {
    world.kasm.settings.runningAfterLooks = 1e6
    const bought = await world.order()
    await world.later(0)
    world.kasm.state.sessions[0]!.status = 'starting'
    const { workspace } = await world.fresh(bought)
    await inAcme(() => forceStopWorkspace(workspace, 'It disturbed others.'))
    await settle()
    expect((await world.fresh(bought)).workspace).to.include({ status: 'stopped', stopReason: 'staff' })
    expect(world.kasm.alive).to.deep.equal([])
    const [event] = await inAcme(async () => (await tenantDb()('events').where({ type: 'workspace.force-stopped' })) as Array<{ data: string | object }>)
    expect(JSON.stringify(event!.data)).to.contain('It disturbed others.')
  })

  it('joins the group of its shop; a server without groups, or a key that may not, is noted once and stops nothing', async () => {
    await world.running()
    const group = world.kasm.state.groups.find((g) => g.name === 'shop-acme')
    expect(world.kasm.state.users[0]!.groups).to.include(group!.group_id)
    world.kasm.settings.denied = ['create_group', 'add_user_group', 'get_groups']
    const { workspace } = await world.running()
    expect([workspace.status, workspace.groupJoinedAt === null]).to.deep.equal(['running', false])
    expect((await world.events()).filter((e) => e === 'workspace.without-group')).to.have.length(1)
  })

  it('is not started beyond what the customer may run at once, also by a restart that comes back', async () => {
    const owner = await world.customer()
    const first = await world.order(world.acme, owner)
    const second = await world.order(world.acme, owner)
    await settle(3, 5)
    await inAcme(async () => stopWorkspace((await world.fresh(second)).workspace))
    await settle(3, 2)
    await inAcme(() => saveDefaultLimits({ workspaces: null, running: 1, types: null }))
    const stopped = await world.fresh(second)
    expect(await codeOf(inAcme(() => startWorkspace(stopped.workspace, stopped.service)))).to.equal('workspace.too-many-running')
    const runsOn = await world.fresh(first)
    await inAcme(() => restartWorkspace(runsOn.workspace, runsOn.service))
    await settle()
    expect((await world.fresh(first)).workspace.status).to.equal('running')
  })
})
