import { expect } from 'chai'
import objection from 'objection'
import { NotFound, Refusal } from '../errors.js'
import { runInCentral, runInTenant, WrongTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { clock } from '../time/clock.js'
import { closeDatabases } from './central-database.js'
import { CentralModel } from './central-model.js'
import { tenantDb, tenantDbOf } from './tenant-database.js'
import { TenantModel } from './tenant-model.js'
import { makeTestTenants } from './test-tenants.js'
import { tenantTransaction } from './transaction.js'

class Owner extends TenantModel {
  static override tableName = 'owners'
  static override timestamps = []
  static override relationMappings = () => ({ pets: { relation: objection.Model.HasManyRelation, modelClass: Pet, join: { from: 'owners.id', to: 'pets.ownerId' } } })
  declare id: number
  declare fullName: string
  declare pets?: Pet[]
}
class Pet extends TenantModel {
  static override tableName = 'pets'
  static override booleans = ['isTame']
  static override moves = { hungry: ['fed'], fed: ['hungry', 'asleep'] }
  declare id: number
  declare publicId: string
  declare ownerId: number
  declare status: string
  declare isTame: boolean
  declare createdAt: Date
  declare updatedAt: Date
}
class Somewhere extends CentralModel {
  static override tableName = 'owners'
}

const failure = async (promise: PromiseLike<unknown>): Promise<Error> => promise.then(() => { throw new Error('It did not fail.') }, (e: Error) => e)
const thrown = (fn: () => unknown): unknown => {
  try {
    fn()
  } catch (error) {
    return error
  }
  throw new Error('It did not fail.')
}

describe('A record of a tenant', () => {
  let acme: Tenant
  let globex: Tenant
  let drop: () => Promise<void>
  const inAcme = <T>(fn: () => T | Promise<T>) => runInTenant(acme, fn)
  const inGlobex = <T>(fn: () => T | Promise<T>) => runInTenant(globex, fn)

  before(async () => {
    const made = await makeTestTenants(2, [
      'create table owners (id int auto_increment primary key, full_name varchar(60))',
      'create table pets (id int auto_increment primary key, public_id varchar(20), owner_id int, status varchar(10), is_tame tinyint(1) not null default 1, created_at datetime(3) not null, updated_at datetime(3) not null)',
    ])
    drop = made.drop
    ;[acme, globex] = made.tenants as [Tenant, Tenant]
  })
  beforeEach(async () => {
    for (const t of [acme, globex]) {
      await runInTenant(t, async () => {
        await tenantDb()('pets').delete()
        await tenantDb()('owners').delete()
        await Owner.query().insert({ id: 1, fullName: `Owner at ${t.slug}` })
        await Pet.query().insert({ id: 1, publicId: 'p1', ownerId: 1, status: 'hungry' })
      })
    }
  })
  afterEach(() => clock.set())
  after(async () => {
    await closeDatabases()
    await drop()
  })
  const pet = () => inAcme(() => Pet.findOwned({ publicId: 'p1' }))
  const globexPet = () => inGlobex(async () => ({ ...(await tenantDb()('pets').first()) as object }))

  for (const [act, use] of Object.entries<(p: Pet) => PromiseLike<unknown>>({
    'patched': (p) => p.$query().patch({ status: 'fed' }),
    'updated': (p) => p.$query().update({ ownerId: 1, status: 'fed' }),
    'reloaded': (p) => p.$query(),
    'deleted': (p) => p.$query().delete(),
    'inserted again': (p) => Pet.query().insert(p),
    'moved': (p) => p.become('fed'),
  })) {
    it(`may not be ${act} by another tenant, and the other tenant's row of the same number stays as it was`, async () => {
      const mine = await pet()
      const before = await globexPet()
      expect(await failure(inGlobex(async () => await use(mine)))).to.be.instanceOf(WrongTenant)
      expect(await globexPet()).to.eql(before)
    })
  }

  it('may not be followed to its relations, nor given any, by another tenant', async () => {
    const owner = await inAcme(() => Owner.findOwned({ id: 1 }))
    expect(await failure(inGlobex(async () => await owner.$relatedQuery('pets')))).to.be.instanceOf(WrongTenant)
    expect(await failure(inGlobex(async () => await Owner.relatedQuery('pets').for(owner as never)))).to.be.instanceOf(WrongTenant)
    expect(await failure(inGlobex(async () => await Owner.fetchGraph(owner, 'pets')))).to.be.instanceOf(WrongTenant)
    expect(await failure(inGlobex(async () => await owner.$fetchGraph('pets')))).to.be.instanceOf(WrongTenant)
  })

  it('may not be shown by another tenant', async () => {
    const mine = await pet()
    expect(await failure(inGlobex(() => mine.toJSON()))).to.be.instanceOf(WrongTenant)
    expect(await failure(inGlobex(() => JSON.stringify({ mine })))).to.be.instanceOf(WrongTenant)
    expect(await inAcme(() => mine.toJSON())).to.include({ publicId: 'p1' })
  })

  it('is stamped when it comes with a graph, too', async () => {
    const owner = await inAcme(() => Owner.query().findById(1).withGraphFetched('pets').throwIfNotFound())
    const first = owner.pets?.[0] as Pet
    expect(await failure(inGlobex(async () => await first.$query()))).to.be.instanceOf(WrongTenant)
  })

  it('is not queried without a tenant, from central, or through another tenant\'s handle', async () => {
    expect(thrown(() => Pet.query())).to.be.instanceOf(Error)
    expect(await failure(runInCentral(async () => await Pet.query()))).to.have.property('name', 'NoTenant')
    const other = await runInCentral(() => ({ db: tenantDbOf(acme) }))
    expect(await failure(inGlobex(async () => await Pet.query(other.db)))).to.be.instanceOf(WrongTenant)
    expect(await failure(inGlobex(async () => await Somewhere.query()))).to.be.instanceOf(WrongTenant)
  })

  it('runs a query for the tenant it was built for, or not at all', async () => {
    const query = await inAcme(() => ({ built: Pet.query() }))
    expect(await failure(inGlobex(async () => await query.built))).to.be.instanceOf(WrongTenant)
  })

  it('is found by either spelling of its columns', async () => {
    await inAcme(async () => {
      expect((await Pet.query().where('publicId', 'p1').orderBy('createdAt')).length).to.equal(1)
      expect((await Pet.query().where('public_id', 'p1').orderBy('created_at')).length).to.equal(1)
      expect((await Pet.query().where('pets.ownerId', 1).select('pets.publicId', 'ownerId as keeper'))[0]).to.include({ publicId: 'p1', keeper: 1 })
      expect((await Owner.query().withGraphJoined('pets').where('pets.isTame', true))[0]?.pets?.[0]).to.include({ publicId: 'p1', isTame: true })
    })
  })

  it('keeps when it was made and changed, by the clock', async () => {
    await inAcme(async () => {
      clock.set('2026-11-01T00:00:00.123Z')
      const made = await Pet.query().insertAndFetch({ ownerId: 1, status: 'hungry' })
      expect(made.createdAt.toISOString()).to.equal('2026-11-01T00:00:00.123Z')
      clock.set('2026-11-02T00:00:00.000Z')
      await made.$query().patch({ status: 'fed' })
      const again = await Pet.findOwned({ id: made.id })
      expect([again.createdAt.toISOString(), again.updatedAt.toISOString()]).to.eql(['2026-11-01T00:00:00.123Z', '2026-11-02T00:00:00.000Z'])
    })
  })

  it('looks the same when it is missing and when it belongs to somebody else', async () => {
    expect(await failure(inAcme(() => Pet.findOwned({ publicId: 'p1', ownerId: 2 })))).to.be.instanceOf(NotFound).with.property('message', 'This pet does not exist.')
  })

  it('moves along declared states only, and only if nobody was first', async () => {
    await inAcme(async () => {
      const [mine, same] = [await Pet.findOwned({ publicId: 'p1' }), await Pet.findOwned({ publicId: 'p1' })]
      await mine.become('fed', { ownerId: 1 })
      expect(mine.status).to.equal('fed')
      const late = await failure(same.become('fed'))
      expect(late).to.be.instanceOf(Refusal).with.property('code', 'pets.moved')
      expect((await failure(mine.become('dead'))).message).to.contain('does not move from fed to dead')
      expect((await Pet.findOwned({ publicId: 'p1' })).status).to.equal('fed')
    })
  })

  it('joins the open transaction without being told', async () => {
    await inAcme(async () => {
      await failure(tenantTransaction(async () => {
        await (await Pet.findOwned({ publicId: 'p1' })).become('fed')
        await Owner.query().insert({ fullName: 'New' })
        throw new Error('undo')
      }))
      expect((await Pet.findOwned({ publicId: 'p1' })).status).to.equal('hungry')
      expect(await Owner.query().resultSize()).to.equal(1)
    })
  })
})
