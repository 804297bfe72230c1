import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import { connect, countingLookUps, useKasmWorld, type Bought } from '../testing/kasm-world.js'
import { archiveWorkspace } from './archive-workspace.js'
import { pauseWorkspace } from './pause-workspace.js'
import { pollWorkspaces } from './poll-workspaces.js'
import { forgetSightings } from './provider/sightings.js'
import { contradiction, type RowFacts } from './reconcile-rules.js'
import { reconcileWorkspaces } from './reconcile.js'
import { startWorkspace } from './start-workspace.js'
import { stopWorkspace } from './stop-workspace.js'
import { terminateWorkspace } from './terminate-workspace.js'
import type { KasmSession, KasmStatus } from './provider/kasm-api.js'

describe('What a server shows against our rows', () => {
  const world = useKasmWorld()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const settle = async (times = 4) => {
    for (let n = 0; n < times; n++) await world.later(3)
  }
  /** So many minutes, compared in each. */
  const minutes = async (n: number) => {
    for (let i = 0; i < n; i++) {
      await world.later(60)
      forgetSightings()
      await inAcme(() => reconcileWorkspaces(clock.now()))
    }
    await world.later(0)
  }
  const row = async (bought: Bought) => (await world.fresh(bought)).workspace
  const repaired = async () => (await world.events()).filter((e) => e === 'workspace.repaired').length
  const stopped = async (): Promise<Bought> => {
    const bought = await world.running()
    await inAcme(() => stopWorkspace(bought.workspace))
    await settle()
    return world.fresh(bought)
  }
  /** Somebody makes one at the server itself, or a lost request comes true. */
  const appear = (bought: Bought, more: object = {}) => {
    const like = world.kasm.state.sessions[0]
    world.kasm.state.sessions.push({ ...(like ?? { image_id: world.kasm.state.images[0]!.image_id, token: 't', persistent_profile_mode: 'Enabled', changed_at: 0, started_at: 0, active_at: 0, expires_at: null }), kasm_id: 'e'.repeat(32), user_id: bought.workspace.kasmUserId!, status: 'running', looks: 0, ...more })
  }

  it('a desktop that somebody started at the server while ours is stopped is ended again, after two minutes, and costs nothing', async () => {
    const bought = await stopped()
    world.kasm.state.sessions[0]!.status = 'running'
    await minutes(2)
    expect([world.kasm.alive[0]!.status, await repaired()]).to.deep.equal(['running', 0])
    await minutes(1)
    expect([world.kasm.alive[0]!.status, await repaired()]).to.deep.equal(['stopped', 1])
    expect(await row(bought)).to.include({ status: 'stopped', kasmWorkspaceId: bought.workspace.kasmWorkspaceId, suspectedAt: null })
    const [use] = await inAcme(async () => (await tenantDb()('kasm_usage_events').where({ source: 'repair' })) as Array<{ kind: string }>)
    expect(use!.kind).to.equal('repaired')
    expect(await world.sessions()).to.have.length(1)
    await minutes(4)
    expect(await repaired()).to.equal(1)
  })

  it('a desktop that one list left out goes on in its run: twelve minutes with a flicker cost one quarter hour', async () => {
    const bought = await world.running()
    const there = world.kasm.state.sessions
    for (let minute = 1; minute <= 12; minute++) {
      world.kasm.state.sessions = minute % 4 === 0 ? [] : there
      await world.later(60)
      forgetSightings()
      await inAcme(() => pollWorkspaces())
      expect((await row(bought)).status, `minute ${minute}`).to.equal('running')
    }
    world.kasm.state.sessions = there
    await inAcme(async () => stopWorkspace(await row(bought)))
    expect((await world.sessions()).map((s) => [s.endReason, s.durationBillableSeconds])).to.deep.equal([['customer', 900]])
  })

  it('a desktop that the list left out for two minutes goes on, with a run of its own, instead of being ended', async () => {
    const bought = await world.running()
    const there = world.kasm.state.sessions
    world.kasm.state.sessions = []
    await world.later(120)
    forgetSightings()
    await inAcme(() => pollWorkspaces())
    expect((await row(bought)).status).to.equal('stopped')
    world.kasm.state.sessions = there
    await minutes(4)
    await settle()
    expect([(await row(bought)).status, world.kasm.alive.length, await repaired()]).to.deep.equal(['running', 1, 0])
    expect((await world.sessions()).map((s) => [s.endReason, s.startedBy])).to.deep.equal([['provider', 'order'], [null, 'resume']])
  })

  it('a list without anybody, where several ran a minute ago, is believed only when it stays so', async () => {
    const all = [await world.running(), await world.running(), await world.running()]
    const there = world.kasm.state.sessions
    world.kasm.state.sessions = []
    const looked = async (seconds: number) => {
      await world.later(seconds)
      forgetSightings()
      await inAcme(() => pollWorkspaces())
      return Promise.all(all.map(async (bought) => (await row(bought)).status))
    }
    expect(await looked(60)).to.deep.equal(['running', 'running', 'running'])
    world.kasm.state.sessions = there
    expect(await looked(60)).to.deep.equal(['running', 'running', 'running'])
    world.kasm.state.sessions = []
    expect(await looked(170)).to.deep.equal(['running', 'running', 'running'])
    expect(await looked(60)).to.deep.equal(['stopped', 'stopped', 'stopped'])
    expect(await world.sessions()).to.have.length(3)
  })

  it('a request that came true after we gave up starting is ended', async () => {
    const bought = await stopped()
    await inAcme(async () => tenantDb()('kasm_workspaces').update({ status: 'failed', kasm_workspace_id: null }))
    world.kasm.state.sessions.length = 0
    appear(bought)
    await minutes(3)
    expect([world.kasm.alive.length, (await row(bought)).status, await repaired()]).to.deep.equal([0, 'failed', 1])
  })

  it('of two desktops of one user only ours goes on, and its run with it', async () => {
    const bought = await world.running()
    appear(bought)
    await minutes(3)
    expect(world.kasm.alive.map((s) => s.kasm_id)).to.deep.equal([bought.workspace.kasmWorkspaceId])
    expect([(await row(bought)).status, (await world.sessions())[0]!.stoppedAt]).to.deep.equal(['running', null])
  })

  it('a desktop of a removed workspace is ended, whether its files are kept or its user should be gone', async () => {
    const bought = await world.running()
    await inAcme(() => archiveWorkspace(bought.workspace))
    await settle()
    appear(bought)
    await minutes(3)
    expect([world.kasm.alive.length, (await row(bought)).status]).to.deep.equal([0, 'archived'])
    const user = { ...world.kasm.state.users[0]! }
    await inAcme(async () => terminateWorkspace(await row(bought)))
    await settle()
    expect((await row(bought)).status).to.equal('terminated')
    world.kasm.state.users.push(user)                               // a call that was lost and came true
    appear({ ...bought, workspace: Object.assign(bought.workspace, { kasmUserId: user.user_id }) })
    await minutes(3)
    expect([world.kasm.alive.length, world.kasm.state.users.length]).to.deep.equal([0, 0])
  })

  it('what strangers have is not touched, also when its name looks like ours', async () => {
    const bought = await stopped()
    const user = { ...world.kasm.state.users[0]!, user_id: 'd'.repeat(32), username: 'acme-somebody-else' }
    world.kasm.state.users.push(user)
    appear({ ...bought, workspace: Object.assign(bought.workspace, { kasmUserId: user.user_id }) })
    await minutes(5)
    expect(world.kasm.alive.find((s) => s.user_id === user.user_id)?.status).to.equal('running')
    expect(await repaired()).to.equal(0)
  })

  it('what starts is left to the start, which takes the desktop that is there', async () => {
    const bought = await stopped()
    world.kasm.state.sessions.length = 0
    await inAcme(() => startWorkspace(bought.workspace, bought.service))
    appear(bought)
    await settle()
    expect(await row(bought)).to.include({ status: 'running', kasmWorkspaceId: 'e'.repeat(32) })
    await minutes(3)
    expect([world.kasm.alive.length, await repaired()]).to.deep.equal([1, 0])
  })

  it('a passing contradiction is forgotten: a server takes a while to do what it was asked', async () => {
    const bought = await stopped()
    world.kasm.state.sessions[0]!.status = 'running'
    await minutes(1)
    expect((await row(bought)).suspectedAt).to.not.equal(null)
    world.kasm.state.sessions[0]!.status = 'stopped'
    await minutes(1)
    expect([(await row(bought)).suspectedAt, await repaired()]).to.deep.equal([null, 0])
  })

  it('while the server does not answer nothing is decided, and afterwards it is', async () => {
    await stopped()
    world.kasm.state.sessions[0]!.status = 'running'
    await minutes(1)
    world.kasm.fault({ mode: 'down' })
    await minutes(3)
    expect(await repaired()).to.equal(0)
    world.kasm.fault()
    await minutes(1)
    expect([world.kasm.alive[0]!.status, await repaired()]).to.deep.equal(['stopped', 1])
  })

  it('a paused desktop that the server ended is shown as stopped, with its files', async () => {
    connect(world, { pausePath: '/api/pause_kasm' })
    const bought = await world.running()
    await inAcme(() => pauseWorkspace(bought.workspace))
    await settle()
    world.kasm.kill(bought.workspace.kasmWorkspaceId!)
    await minutes(3)
    expect(await row(bought)).to.include({ status: 'stopped', kasmWorkspaceId: null, statusMessage: 'The paused desktop was ended by its server. Your files are kept.' })
  })

  it('one that hangs in deleting is waited for, told to staff once after an hour, and does not hinder the next start for ever', async () => {
    connect(world, { stopPath: null })
    world.kasm.settings.deletingHangs = true
    const bought = await stopped()
    expect(world.kasm.state.sessions.map((s) => s.status)).to.deep.equal(['deleting'])
    await minutes(60)
    expect((await world.events()).filter((e) => e === 'workspace.stuck')).to.have.length(0)
    await minutes(3)
    expect((await world.events()).filter((e) => e === 'workspace.stuck')).to.have.length(1)
    expect([(await row(bought)).status, await repaired()]).to.deep.equal(['stopped', 0])
    const again = await world.fresh(bought)
    await inAcme(() => startWorkspace(again.workspace, again.service))
    await settle()
    expect(world.kasm.alive).to.have.length(0)
    await world.later(300)
    await settle()
    expect([(await row(bought)).status, world.kasm.alive.length]).to.deep.equal(['running', 1])
  })

  it('one list call and one look for its connection serve all workspaces of a server', async () => {
    await stopped()
    await stopped()
    const [lookUps, before] = [countingLookUps(world), world.kasm.seen('get_kasms').length]
    forgetSightings()
    await inAcme(() => reconcileWorkspaces(clock.now()))
    expect([lookUps(), world.kasm.seen('get_kasms').length - before]).to.deep.equal([1, 1])
  })

  describe('as a rule', () => {
    const facts = (status: RowFacts['status']): RowFacts => ({ status, kasmUserId: 'u', kasmWorkspaceId: 'own' })
    const session = (kasmId: string, status: KasmStatus): KasmSession => ({ kasmId, userId: 'u', username: null, imageId: null, status, startedAt: null, lastActiveAt: null, expiresAt: null })
    const verdict = (status: RowFacts['status'], ...sessions: KasmSession[]) => {
      const finding = contradiction(facts(status), sessions)
      return finding ? `${finding.what}: ${finding.sessions.map((s) => s.kasmId).join(',')}` : 'fine'
    }

    it('what is on its way is nobody’s contradiction', () => {
      for (const status of ['provisioning', 'starting', 'pausing', 'stopping', 'terminating'] as const) expect(verdict(status, session('own', 'running'), session('x', 'running'))).to.equal('fine')
    })
    it('a running row without its session is left to the poll, which closes the run first', () => {
      expect(verdict('running')).to.equal('fine')
      expect(verdict('running', session('x', 'running'))).to.equal('fine')
      expect(verdict('running', session('own', 'running'), session('x', 'stopped'))).to.equal('extra: x')
    })
    it('a stopped one may have its own disk, and nothing else', () => {
      expect(verdict('stopped', session('own', 'stopped'))).to.equal('fine')
      expect(verdict('stopped', session('own', 'paused'))).to.equal('fine')
      expect(verdict('stopped', session('own', 'deleting'))).to.equal('fine')
      expect(verdict('stopped', session('own', 'unknown'), session('x', 'unknown'))).to.equal('fine')
      expect(verdict('stopped', session('own', 'starting'))).to.equal('runs: own')
      expect(verdict('stopped', session('own', 'stopped'), session('x', 'stopped'))).to.equal('extra: x')
    })
    it('a removed one has nothing', () => {
      expect(verdict('archived', session('x', 'stopped'))).to.equal('runs: x')
      expect(verdict('terminated', session('x', 'deleting'))).to.equal('fine')
    })
  })
})
