import { expect } from 'chai'
import { NotFound, OutsideError, Refusal } from '../../shared/errors.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { monthOf } from '../../shared/time/period.js'
import { connect, useKasmWorld } from '../testing/kasm-world.js'
import { billingSource } from './billing-source.js'
import { launchWorkspace } from './launch/launch-workspace.js'
import { pollWorkspaces } from './poll-workspaces.js'
import { startWorkspace } from './start-workspace.js'
import { stopWorkspace } from './stop-workspace.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { recordFinishedMonths, recordSession } from './metering/wholesale-slices.js'
import { Service } from '../services/service.js'
import { Workspace } from './workspace.js'

const minute = 60

describe('Using a workspace', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const refusalOf = async (act: Promise<unknown>): Promise<Refusal> => {
    const error = await act.catch((e: unknown) => e)
    expect(error).to.be.instanceOf(Refusal)
    return error as Refusal
  }
  const poll = () => inAcme(pollWorkspaces)
  /** Minutes pass, looked at each minute. */
  const pass = async (minutes: number) => {
    for (let n = 0; n < minutes; n++) {
      await world.later(minute)
      await poll()
    }
  }

  it('stops the meter at the moment of the wish, however long Kasm takes', async () => {
    const { workspace } = await world.running()
    await world.later(20 * minute)
    await poll()
    await world.later(2 * minute - 9)
    world.kasm.fault({ mode: 'down', calls: ['stop_kasm'] })
    const wished = clock.now()
    await inAcme(() => stopWorkspace(workspace))
    await world.later(0)
    expect((await inAcme(() => Workspace.query().findById(workspace.id)))!.status).to.equal('stopping')
    await world.later(5 * minute)
    world.kasm.fault()
    await world.later(10 * minute)
    const [session] = await world.sessions()
    expect(session!.stoppedAt).to.deep.equal(wished)
    expect([session!.durationBillableSeconds, session!.totalCostMicros, session!.endReason]).to.deep.equal([1800, 100_000, 'customer'])
    expect(world.kasm.state.sessions[0]?.status).to.equal('stopped')
    expect((await inAcme(() => Workspace.query().findById(workspace.id)))).to.deep.include({ status: 'stopped', lastStoppedAt: wished, statusMessage: null })
  })

  it('resumes the same desktop and opens a second run on the meter', async () => {
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await world.later(0)
    const { service, workspace } = await world.fresh(bought)
    await inAcme(() => startWorkspace(workspace, service))
    for (let n = 0; n < 4; n++) await world.later(3)
    expect((await world.fresh(bought)).workspace).to.include({ status: 'running', kasmWorkspaceId: bought.workspace.kasmWorkspaceId })
    expect((await world.sessions()).map((s) => s.stoppedAt === null)).to.deep.equal([false, true])
    expect(world.kasm.seen('request_kasm')).to.have.length(1)
  })

  it('ends the desktop and keeps the files where the server cannot stop, and asks for a new one at the next start', async () => {
    connect(world, { stopPath: null })
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await world.later(0)
    const { service, workspace } = await world.fresh(bought)
    expect([workspace.status, workspace.kasmWorkspaceId]).to.deep.equal(['stopped', null])
    await inAcme(() => startWorkspace(workspace, service))
    for (let n = 0; n < 5; n++) await world.later(3)
    expect(world.kasm.seen('request_kasm').map((c) => c.body.persistent_profile_mode)).to.deep.equal(['Enabled', 'Enabled'])
    expect(world.kasm.state.users).to.have.length(1)
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
  })

  it('bills until it was last seen when Kasm ended it', async () => {
    const { workspace } = await world.running()
    await pass(16)
    const seen = (await world.sessions())[0]!.lastSeenAt
    world.kasm.kill(workspace.kasmWorkspaceId!)
    await world.later(minute)
    await poll()
    expect((await world.sessions())[0]!.stoppedAt, 'one list may have left it out').to.equal(null)
    await world.later(minute)
    await poll()
    const [session] = await world.sessions()
    expect([session!.stoppedAt, session!.endReason, session!.durationBillableSeconds]).to.deep.equal([seen, 'provider', 1800])
    const after = await inAcme(() => Workspace.query().findById(workspace.id))
    expect(after).to.deep.include({ status: 'stopped', lastStoppedAt: seen })
    expect(after!.statusMessage).to.match(/ended by itself.*until it was last seen/)
  })

  it('bills nothing that nobody saw: a desktop that died before the first look is free', async () => {
    const { workspace } = await world.running()
    world.kasm.kill(workspace.kasmWorkspaceId!)
    await world.later(2 * minute)
    await poll()
    expect((await world.sessions())[0]).to.include({ durationBillableSeconds: 0, totalCostMicros: 0 })
  })

  it('keeps the meter as it is while Kasm does not answer, or answers nonsense', async () => {
    await world.running()
    for (const mode of ['down', 'html', 'truncated-json', 'wrong-types', 'error-500', 'unauthorized'] as const) {
      world.kasm.fault({ mode })
      await world.later(minute)
      expect(await poll().catch((e: unknown) => e)).to.be.instanceOf(OutsideError)
    }
    world.kasm.fault()
    await world.later(minute)
    await poll()
    expect((await world.sessions())[0]).to.deep.include({ stoppedAt: null, lastSeenAt: clock.now() })
  })

  it('looks at all desktops with one call, and never with the one that breaks open connections', async () => {
    await world.running()
    await world.running()
    const before = world.kasm.calls.length
    await world.later(minute)
    await poll()
    expect(world.kasm.calls.slice(before).map((c) => c.call)).to.deep.equal(['get_kasms'])
  })

  it('opens with a fresh link each time and stores none', async () => {
    const { workspace, service } = await world.running()
    const links = [await inAcme(() => launchWorkspace(workspace, service)), await inAcme(() => launchWorkspace(workspace, service))]
    expect(new Set(links).size).to.equal(2)
    const row = await inAcme(async () => tenantDb()('kasm_workspaces').where({ id: workspace.id }).first())
    expect(JSON.stringify(row)).to.not.contain(world.kasm.state.sessions[0]!.token)
    expect(row).to.include({ access_url: null })
    const desktop = await (await fetch(`${world.kasm.url}/__desktop?kasm_id=${workspace.kasmWorkspaceId}&token=${links[0]!.split('/').at(-1)}`)).json() as { error?: string }
    expect(desktop.error).to.match(/used up/)
  })

  it('says so when the desktop is gone at the click, and when Kasm does not answer', async () => {
    const { workspace, service } = await world.running()
    world.kasm.fault({ mode: 'down' })
    expect(await inAcme(() => launchWorkspace(workspace, service)).catch((e: unknown) => e)).to.be.instanceOf(OutsideError)
    world.kasm.fault()
    world.kasm.kill(workspace.kasmWorkspaceId!)
    expect((await refusalOf(inAcme(() => launchWorkspace(workspace, service)))).code).to.equal('workspace.not-running')
  })

  it('refuses what makes no sense in its state', async () => {
    const { workspace, service } = await world.running()
    expect((await refusalOf(inAcme(() => startWorkspace(workspace, service)))).code).to.equal('workspace.already-started')
    await inAcme(() => stopWorkspace(workspace))
    expect((await refusalOf(inAcme(() => stopWorkspace(workspace)))).code).to.equal('workspace.not-running')
    expect((await refusalOf(inAcme(() => launchWorkspace(workspace, service)))).code).to.equal('workspace.not-running')
    expect((await refusalOf(inAcme(() => startWorkspace(workspace, service)))).code).to.equal('workspace.stopping')
  })

  it('does not start for a customer without credit and without payment method', async () => {
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await world.later(0)
    await inAcme(async () => tenantDb()('payment_methods').update({ status: 'removed' }))
    const { service, workspace } = await world.fresh(bought)
    expect((await refusalOf(inAcme(() => startWorkspace(workspace, service)))).code).to.equal('workspace.no-payment')
  })

  it('lets one of two clicks stop it', async () => {
    const bought = await world.running()
    const second = (await world.fresh(bought)).workspace
    const results = await Promise.allSettled([inAcme(() => stopWorkspace(bought.workspace)), inAcme(() => stopWorkspace(second))])
    expect(results.map((r) => r.status).sort()).to.deep.equal(['fulfilled', 'rejected'])
    expect((await world.events()).filter((e) => e === 'workspace.session-closed')).to.have.length(1)
  })

  it('is removed with its user at Kasm, whatever state it was in', async () => {
    const bought = await world.running()
    world.kasm.fault({ mode: 'down', times: 3 })
    await inAcme(() => terminateWorkspace(bought.workspace))
    await world.later(0)
    expect((await world.fresh(bought)).workspace.statusMessage).to.match(/removed as soon as/)
    for (let n = 0; n < 5; n++) await world.later(60)
    const { service, workspace } = await world.fresh(bought)
    expect([service.status, workspace.status, workspace.passwordEncrypted]).to.deep.equal(['terminated', 'terminated', null])
    expect(world.kasm.state).to.deep.include({ users: [], sessions: [] })
    expect((await world.sessions())[0]).to.include({ endReason: 'terminated' })
  })

  it('removes also a user whose making was never answered', async () => {
    connect(world, { timeoutMs: 300 })
    world.kasm.fault({ mode: 'timeout-after-success', calls: ['create_user'] })
    const bought = await world.order()
    await world.later(0)
    expect(world.kasm.state.users).to.have.length(1)
    world.kasm.fault()
    const { workspace } = await world.fresh(bought)
    await inAcme(() => terminateWorkspace(workspace))
    for (let n = 0; n < 3; n++) await world.later(60)
    expect(world.kasm.state.users).to.deep.equal([])
  })

  it('never calls Kasm while a transaction is open', async () => {
    const { workspace, service } = await world.running()
    const error = await inAcme(() => tenantTransaction(() => launchWorkspace(workspace, service))).catch((e: unknown) => e)
    expect((error as Error).message).to.contain('inside a transaction')
  })

  it('is nobody else’s: another customer does not find it', async () => {
    const { service } = await world.running()
    const other = await world.customer()
    expect(await inAcme(() => Service.findOwned({ publicId: service.publicId, userId: other })).catch((e: unknown) => e)).to.be.instanceOf(NotFound)
  })

  describe('and the month', () => {
    it('is told to central once, in slices of the months in which the quarter hours start', async () => {
      setClock('2026-11-30T23:40:00Z')
      const bought = await world.running()
      await pass(50)
      await inAcme(() => recordFinishedMonths(clock.now()))
      await inAcme(() => recordFinishedMonths(clock.now()))
      const [session] = await world.sessions()
      const november = `kasm-session:${session!.id}:2026-11`
      expect(world.directory.usage.map((u) => u.key)).to.deep.equal([november])
      await inAcme(() => stopWorkspace(bought.workspace))
      for (let n = 0; n < 3; n++) await inAcme(() => recordSession(session!.id))
      const records = world.directory.usage.map((u) => [u.key, u.sku, u.quantitySeconds])
      const whole = (await world.sessions())[0]!.durationBillableSeconds!
      expect(records).to.deep.equal([[november, 'kasm.developer_basic', 1800], [`kasm-session:${session!.id}:2026-12`, 'kasm.developer_basic', whole - 1800]])
    })

    it('waits with an open run until somebody saw it in the new month', async () => {
      setClock('2026-11-30T23:00:00Z')
      const { workspace } = await world.running()
      await pass(30)
      setClock('2026-12-01T02:00:00Z')
      await inAcme(() => recordFinishedMonths(clock.now()))
      expect(world.directory.usage).to.deep.equal([])
      const november = monthOf(new Date('2026-11-15'), 'UTC')
      expect(await inAcme(() => billingSource.lagsBehind(workspace.userId, november))).to.equal(true)
      await poll()
      await inAcme(() => recordFinishedMonths(clock.now()))
      expect(world.directory.usage.map((u) => u.quantitySeconds), 'not the quarter hour that nobody saw').to.deep.equal([2700])
    })

    it('shows billing the run as somebody saw it, and remembers what stands on an invoice', async () => {
      const { workspace } = await world.running()
      await pass(20)
      const november = monthOf(clock.now(), 'UTC')
      const [customer] = await inAcme(() => billingSource.customersToBill(november.end))
      expect(customer).to.deep.equal({ userId: workspace.userId, since: workspace.lastStartedAt })
      await world.later(40 * minute)
      const [run] = await inAcme(() => billingSource.sessionsForPeriod(workspace.userId, november))
      expect(run).to.include({ serviceName: 'api-box', planName: 'Developer Basic', rateMicros: 200_000, billedSeconds: 0 })
      expect(run!.secondsBefore(november.end)).to.equal(1800)
    })
  })
})
