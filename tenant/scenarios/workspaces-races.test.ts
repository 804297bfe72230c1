/** Whoever comes twice, four times, or dies in between: one workspace, one desktop, one run. */
import { expect } from 'chai'
import type { ChildProcess } from 'node:child_process'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Refusal } from '../../shared/errors.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { pursue } from '../kasm/pursue.js'
import { startWorkspace } from '../kasm/start-workspace.js'
import { stopWorkspace } from '../kasm/stop-workspace.js'
import { sweepWorkspaces } from '../kasm/sweep-workspaces.js'
import { terminateWorkspace } from '../kasm/terminate-workspace.js'
import { START, useKasmWorld, type Bought } from '../testing/kasm-world.js'
import { aMinutePasses, Workers } from './mortal-workers.js'

describe('One workspace, one run', function () {
  this.timeout(120_000)
  const world = useKasmWorld()
  let workers: Workers | undefined
  after(() => workers?.stop())

  const apart = <T>(act: () => Promise<T>): Promise<T> => runAsPlatform(() => world.as(world.acme, act))
  const startedEvents = async () => (await world.events()).filter((type) => type === 'workspace.started').length
  /** Everything that the row, the meter and the server must agree on. */
  async function expectOne(bought: Bought, { runs, started }: { runs: number; started: number }): Promise<void> {
    const { workspace, service } = await world.fresh(bought)
    expect([service.status, workspace.status]).to.deep.equal(['active', 'running'])
    expect(world.kasm.state.users.map((u) => u.username)).to.deep.equal([workspace.username])
    expect(world.kasm.alive.map((s) => [s.kasm_id, s.status])).to.deep.equal([[workspace.kasmWorkspaceId, 'running']])
    const sessions = await world.sessions()
    expect([sessions.length, sessions.filter((s) => s.stoppedAt === null).length]).to.deep.equal([runs, 1])
    expect(await startedEvents()).to.equal(started)
  }
  async function stopped(): Promise<Bought> {
    const bought = await world.running()
    await world.as(world.acme, () => stopWorkspace(bought.workspace))
    for (let n = 0; n < 4; n++) await world.later(5)
    const fresh = await world.fresh(bought)
    expect(fresh.workspace.status).to.equal('stopped')
    return fresh
  }

  it('accepts one of two clicks on start', async () => {
    const bought = await stopped()
    const click = async () => {
      const { workspace, service } = await world.fresh(bought)
      return apart(() => startWorkspace(workspace, service))
    }
    const answers = await Promise.allSettled([click(), click()])
    const refused = answers.filter((a): a is PromiseRejectedResult => a.status === 'rejected').map((a) => a.reason as unknown)
    expect(refused).to.have.length(1)
    expect(refused[0]).to.be.instanceOf(Refusal)
    for (let n = 0; n < 6; n++) await world.later(4)
    await expectOne(bought, { runs: 2, started: 2 })
  })

  it('lets four workers at once, and pursuers who come by themselves, provision one workspace', async () => {
    const bought = await world.order()
    world.kasm.fault({ mode: 'slow', delayMs: 120, times: 6 })
    for (let n = 0; n < 8; n++) {
      await Promise.all(Array.from({ length: 4 }, () => Promise.all([runAsPlatform(() => runDueJobs()), apart(() => pursue(bought.workspace.id)), apart(() => sweepWorkspaces(clock.now()))])))
      setClock(new Date(clock.real().getTime() + 4000))
    }
    await world.later(200)
    await expectOne(bought, { runs: 1, started: 1 })
    for (const call of ['create_user', 'request_kasm']) expect(world.kasm.seen(call), call).to.have.length(1)
  })

  /** A worker of its own does what is due, and is killed the moment the server has carried out this call: its answer is never read. */
  async function killedAt(call: string): Promise<void> {
    workers ??= new Workers(process.env)
    const { apiKey, apiKeySecret } = world.kasm.settings
    const connection = { baseUrl: world.kasm.url, secrets: { apiKey, apiKeySecret }, settings: { timeoutMs: 10_000 } }
    let died = false
    const meet = (child: ChildProcess) => {
      world.kasm.onAnswer = (name) => {
        if (name !== call || died) return
        died = child.kill('SIGKILL')
      }
    }
    const instants = [0, 5, 10, 15].map((s) => new Date(clock.real().getTime() + s * 1000).toISOString())
    const end = await workers.run({ tenant: world.acme, password: world.acme.db.password, instants, killAt: 0, outside: false, schedules: false, connection }, meet)
    world.kasm.onAnswer = undefined
    expect([died, end.packets], `the worker outlived ${call}`).to.deep.equal([true, null])
  }
  /** Ten minutes with a worker that lives: claims run out, the sweeper finds what is due. */
  async function tenMinutes(): Promise<void> {
    for (let n = 0; n < 8; n++) {
      await aMinutePasses(world)
      await world.as(world.acme, () => sweepWorkspaces(clock.now()))
      await world.later(75)
    }
  }

  for (const call of ['create_user', 'request_kasm']) {
    it(`sets up one workspace when a worker is killed between the server's "${call}" and our note of it`, async () => {
      const bought = await world.order()
      await killedAt(call)
      await tenMinutes()
      await expectOne(bought, { runs: 1, started: 1 })
    })
  }
  it('stops once, at the wish, when a worker is killed between the server\'s stop and our note of it', async () => {
    const bought = await world.running()
    await world.later(600)
    const wish = clock.now()
    await world.as(world.acme, () => stopWorkspace(bought.workspace))
    await killedAt('stop_kasm')
    await tenMinutes()
    expect((await world.fresh(bought)).workspace.status).to.equal('stopped')
    expect((await world.sessions()).map((s) => s.stoppedAt?.toISOString())).to.deep.equal([wish.toISOString()])
    expect((await world.events()).filter((type) => type === 'workspace.stopped')).to.have.length(1)
  })
  it('leaves neither desktop nor user when a worker is killed while it removes a workspace', async () => {
    const bought = await world.running()
    await world.as(world.acme, () => terminateWorkspace(bought.workspace))
    await killedAt('delete_user')
    await tenMinutes()
    expect((await world.fresh(bought)).workspace.status).to.equal('terminated')
    expect(world.kasm.state).to.deep.include({ users: [], sessions: [] })
    expect((await world.sessions()).filter((s) => s.stoppedAt === null)).to.have.length(0)
    expect(await world.as(world.acme, () => tenantDb()('kasm_workspaces').pluck('status'))).to.deep.equal(['terminated'])
    expect(clock.now() > new Date(START)).to.equal(true)
  })
})
