import { expect } from 'chai'
import { z } from 'zod'
import { centralDb } from '../database/central-database.js'
import { centralTransaction, tenantTransaction } from '../database/transaction.js'
import { currentActor } from '../events/actor.js'
import { currentTenantOrNull, currentWorkOrNull, NoTenant, runAsPlatform, runInCentral } from '../tenancy/context.js'
import { setClock, useWorld } from '../testing/world.js'
import { clock } from '../time/clock.js'
import { jobStore } from './agenda.js'
import { listJobs, retryJob } from './console.js'
import { defineJob } from './job.js'
import { parkedJobs, resumeAllParked, resumeParked } from './park.js'
import { runDueJobs } from './run-due-jobs.js'

describe('background jobs', () => {
  const world = useWorld()
  const ran: Array<{ tenant: string | null; n: number; actor: string; at: Date }> = []
  let fail = 0
  const note = defineJob({
    name: 'test.note', scope: 'tenant', payload: z.object({ n: z.number() }), version: 2, attempts: 3, backoffSeconds: 60,
    handler: async ({ n }) => {
      if (fail-- > 0) throw new Error('not today')
      ran.push({ tenant: currentTenantOrNull()?.slug ?? null, n, actor: currentActor().kind, at: clock.now() })
    },
  })
  const central = defineJob({ name: 'test.central', scope: 'central', payload: z.object({}), handler: async () => void ran.push({ tenant: currentTenantOrNull()?.slug ?? null, n: 0, actor: currentWorkOrNull()?.id ?? '', at: clock.now() }) })
  const insert = async (data: unknown) => (await jobStore()).saveJob({ name: 'test.note', type: 'normal', priority: 0, nextRunAt: clock.real(), data }, undefined)
  const waiting = async () => (await listJobs()).total

  beforeEach(async () => {
    setClock('2026-11-10T12:00:00Z')
    ran.length = 0
    fail = 0
    world.directory.put(world.acme)
    world.directory.put(world.globex)
    await world.clean()
  })

  it('run as the tenant that asked for them, as the system, and leave nothing behind', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    await world.as(world.globex, () => note.enqueue({ n: 2 }))
    expect(await runDueJobs()).to.equal(2)
    expect(ran.map(({ tenant, n, actor }) => ({ tenant, n, actor }))).to.deep.equal([{ tenant: 'acme', n: 1, actor: 'system' }, { tenant: 'globex', n: 2, actor: 'system' }])
    expect(await waiting()).to.equal(0)
    expect(currentWorkOrNull()).to.equal(null)
  })

  it('cannot be asked for by nobody', async () => {
    const error = await note.enqueue({ n: 1 }).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(NoTenant)
    expect(await waiting()).to.equal(0)
  })

  it('run as central when they are central, whoever asked', async () => {
    await world.as(world.acme, () => central.enqueue({}))
    await runDueJobs()
    expect(ran[0]).to.include({ tenant: null })
    expect(ran[0]!.actor).to.match(/^job-test\.central/)
  })

  it('leave only when the transaction commits', async () => {
    await world.as(world.acme, () => tenantTransaction(async () => {
      await note.enqueue({ n: 1 })
      expect(await runAsPlatform(waiting)).to.equal(0)
    }))
    expect(await waiting()).to.equal(1)
  })

  it('never leave when the transaction is rolled back', async () => {
    await world.as(world.acme, () => tenantTransaction(async () => {
      await note.enqueue({ n: 1 })
      throw new Error('no')
    })).catch(() => undefined)
    await runInCentral(() => centralTransaction(async () => {
      await central.enqueue({})
      throw new Error('no')
    })).catch(() => undefined)
    expect(await waiting()).to.equal(0)
  })

  it('with the same key wait once for each tenant', async () => {
    for (const tenant of [world.acme, world.acme, world.globex]) await world.as(tenant, () => note.enqueue({ n: 1 }, { key: 'same' }))
    expect(await waiting()).to.equal(2)
    await runDueJobs()
    await world.as(world.acme, () => note.enqueue({ n: 2 }, { key: 'same' }))
    expect(await waiting()).to.equal(1)
  })

  it('asked for now do not wait for one with the same key that is set for later', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }, { key: 'same', at: new Date('2026-11-11T12:00:00Z') }))
    await world.as(world.acme, () => note.enqueue({ n: 2 }, { key: 'same' }))
    expect(await runDueJobs()).to.equal(1)
    expect(ran[0]!.n).to.equal(2)
  })

  it('wait for their time', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }, { at: new Date('2026-11-10T12:05:00Z') }))
    setClock('2026-11-10T12:04:59.999Z')
    expect(await runDueJobs()).to.equal(0)
    setClock('2026-11-10T12:05:00Z')
    expect(await runDueJobs()).to.equal(1)
  })

  it('that fail are tried again later, each time after a longer wait, and as the same tenant', async () => {
    fail = 2
    await world.as(world.acme, () => note.enqueue({ n: 7 }))
    expect(await runDueJobs()).to.equal(1)
    const [first] = (await listJobs()).jobs
    expect(first).to.include({ failures: 1, lastError: 'not today', tenant: world.acme.uuid })
    expect(first!.nextRunAt!.getTime()).to.be.within(Date.parse('2026-11-10T12:01:00Z'), Date.parse('2026-11-10T12:01:15Z'))
    setClock('2026-11-10T12:01:15Z')
    await runDueJobs()
    expect((await listJobs()).jobs[0]!.nextRunAt!.getTime()).to.be.within(Date.parse('2026-11-10T12:03:15Z'), Date.parse('2026-11-10T12:03:45Z'))
    setClock('2026-11-10T12:03:45Z')
    await runDueJobs()
    expect(ran).to.have.length(1)
    expect(ran[0]).to.include({ tenant: 'acme', n: 7 })
  })

  it('that keep failing are parked with their error and run when somebody resumes them', async () => {
    fail = 3
    await world.as(world.acme, () => note.enqueue({ n: 7 }))
    for (const at of ['2026-11-10T12:00:00Z', '2026-11-10T12:02:00Z', '2026-11-10T12:09:00Z']) {
      setClock(at)
      await runDueJobs()
    }
    const [parked] = await parkedJobs()
    expect(parked).to.include({ reason: 'failed', error: 'not today', tenant: world.acme.uuid })
    expect(await waiting()).to.equal(0)
    expect(await resumeParked(parked!.id)).to.equal(true)
    expect(await resumeParked(parked!.id)).to.equal(false)
    await runDueJobs()
    expect(ran[0]).to.include({ tenant: 'acme', n: 7 })
    expect(await parkedJobs()).to.have.length(0)
    expect(await parkedJobs({ all: true })).to.have.length(1)
  })

  it('of a tenant that is gone are parked and never run as another', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    world.directory.remove(world.acme)
    await runDueJobs()
    expect(ran).to.have.length(0)
    expect((await parkedJobs())[0]).to.include({ reason: 'tenant-gone', tenant: world.acme.uuid })
  })

  it('of a dropped tenant are parked, also when its name was given to another', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    world.directory.put({ ...world.acme, status: 'dropped' })
    world.directory.put({ ...world.globex, slug: 'acme' })
    await runDueJobs()
    expect(ran).to.have.length(0)
    expect((await parkedJobs())[0]).to.include({ reason: 'tenant-dropped' })
  })

  it('of a suspended tenant are parked, and resumed as the same tenant when it is active again', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    world.directory.put({ ...world.acme, status: 'suspended' })
    await runDueJobs()
    expect((await parkedJobs())[0]).to.include({ reason: 'tenant-suspended' })
    world.directory.put(world.acme)
    expect(await resumeAllParked({ tenant: world.acme.uuid, reason: 'tenant-suspended' })).to.equal(1)
    await runDueJobs()
    expect(ran[0]).to.include({ tenant: 'acme', n: 1 })
  })

  it('of a tenant in maintenance wait, without counting a failed attempt', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    world.directory.put({ ...world.acme, status: 'maintenance' })
    await runDueJobs()
    expect((await listJobs()).jobs[0]).to.include({ failures: 0 })
    world.directory.put(world.acme)
    setClock('2026-11-10T12:00:30Z')
    await runDueJobs()
    expect(ran).to.have.length(1)
  })

  it('with a payload of an unknown version are parked unread', async () => {
    await insert({ tenant: world.acme.uuid, v: 3, payload: { n: 1 } })
    await runDueJobs()
    expect(ran).to.have.length(0)
    const [parked] = await parkedJobs()
    expect(parked).to.include({ reason: 'unknown-version' })
    expect(parked!.payload).to.deep.equal({ tenant: world.acme.uuid, v: 3, payload: { n: 1 } })
  })

  it('that are garbage are parked as they were found', async () => {
    const garbage = ['{{{', null, { tenant: 'acme' }, { tenant: world.acme.uuid, v: 2, payload: { n: 'one' } }, { tenant: null, v: 2, payload: { n: 1 } }]
    for (const data of garbage) await insert(data)
    await runDueJobs()
    expect(ran).to.have.length(0)
    const parked = await parkedJobs()
    expect(parked.map((job) => job.reason)).to.deep.equal(garbage.map(() => 'garbage'))
    expect(parked.map((job) => job.payload).reverse()).to.deep.equal(garbage)
  })

  it('that this worker does not know stay where they are', async () => {
    await (await jobStore()).saveJob({ name: 'test.of-tomorrow', type: 'normal', priority: 0, nextRunAt: clock.real(), data: { tenant: null, v: 1, payload: {} } }, undefined)
    await runDueJobs()
    expect((await listJobs()).jobs.map((job) => job.name)).to.deep.equal(['test.of-tomorrow'])
  })

  it('can be run for one tenant alone', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    await world.as(world.globex, () => note.enqueue({ n: 2 }))
    expect(await runDueJobs({ tenant: world.globex })).to.equal(1)
    expect(ran.map((run) => run.tenant)).to.deep.equal(['globex'])
  })

  it('can be brought forward by hand', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }, { at: new Date('2026-12-24T18:00:00Z') }))
    await retryJob((await listJobs()).jobs[0]!.id)
    expect(await runDueJobs()).to.equal(1)
  })

  it('whose worker died run again when the lock has expired, not before', async () => {
    await world.as(world.acme, () => note.enqueue({ n: 1 }))
    await centralDb()('agenda_jobs').update({ next_run_at: null, locked_at: new Date(Date.now() - 30_000) })
    expect(await runDueJobs()).to.equal(0)
    await centralDb()('agenda_jobs').update({ locked_at: new Date(Date.now() - 61_000) })
    expect(await runDueJobs()).to.equal(1)
    expect(ran[0]).to.include({ tenant: 'acme' })
  })

  it('of a sandbox tenant fall due by its own clock, and follow it when it is moved', async () => {
    let sandbox = { ...world.acme, sandbox: true }
    world.directory.put(sandbox)
    await world.as(sandbox, () => note.enqueue({ n: 1 }, { at: new Date('2026-12-10T12:00:00Z') }))
    await world.as(sandbox, () => note.enqueue({ n: 2 }, { at: new Date('2026-12-20T12:00:00Z') }))
    sandbox = { ...(await world.directory.setClock(sandbox, 30 * 86_400_000)) }
    expect(await runDueJobs({ tenant: sandbox })).to.equal(1)
    expect(ran[0]).to.deep.include({ n: 1, at: new Date('2026-12-10T12:00:00Z') })
    setClock('2026-11-20T12:00:00Z')
    expect(await runDueJobs()).to.equal(1)
    expect(ran[1]).to.deep.include({ n: 2, at: new Date('2026-12-20T12:00:00Z') })
  })
})
