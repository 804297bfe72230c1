import { expect } from 'chai'
import { assertOutsideAllowed } from '../outside/client.js'
import { runAsPlatform, runInTenant, WrongTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { closeDatabases } from './central-database.js'
import { errnoOf } from './database-busy.js'
import { withAdmin } from './migration-connection.js'
import { brokerSnapshots, tenantDb } from './tenant-database.js'
import { makeTestTenants } from './test-tenants.js'
import { afterCommit, centralTransaction, inTransaction, tenantTransaction } from './transaction.js'

const failure = async (promise: PromiseLike<unknown>): Promise<Error> => promise.then(() => { throw new Error('It did not fail.') }, (e: Error) => e)

describe('A transaction', () => {
  let acme: Tenant
  let drop: () => Promise<void>
  const names = async () => (await tenantDb()('things').orderBy('id').pluck('name')) as string[]
  const add = (name: string) => tenantDb()('things').insert({ name })

  before(async () => {
    const made = await makeTestTenants(1, ['create table things (id int auto_increment primary key, name varchar(60) unique, n int not null default 0)'])
    drop = made.drop
    acme = made.tenants[0] as Tenant
  })
  beforeEach(() => runInTenant(acme, () => tenantDb()('things').delete()))
  afterEach(() => expect(brokerSnapshots()[0]).to.include({ busy: 0, parked: 0 }))
  after(async () => {
    await closeDatabases()
    await drop()
  })

  it('keeps all or nothing', async () => {
    await runInTenant(acme, async () => {
      expect(await tenantTransaction(async () => { await add('a'); return 'done' })).to.equal('done')
      expect((await failure(tenantTransaction(async () => { await add('b'); throw new Error('no') }))).message).to.equal('no')
      expect(await names()).to.eql(['a'])
    })
  })

  it('is joined by the ones inside it, which are undone with it', async () => {
    await runInTenant(acme, async () => {
      await failure(tenantTransaction(async (outer) => {
        await tenantTransaction(async (inner) => {
          expect(inner).to.equal(outer)
          await add('inner')
        })
        throw new Error('no')
      }))
      expect(await names()).to.eql([])
    })
  })

  it('runs what waits for the commit after the commit, in order, and never after a rollback', async () => {
    await runInTenant(acme, async () => {
      const ran: string[] = []
      await tenantTransaction(async () => {
        await add('a')
        afterCommit(async () => { ran.push(`first sees ${(await names()).join()}`) })
        await tenantTransaction(async () => afterCommit(() => { ran.push('second') }))
        expect(ran).to.eql([])
      })
      await failure(tenantTransaction(async () => { afterCommit(() => { ran.push('never') }); throw new Error('no') }))
      afterCommit(() => { ran.push('at once') })
      expect(ran).to.eql(['first sees a', 'second', 'at once'])
    })
  })

  it('stays committed when a step after it fails', async () => {
    await runInTenant(acme, async () => {
      const ran: string[] = []
      await tenantTransaction(async () => {
        await add('a')
        afterCommit(() => { throw new Error('the nudge failed') })
        afterCommit(() => { ran.push('next') })
      })
      expect([await names(), ran]).to.eql([['a'], ['next']])
    })
  })

  it('keeps the doors to the outside shut while it is open, and only then', async () => {
    await runInTenant(acme, async () => {
      expect(inTransaction()).to.equal(false)
      await tenantTransaction(async () => {
        expect(inTransaction()).to.equal(true)
        expect(() => assertOutsideAllowed('stripe')).to.throw('inside a transaction')
        afterCommit(() => assertOutsideAllowed('stripe'))
      })
      assertOutsideAllowed('stripe')
      expect(inTransaction()).to.equal(false)
    })
  })

  it('is repeated as a whole after a deadlock, without repeating what waited for the commit', async () => {
    await runInTenant(acme, async () => { await add('x'); await add('y') })
    let attempts = 0
    let committed = 0
    let meet = (): void => undefined
    const both = new Promise<void>((resolve) => { meet = resolve })
    const bump = (first: string, second: string) => runInTenant(acme, () => tenantTransaction(async () => {
      attempts++
      afterCommit(() => { committed++ })
      await tenantDb()('things').where({ name: first }).increment('n', 1)
      if (attempts === 2) meet() // each holds its first row now
      await both
      await tenantDb()('things').where({ name: second }).increment('n', 1)
    }))
    await Promise.all([bump('x', 'y'), bump('y', 'x')])
    expect(attempts).to.be.greaterThan(2)
    expect(committed).to.equal(2)
    await runInTenant(acme, async () => expect(await tenantDb()('things').pluck('n')).to.eql([2, 2]))
  })

  describe('after a deadlock (here a trigger that reports as many as the column n says)', () => {
    const meet = (name: string, n: number) => tenantDb()('things').insert({ name, n })
    before(() => withAdmin(1, (root) => root.query(`create trigger ${acme.db.database}.unlucky before insert on ${acme.db.database}.things for each row
      if coalesce(@met, 0) < new.n then set @met = coalesce(@met, 0) + 1; signal sqlstate '40001' set mysql_errno = 1213, message_text = 'Deadlock'; elseif new.n > 0 then set @met = 0; end if`)))
    after(() => withAdmin(1, (root) => root.query(`drop trigger ${acme.db.database}.unlucky`)))

    it('sends a statement that stands alone again, three times at most', async () => {
      await runInTenant(acme, async () => {
        await meet('x', 3)
        expect(await names()).to.eql(['x'])
        expect(errnoOf(await failure(meet('y', 9)))).to.equal(1213)
        await meet('y', 1)
        expect(await names()).to.eql(['x', 'y'])
      })
    })

    it('repeats a statement of a transaction only with all of it', async () => {
      let attempts = 0
      await runInTenant(acme, () => tenantTransaction(async () => { attempts++; await add('before'); await meet('x', 2) }))
      expect(attempts).to.equal(3)
      await runInTenant(acme, async () => expect(await names()).to.eql(['before', 'x']))
    })
  })

  it('gives up after three repetitions', async () => {
    let attempts = 0
    const deadlock = Object.assign(new Error('Deadlock'), { errno: 1213 })
    expect(await failure(runInTenant(acme, () => tenantTransaction(async () => { attempts++; throw deadlock })))).to.equal(deadlock)
    expect(attempts).to.equal(4)
  })

  it('of a tenant never nests with one of the platform', async () => {
    await runInTenant(acme, () => tenantTransaction(async () => {
      expect(await failure(runAsPlatform(() => centralTransaction(async () => 1)))).to.be.instanceOf(WrongTenant)
      expect(inTransaction()).to.equal(true)
    }))
  })

  it('does not draw in a second one that runs beside it in the same unit of work', async () => {
    await runInTenant(acme, async () => {
      const results = await Promise.allSettled([
        tenantTransaction(async () => { await add('kept'); await new Promise((resolve) => setTimeout(resolve, 30)) }),
        tenantTransaction(async () => { await add('undone'); throw new Error('no') }),
      ])
      expect(results.map((r) => r.status)).to.eql(['fulfilled', 'rejected'])
      expect(await names()).to.eql(['kept'])
    })
  })
})
