import { expect } from 'chai'
import type { FaultMode } from '../../shared/simulators/kasm/faults.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { clock } from '../../shared/time/clock.js'
import { connect, useKasmWorld } from '../testing/kasm-world.js'
import { openPassword } from './credentials.js'
import { failedProvisionings } from './failed-provisionings.js'
import { pursue } from './pursue.js'
import { retryProvisioning } from './retry-provisioning.js'
import { waits } from './retry-plan.js'
import { sweepWorkspaces } from './sweep-workspaces.js'

describe('Setting up a workspace', () => {
  const world = useKasmWorld()

  it('makes one user and one desktop at Kasm, and runs', async () => {
    const { service, workspace } = await world.running()
    expect(service).to.include({ status: 'active', failureCode: null })
    expect(workspace).to.include({ status: 'running', statusMessage: null, nextAttemptAt: null })
    expect(world.kasm.state.users.map((u) => u.username)).to.deep.equal([`acme-${service.publicId}`])
    expect(world.kasm.alive.map((s) => s.kasm_id)).to.deep.equal([workspace.kasmWorkspaceId])
    expect(world.kasm.seen('get_kasm_status')).to.have.length(0)
    expect(await world.events()).to.include.members(['workspace.ready', 'workspace.started'])
  })

  it('starts the meter when Kasm says running, at the price the customer agreed to', async () => {
    const { workspace } = await world.running()
    const [session] = await world.sessions()
    expect(session).to.deep.include({ startedAt: workspace.lastStartedAt, stoppedAt: null, costPerHourMicros: 200_000, currency: 'USD', kasmSessionId: workspace.kasmWorkspaceId, wholesaleSku: 'kasm.developer_basic' })
    expect(session!.startedAt > new Date('2026-11-10T09:00:00Z')).to.equal(true)
  })

  it('keeps the login sealed: the row does not show it, the service opens it', async () => {
    const { service, workspace } = await world.running()
    const real = world.kasm.state.users[0]!.password
    expect(workspace.passwordEncrypted).to.not.contain(real)
    await world.as(world.acme, () => expect(openPassword(service.publicId, workspace.passwordEncrypted!)).to.equal(real))
    await world.as(world.globex, () => expect(() => openPassword(service.publicId, workspace.passwordEncrypted!)).to.throw())
  })

  const faults: Array<[string, Parameters<typeof world.kasm.fault>[0]]> = (
    [['down', 'request_kasm'], ['hang', 'request_kasm'], ['error-500', 'request_kasm'], ['500-then-created', 'request_kasm'], ['timeout-after-success', 'request_kasm'], ['slow', 'request_kasm'],
      ['no-resources', 'request_kasm'], ['truncated-json', 'request_kasm'], ['html', 'request_kasm'], ['wrong-types', 'request_kasm'], ['wrong-id', 'request_kasm'], ['markup-error', 'request_kasm'],
      ['timeout-after-success', 'create_user'], ['500-then-created', 'create_user'], ['truncated-json', 'create_user'], ['html', 'get_kasms'], ['hang', 'get_kasms']] as Array<[FaultMode, string]>
  ).map(([mode, call]) => [`"${mode}" at ${call}`, { mode, calls: [call], times: 2 }])
  for (const [title, fault] of faults) {
    it(`ends with exactly one desktop after ${title}, and says what is going on meanwhile`, async () => {
      world.kasm.fault({ ...fault! })
      if (['hang', 'slow', 'timeout-after-success'].includes(fault!.mode)) connect(world, { timeoutMs: 300 })
      const bought = await world.order()
      await world.later(0)
      const meanwhile = (await world.fresh(bought)).workspace
      if (fault!.mode !== 'wrong-id') expect(meanwhile.statusMessage).to.match(/keep trying|try again every few minutes/)
      expect(meanwhile.statusMessage ?? '').to.not.contain('<')
      for (let n = 0; n < 40; n++) await world.later(5)
      const { service, workspace } = await world.fresh(bought)
      expect([service.status, workspace.status, workspace.statusMessage]).to.deep.equal(['active', 'running', null])
      expect(world.kasm.alive.map((s) => s.kasm_id)).to.deep.equal([workspace.kasmWorkspaceId])
      expect(world.kasm.state.users).to.have.length(1)
      expect(await world.sessions()).to.have.length(1)
    })
  }

  it('removes the second desktop when a request whose answer was lost comes true late', async () => {
    const bought = await world.order()
    await world.later(0)
    const { workspace } = await world.fresh(bought)
    world.kasm.state.sessions.push({ ...world.kasm.state.sessions[0]!, kasm_id: 'e'.repeat(32), looks: 0 })
    for (let n = 0; n < 5; n++) await world.later(5)
    expect(world.kasm.alive.map((s) => s.kasm_id)).to.deep.equal([workspace.kasmWorkspaceId])
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
  })

  it('gives up after the last try: the service failed, staff see why, nothing is charged, and a retry ends with one desktop', async () => {
    const bought = await world.order()
    await world.kasm.down()
    await world.later(0)
    for (const wait of waits) await world.later(wait)
    const failed = await world.fresh(bought)
    expect([failed.service.status, failed.workspace.status, failed.service.failureCode]).to.deep.equal(['failed', 'failed', 'unreachable'])
    expect(failed.workspace.statusMessage).to.match(/could not set up.*Nothing was charged.*Our team has been told/)
    expect(await world.events()).to.include('service.provisioning-failed')
    expect(await world.sessions()).to.deep.equal([])
    const [seen] = await world.as(world.acme, () => failedProvisionings())
    expect(seen).to.deep.include({ publicId: bought.service.publicId, status: 'failed', attempts: 8, code: 'unreachable', reason: 'kasm could not be reached.' })
    await world.kasm.up()
    connect(world, {})
    await world.as(world.acme, () => retryProvisioning(failed.service))
    for (let n = 0; n < 5; n++) await world.later(5)
    expect((await world.fresh(bought)).service.status).to.equal('active')
    expect(world.kasm.alive).to.have.length(1)
  })

  it('comes up when the server has room at the very last try: the pauses before are not the desktop’s time', async () => {
    const bought = await world.order()
    world.kasm.settings.capacity = 0
    await world.later(0)
    for (const wait of waits.slice(0, -1)) await world.later(wait)
    world.kasm.settings.capacity = null
    await world.later(waits.at(-1)!)
    expect((await world.fresh(bought)).workspace.status).to.equal('starting')
    for (let n = 0; n < 3; n++) await world.later(3)
    expect([(await world.fresh(bought)).service.status, world.kasm.alive.length]).to.deep.equal(['active', 1])
  })

  it('fails at once when trying again cannot help', async () => {
    world.kasm.fault({ mode: 'unauthorized' })
    const bought = await world.order()
    await world.later(0)
    const { service } = await world.fresh(bought)
    expect([service.status, service.failureCode, service.provisionAttempts]).to.deep.equal(['failed', 'unauthorized', 1])
  })

  it('fails when the desktop never comes up', async () => {
    world.kasm.settings.runningAfterLooks = 1e6
    const bought = await world.order()
    await world.later(0)
    expect((await world.fresh(bought)).workspace.status).to.equal('starting')
    await world.later(601)
    await world.later(3)
    expect((await world.fresh(bought)).service).to.include({ status: 'failed', failureCode: 'start-timeout' })
  })

  it('asks Kasm once although four workers come at once', async () => {
    const bought = await world.order()
    await Promise.all([1, 2, 3, 4].map(() => world.as(world.acme, () => pursue(bought.workspace.id))))
    expect([world.kasm.seen('create_user').length, world.kasm.seen('request_kasm').length]).to.deep.equal([1, 1])
  })

  it('goes on after a worker died in the middle of a try', async () => {
    const bought = await world.order()
    await world.as(world.acme, () => tenantDb()('kasm_workspaces').update({ next_attempt_at: new Date(clock.now().getTime() + 150_000) }))
    await world.later(0)
    expect(world.kasm.calls).to.have.length(0)
    await world.later(151)
    await world.as(world.acme, () => sweepWorkspaces(clock.now()))
    for (let n = 0; n < 5; n++) await world.later(3)
    expect((await world.fresh(bought)).workspace.status).to.equal('running')
  })

  it('tells customers of one shop nothing of another: names at Kasm carry the shop', async () => {
    const untouched = await world.checksum(world.globex)
    await world.running(world.acme)
    expect(await world.checksum(world.globex)).to.equal(untouched)
    await world.running(world.globex)
    expect(world.kasm.state.users.map((u) => u.username.split('-')[0])).to.deep.equal(['acme', 'globex'])
  })
})
