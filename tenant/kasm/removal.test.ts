import { expect } from 'chai'
import { Refusal } from '../../shared/errors.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { dispatchPending } from '../../shared/events/dispatch.js'
import { clock } from '../../shared/time/clock.js'
import { suspendService, unsuspendService } from '../services/suspend-service.js'
import { connect, useKasmWorld, type Bought } from '../testing/kasm-world.js'
import '../reactions.js'
import { archiveWorkspace } from './archive-workspace.js'
import { endKeptFiles } from './end-kept-files.js'
import { keepFiles } from './keep-files.js'
import { saveDefaultLimits } from './limits/save-limits.js'
import { restoreWorkspace } from './restore-workspace.js'
import { startWorkspace } from './start-workspace.js'
import { forceStopWorkspace, stopWorkspace } from './stop-workspace.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { sweepAccess } from './user-access.js'

const DAY = 86_400
const minutes = (n: number) => n * 60

describe('Removing a workspace, and bringing it back', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const settle = async (seconds = 3, times = 4) => {
    for (let n = 0; n < times; n++) await world.later(seconds)
  }
  const codeOf = async (act: Promise<unknown>): Promise<string> => ((await act.catch((e: unknown) => e)) as Refusal).code
  const archived = async (): Promise<Bought> => {
    const bought = await world.running()
    await inAcme(() => archiveWorkspace(bought.workspace))
    await settle()
    return world.fresh(bought)
  }
  const disabled = () => world.kasm.state.users.map((u) => u.disabled)
  const letters = async () => {
    await inAcme(() => dispatchPending())
    return inAcme(async () => tenantDb()('mail_messages').whereNot({ letter: 'workspace-ready' }).orderBy('id').pluck('letter') as Promise<string[]>)
  }

  it('ends the desktop and the meter, keeps user and profile for seven days, and lets nobody in at the server', async () => {
    const { workspace, service } = await archived()
    expect(workspace).to.include({ status: 'archived', kasmWorkspaceId: null, nextWish: null })
    expect(workspace.keepUntil!.getTime() - workspace.stopRequestedAt!.getTime()).to.equal(7 * DAY * 1000)
    expect((await world.sessions())[0]).to.deep.include({ stoppedAt: workspace.stopRequestedAt, endReason: 'terminated' })
    expect([world.kasm.alive.length, world.kasm.state.users.length, disabled(), service.status]).to.deep.equal([0, 1, [true], 'active'])
    expect(await codeOf(inAcme(() => startWorkspace(workspace, service)))).to.equal('workspace.archived')
    expect(await letters()).to.deep.equal(['workspace-removed'])
  })

  it('comes back stopped, with its user enabled, and starts with the same profile', async () => {
    const bought = await archived()
    await inAcme(() => restoreWorkspace(bought.workspace, bought.service))
    await settle()
    const back = await world.fresh(bought)
    expect(back.workspace).to.deep.include({ status: 'stopped', keepUntil: null, archivedAt: null, userDisabledAt: null })
    expect(disabled()).to.deep.equal([false])
    await inAcme(() => startWorkspace(back.workspace, back.service))
    await settle(3, 6)
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
    expect(new Set(world.kasm.seen('request_kasm').map((c) => c.body['user_id'])).size).to.equal(1)
  })

  it('is deleted with its user at the end of the time and not before, after a warning two days ahead', async () => {
    const bought = await archived()
    const until = bought.workspace.keepUntil!.getTime()
    const at = async (ms: number) => {
      setClock(new Date(ms))
      await inAcme(() => endKeptFiles(clock.now()))
      await world.later(0)
    }
    await at(until - 2 * DAY * 1000 - 1)
    expect(await letters()).to.deep.equal(['workspace-removed'])
    await at(until - 2 * DAY * 1000)
    await at(until - DAY * 1000)
    expect(await letters()).to.deep.equal(['workspace-removed', 'workspace-files-go-soon'])
    await at(until - 1)
    expect((await world.fresh(bought)).workspace.status).to.equal('archived')
    await at(until)
    expect([(await world.fresh(bought)).workspace.status, (await world.fresh(bought)).service.status, world.kasm.state.users.length]).to.deep.equal(['terminated', 'terminated', 0])
  })

  it('while the desktop will not end, nothing is charged and the removal goes on; an undo waits for it', async () => {
    const bought = await world.running()
    world.kasm.fault({ mode: 'down', calls: ['destroy_kasm'] })
    await inAcme(() => archiveWorkspace(bought.workspace))
    await settle(30)
    const waiting = await world.fresh(bought)
    expect([waiting.workspace.status, waiting.workspace.nextWish, (await world.sessions())[0]!.stoppedAt === null]).to.deep.equal(['stopping', 'archive', false])
    expect(await codeOf(inAcme(() => restoreWorkspace(waiting.workspace, waiting.service)))).to.equal('workspace.archiving')
    world.kasm.fault()
    await settle(300, 3)
    expect((await world.fresh(bought)).workspace.status).to.equal('archived')
    expect(world.kasm.alive).to.deep.equal([])
  })

  it('asked for while it is stopping: what was only stopped at the server is ended as well', async () => {
    const bought = await world.running()
    world.kasm.fault({ mode: 'down', calls: ['stop_kasm'], times: 1 })
    await inAcme(() => stopWorkspace(bought.workspace))
    await world.later(0)
    await inAcme(async () => archiveWorkspace((await world.fresh(bought)).workspace))
    await settle(30)
    expect((await world.fresh(bought)).workspace.status).to.equal('archived')
    expect(world.kasm.alive).to.deep.equal([])
  })

  it('while it still starts: no desktop is left although the request came true and its answer was lost', async () => {
    connect(world, { timeoutMs: 300 })
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await settle(3, 2)
    world.kasm.kill(bought.workspace.kasmWorkspaceId!)
    world.kasm.fault({ mode: 'timeout-after-success', calls: ['request_kasm'], times: 1 })
    const stopped = await world.fresh(bought)
    await inAcme(() => startWorkspace(stopped.workspace, stopped.service))
    await world.later(0)
    expect(world.kasm.alive).to.have.length(1)
    await inAcme(async () => archiveWorkspace((await world.fresh(bought)).workspace))
    await settle(100)
    expect([(await world.fresh(bought)).workspace.status, world.kasm.alive.length]).to.deep.equal(['archived', 0])
  })

  it('a shop that keeps nothing removes it at once', async () => {
    await inAcme(() => keepFiles.write({ days: 0 }))
    const bought = await archived()
    expect([bought.workspace.status, world.kasm.state.users.length]).to.deep.equal(['terminated', 0])
  })

  it('can be ended for good while its files are kept', async () => {
    const bought = await archived()
    await inAcme(() => terminateWorkspace(bought.workspace))
    await settle()
    expect([(await world.fresh(bought)).workspace.status, world.kasm.state.users.length]).to.deep.equal(['terminated', 0])
  })

  it('one that comes back counts against what the customer may keep', async () => {
    const bought = await archived()
    await inAcme(() => saveDefaultLimits({ workspaces: 0, running: null, types: null }))
    expect(await codeOf(inAcme(() => restoreWorkspace(bought.workspace, bought.service)))).to.equal('workspace.too-many')
  })

  it('of two clicks, one brings it back and one removes it for good: exactly one wins', async () => {
    const bought = await archived()
    const again = await world.fresh(bought)
    const both = await Promise.allSettled([inAcme(() => restoreWorkspace(bought.workspace, bought.service)), inAcme(() => terminateWorkspace(again.workspace))])
    expect(both.filter((r) => r.status === 'fulfilled')).to.have.length(1)
  })

  describe('a suspended service', () => {
    it('stops, its user is disabled at the server, and both come back with the payment', async () => {
      const bought = await world.running()
      await inAcme(() => suspendService(bought.service, 'dunning'))
      await settle()
      expect([(await world.fresh(bought)).workspace.status, disabled()]).to.deep.equal(['stopped', [true]])
      expect((await world.sessions())[0]!.endReason).to.equal('suspended')
      await inAcme(() => unsuspendService(bought.service, 'dunning'))
      await settle()
      expect(disabled()).to.deep.equal([false])
      const back = await world.fresh(bought)
      await inAcme(() => startWorkspace(back.workspace, back.service))
      await settle(3, 6)
      expect((await world.fresh(bought)).workspace.status).to.equal('running')
    })

    it('is closed by the sweeper when the server did not answer, and not asked twice within a try', async () => {
      const bought = await world.running()
      world.kasm.fault({ mode: 'down', calls: ['update_user'] })
      await inAcme(() => suspendService(bought.service, 'dunning'))
      await settle()
      const asked = world.kasm.seen('update_user').length
      await inAcme(() => sweepAccess(clock.now()))
      await world.later(1)
      expect([disabled(), world.kasm.seen('update_user').length]).to.deep.equal([[false], asked])
      world.kasm.fault()
      await world.later(minutes(2))
      await inAcme(() => sweepAccess(clock.now()))
      await world.later(0)
      expect(disabled()).to.deep.equal([true])
    })

    it('that was starting ends what came true, and a start after the payment enables the user first', async () => {
      const bought = await world.running()
      await inAcme(() => stopWorkspace(bought.workspace))
      await settle(3, 2)
      const stopped = await world.fresh(bought)
      await inAcme(() => startWorkspace(stopped.workspace, stopped.service))
      await inAcme(() => suspendService(bought.service, 'dunning'))
      await settle()
      expect((await world.fresh(bought)).workspace.status).to.equal('stopped')
      expect(world.kasm.alive.filter((s) => s.status === 'running' || s.status === 'starting')).to.deep.equal([])
      world.kasm.fault({ mode: 'down', calls: ['update_user'], times: 1 })
      await inAcme(() => unsuspendService(bought.service, 'dunning'))
      await world.later(0)
      const back = await world.fresh(bought)
      await inAcme(() => startWorkspace(back.workspace, back.service))
      await settle(6, 6)
      expect([(await world.fresh(bought)).workspace.status, disabled()]).to.deep.equal(['running', [false]])
    })

    it('goes on without where the server cannot disable users', async () => {
      world.kasm.settings.denied = ['update_user']
      const bought = await world.running()
      await inAcme(() => suspendService(bought.service, 'staff'))
      await settle()
      const { workspace } = await world.fresh(bought)
      expect([workspace.status, workspace.userDisabledAt === null]).to.deep.equal(['stopped', false])
      await inAcme(() => sweepAccess(clock.now()))
      await world.later(minutes(3))
      expect(world.kasm.seen('update_user')).to.have.length(1)
    })
  })

  it('staff’s stop is mailed with its reason, once', async () => {
    const bought = await world.running()
    await inAcme(() => forceStopWorkspace(bought.workspace, 'Its traffic disturbed others.'))
    await inAcme(async () => tenantDb()('events').update({ dispatched_at: null, claimed_until: null }))
    expect(await letters()).to.deep.equal(['workspace-force-stopped'])
    const [{ text } = { text: '' }] = await inAcme(async () => (await tenantDb()('mail_messages').where({ letter: 'workspace-force-stopped' })) as Array<{ text: string }>)
    expect(text).to.contain('Its traffic disturbed others.').and.to.not.match(/kasm|ezscale/i)
  })
})
