import { expect } from 'chai'
import { NoTenant, runAsPlatform, runInCentral, runInTenant, WrongTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { centralDb, closeDatabases } from './central-database.js'
import { brokerOf, brokerSnapshots, drainTenant, releaseLease, tenantDb, tenantDbOf } from './tenant-database.js'
import { makeTestTenants } from './test-tenants.js'
import { tenantTransaction } from './transaction.js'

const failure = async (promise: PromiseLike<unknown>): Promise<Error> => promise.then(() => { throw new Error('It did not fail.') }, (e: Error) => e)
const whoAmI = async (): Promise<number> => ((await tenantDb()('who').first('id')) as { id: number }).id

describe('A tenant\'s database', () => {
  let acme: Tenant
  let globex: Tenant
  let drop: () => Promise<void>

  before(async () => {
    const made = await makeTestTenants(2, ['create table who (id int primary key)'])
    drop = made.drop
    ;[acme, globex] = made.tenants as [Tenant, Tenant]
    for (const t of made.tenants) await runInTenant(t, () => tenantDb()('who').insert({ id: t.id }))
  })
  beforeEach(() => closeDatabases())
  after(async () => {
    await closeDatabases()
    await drop()
  })

  it('is the one of the tenant being served', async () => {
    expect(await runInTenant(acme, whoAmI)).to.equal(1)
    expect(await runInTenant(globex, whoAmI)).to.equal(2)
  })

  it('does not exist outside a tenant\'s work', async () => {
    expect(() => tenantDb()).to.throw(NoTenant)
    expect(await failure(runInCentral(whoAmI))).to.be.instanceOf(NoTenant)
    expect(await failure(runInTenant(acme, () => runAsPlatform(whoAmI)))).to.be.instanceOf(NoTenant)
  })

  it('refuses a query that was built for one tenant and is awaited by another', async () => {
    const query = await runInTenant(acme, () => ({ built: tenantDb()('who').first('id') }))
    expect(await failure(runInTenant(globex, async () => await query.built))).to.be.instanceOf(WrongTenant)
  })

  it('lets kernel code read a tenant from central, but not from another tenant', async () => {
    expect(await runInCentral(() => tenantDbOf(acme)('who').first('id'))).to.eql({ id: 1 })
    expect(await failure(runInTenant(globex, () => tenantDbOf(acme)('who').first('id')))).to.be.instanceOf(WrongTenant)
  })

  it('keeps the central database away from a tenant\'s work, also when the query was built before', async () => {
    expect(await failure(runInTenant(acme, () => centralDb()('tenants').first()))).to.be.instanceOf(WrongTenant)
    const query = centralDb().select(1)
    expect(await failure(runInTenant(acme, async () => await query))).to.be.instanceOf(WrongTenant)
  })

  it('serves a whole unit of work over one connection, its parallel queries included', async () => {
    await runInTenant(acme, async () => {
      await whoAmI()
      expect(await Promise.all(Array.from({ length: 10 }, whoAmI))).to.eql(Array.from({ length: 10 }, () => 1))
      expect(brokerSnapshots()[0]).to.include({ size: 1, parked: 1, busy: 0 })
    })
    expect(brokerSnapshots()[0]).to.include({ size: 1, parked: 0, busy: 0 })
  })

  it('gives the connection back early when the work goes outside, and leases again afterwards', async () => {
    await runInTenant(acme, async () => {
      await whoAmI()
      releaseLease()
      expect(brokerSnapshots()[0]).to.include({ parked: 0, busy: 0 })
      expect(await whoAmI()).to.equal(1)
    })
  })

  it('never blocks the budget: many units of work that pause in the middle get by with few connections', async () => {
    const broker = brokerOf(1)
    Object.assign(broker, { options: { ...(broker as unknown as { options: object }).options, budget: 2 } })
    const work = (t: Tenant) => runInTenant(t, async () => {
      const first = await whoAmI()
      await new Promise((resolve) => setTimeout(resolve, 60))
      return [first, await whoAmI(), (await Promise.all([whoAmI(), whoAmI()])).length]
    })
    const results = await Promise.all(Array.from({ length: 12 }, (_none, i) => work(i % 2 ? acme : globex)))
    expect(results).to.eql(Array.from({ length: 12 }, (_none, i) => (i % 2 ? [1, 1, 2] : [2, 2, 2])))
    expect(broker.snapshot()).to.include({ size: 2, timeouts: 0 })
  })

  it('keeps a query beside a transaction of the same unit of work out of that transaction', async () => {
    await runInTenant(acme, async () => {
      let seen: unknown
      const done = tenantTransaction(async (trx) => {
        await trx('who').insert({ id: 77 })
        await new Promise((resolve) => setTimeout(resolve, 50))
        throw new Error('undo')
      })
      await new Promise((resolve) => setTimeout(resolve, 15))
      seen = await tenantDb()('who').where({ id: 77 }).first()
      expect((await failure(done)).message).to.equal('undo')
      expect(seen).to.equal(undefined)
      expect(await whoAmI()).to.equal(1)
    })
    expect(brokerSnapshots()[0]).to.include({ busy: 0 })
  })

  it('keeps plain names in plain queries', async () => {
    await runInTenant(acme, async () => expect(await tenantDb()('who').select('id as someName').first()).to.eql({ someName: 1 }))
  })

  it('does not begin transactions past tenantTransaction', async () => {
    await runInTenant(acme, async () => expect(() => tenantDb().transaction(async () => 1)).to.throw('tenantTransaction'))
  })

  it('closes the connections of a drained tenant', async () => {
    await runInTenant(acme, whoAmI)
    await runInTenant(globex, whoAmI)
    drainTenant(acme)
    expect(brokerSnapshots()[0]).to.include({ size: 1 })
    expect(await runInTenant(acme, whoAmI)).to.equal(1)
  })
})
