import { expect } from 'chai'
import { centralDb } from '../database/central-database.js'
import { tenantDb } from '../database/tenant-database.js'
import { tenantTransaction } from '../database/transaction.js'
import { listJobs } from '../jobs/console.js'
import { runDueJobs } from '../jobs/run-due-jobs.js'
import { currentTenantOrNull, runInCentral } from '../tenancy/context.js'
import { setClock, useWorld } from '../testing/world.js'
import { currentActor, withActor } from './actor.js'
import { claimMs, dispatchPending } from './dispatch.js'
import { on, withoutReactions } from './reactions.js'
import { record } from './record.js'

type Row = Record<string, unknown>

describe('events', () => {
  const world = useWorld()
  const seen: string[] = []
  const fails = new Map<string, number>()
  let putBack: () => void = () => undefined
  const note = async (event: { id: number; type: string; data: Readonly<Record<string, unknown>> }) => {
    const name = String(event.data['n'])
    const left = fails.get(name) ?? 0
    fails.set(name, left - 1)
    if (left > 0) throw new Error(`cannot do ${name}`)
    seen.push(`${currentTenantOrNull()?.slug ?? 'central'}:${name}`)
  }
  const rows = (tenant = world.acme): Promise<Row[]> => world.as(tenant, async () => await tenantDb()('events').orderBy('id') as Row[])
  const happened = (n: string, tenant = world.acme) => world.as(tenant, () => tenantTransaction(() => record('test.happened', { type: 'things', id: 1 }, { n })))

  beforeEach(async () => {
    setClock('2026-11-10T12:00:00Z')
    await world.clean()
    Object.assign(seen, { length: 0 })
    fails.clear()
    putBack = withoutReactions()
    on('test.happened', 'note it', note)
  })
  afterEach(() => putBack())

  it('say what happened, to what, by whom and where', async () => {
    await world.as(world.acme, () => withActor({ kind: 'user', id: 7, ip: '192.0.2.1' }, () => record('thing.sold', { type: 'things', id: 5 }, { price: 3 })))
    const [row] = await rows()
    expect(row).to.include({ type: 'thing.sold', subject_type: 'things', subject_id: 5, user_id: 7, actor_kind: 'user', actor_id: 7, ip: '192.0.2.1' })
    expect((row!['occurred_at'] as Date).toISOString()).to.equal('2026-11-10T12:00:00.000Z')
    expect(currentActor().kind).to.equal('system')
  })

  it('name a model by its table', async () => {
    class Thing { static tableName = 'things'; id = 9 }
    await world.as(world.acme, () => record('thing.made', new Thing()))
    expect((await rows())[0]).to.include({ subject_type: 'things', subject_id: 9 })
  })

  it('of central stand in the central database with their reseller', async () => {
    await runInCentral(() => record('reseller.opened', { type: 'tenants', id: 3 }, {}, { tenantId: 3 }))
    expect(await centralDb()('events').first() as Row).to.include({ type: 'reseller.opened', tenant_id: 3, actor_kind: 'system' })
    expect(await rows()).to.have.length(0)
  })

  it('vanish with the transaction that was rolled back, and are not delivered', async () => {
    await world.as(world.acme, () => tenantTransaction(async () => {
      await record('test.happened', null, { n: 'a' })
      throw new Error('no')
    })).catch(() => undefined)
    expect(await rows()).to.have.length(0)
    expect((await listJobs()).total).to.equal(0)
  })

  it('are delivered after the commit, in the order in which they were recorded, each in its own tenant', async () => {
    await world.as(world.acme, () => tenantTransaction(async () => {
      for (const n of ['a', 'b', 'c']) await record('test.happened', null, { n })
    }))
    await happened('x', world.globex)
    expect((await listJobs()).total).to.equal(2)
    await runDueJobs()
    expect(seen.filter((s) => s.startsWith('acme'))).to.deep.equal(['acme:a', 'acme:b', 'acme:c'])
    expect(seen.filter((s) => s.startsWith('globex'))).to.deep.equal(['globex:x'])
    expect((await rows()).every((row) => row['dispatched_at'])).to.equal(true)
  })

  it('of central are delivered in central', async () => {
    await runInCentral(() => record('test.happened', null, { n: 'a' }))
    await runDueJobs()
    expect(seen).to.deep.equal(['central:a'])
  })

  it('are not delivered twice by two dispatchers at once, and keep their order', async () => {
    for (let n = 0; n < 12; n++) await happened(String(n))
    await Promise.all([1, 2, 3].map(() => world.as(world.acme, () => dispatchPending())))
    expect(seen).to.deep.equal(Array.from({ length: 12 }, (_, n) => `acme:${n}`))
  })

  it('whose reaction fails step aside, keep the error and come again with growing pauses', async () => {
    fails.set('a', 2)
    await happened('a')
    await happened('b')
    await world.as(world.acme, () => dispatchPending())
    expect(seen).to.deep.equal(['acme:b'])
    expect((await rows())[0]).to.include({ attempts: 1, error: 'note it: cannot do a', dispatched_at: null })
    setClock('2026-11-10T12:00:09.999Z')
    await world.as(world.acme, () => dispatchPending())
    expect((await rows())[0]).to.include({ attempts: 1 })
    setClock('2026-11-10T12:00:10Z')
    await world.as(world.acme, () => dispatchPending())
    expect((await rows())[0]).to.include({ attempts: 2 })
    setClock('2026-11-10T12:00:30Z')
    await world.as(world.acme, () => dispatchPending())
    expect(seen).to.deep.equal(['acme:b', 'acme:a'])
    expect((await rows())[0]!['error']).to.equal(null)
  })

  it('of one tenant do not wait for a failing one of another', async () => {
    fails.set('bad', 99)
    await happened('bad')
    await happened('good', world.globex)
    await runDueJobs()
    expect(seen).to.deep.equal(['globex:good'])
  })

  it('are delivered again when the dispatcher died in the middle', async () => {
    await happened('a')
    await happened('b')
    await world.as(world.acme, async () => await tenantDb()('events').orderBy('id').limit(1).update({ claimed_until: new Date(Date.parse('2026-11-10T12:00:00Z') + claimMs) }))
    await world.as(world.acme, () => dispatchPending())
    expect(seen).to.deep.equal([])
    setClock(new Date(Date.parse('2026-11-10T12:00:00Z') + claimMs))
    await world.as(world.acme, () => dispatchPending())
    expect(seen).to.deep.equal(['acme:a', 'acme:b'])
  })

  it('that nobody listens to are settled at once, but never by a process that listens to nothing', async () => {
    await world.as(world.acme, () => record('test.ignored', null))
    const again = withoutReactions()
    await world.as(world.acme, () => dispatchPending())
    expect((await rows())[0]!['dispatched_at']).to.equal(null)
    again()
    await world.as(world.acme, () => dispatchPending())
    expect((await rows())[0]!['dispatched_at']).to.be.instanceOf(Date)
  })

  it('cannot have two reactions of one name', () => {
    expect(() => on('test.happened', 'note it', note)).to.throw('two reactions')
  })
})
