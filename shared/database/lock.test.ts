import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { config, overrideConfig } from '../config.js'
import { runAsPlatform, runInCentral, runInTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { centralDb, closeDatabases } from './central-database.js'
import { expireLease, leaseHolder, withLease, withTenantLock } from './lock.js'
import type { AdminConnection } from './migration-connection.js'
import { adminConnection } from './servers.js'
import { tenantDb } from './tenant-database.js'
import { makeTestTenants } from './test-tenants.js'
import { centralTransaction, tenantTransaction } from './transaction.js'

const failure = async (promise: PromiseLike<unknown>): Promise<Error> => promise.then(() => { throw new Error('It did not fail.') }, (e: Error) => e)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('A lease', () => {
  const before_ = config().CENTRAL_DATABASE
  const name = `kl${randomBytes(4).toString('hex')}`

  before(async () => {
    await closeDatabases()
    overrideConfig({ CENTRAL_DATABASE: name })
    const admin = await adminConnection(1)
    const file = readFileSync(new URL('../../migrations-central/0017-create-leases.sql', import.meta.url), 'utf8')
    await admin.query(`create database \`${name}\`; use \`${name}\`; ${file.split('-- down')[0] ?? ''}`)
    await admin.end()
  })
  after(async () => {
    await closeDatabases()
    const admin = await adminConnection(1)
    await admin.query(`drop database \`${name}\``)
    await admin.end()
    overrideConfig({ CENTRAL_DATABASE: before_ })
  })

  it('is held by one at a time; the others are told so at once', async () => {
    await runInCentral(async () => {
      const seen: unknown[] = []
      let [begins, ends] = [() => {}, () => {}]
      const [begun, ended] = [new Promise<void>((resolve) => (begins = resolve)), new Promise<void>((resolve) => (ends = resolve))]
      const first = withLease('billing', 30, async () => { begins(); await ended; seen.push(await leaseHolder('billing')); return 'done' })
      await begun
      expect(await withLease('billing', 5, () => 'never')).to.equal('held')
      ends()
      expect(await first).to.equal('done')
      expect(seen[0]).to.include({ pid: process.pid, expired: false })
      expect(await withLease('billing', 5, () => 'again')).to.equal('again')
    })
  })

  it('gives each holder a higher fence than the one before, also after a failure', async () => {
    await runInCentral(async () => {
      const a = await withLease('fenced', 5, (fence) => fence)
      await failure(withLease('fenced', 5, () => { throw new Error('no') }))
      expect(await withLease('fenced', 5, (fence) => fence)).to.equal(Number(a) + 2)
    })
  })

  it('stays with a slow holder that lives, and passes on when the holder died', async () => {
    await runInCentral(async () => {
      const slow = withLease('slow', 1, async () => { await pause(1600); return 'finished' })
      await pause(1300)
      expect(await withLease('slow', 1, () => 'stolen')).to.equal('held')
      expect(await slow).to.equal('finished')
      await centralDb()('leases').insert({ name: 'dead', owner: 'gone:1:x', host: 'gone', pid: 1, fence: 7, acquired_at: '2020-01-01', heartbeat_at: '2020-01-01', expires_at: '2020-01-01' })
      expect(await withLease('dead', 5, (fence) => fence)).to.equal(8)
    })
  })

  it('can be taken over by decision, and tells the former holder that it is lost', async () => {
    await runInCentral(async () => {
      let lost: AbortSignal | undefined
      const former = withLease('taken', 1.5, async (_fence, signal) => {
        lost = signal
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      })
      await pause(30)
      await expireLease('taken')
      expect(await withLease('taken', 5, async () => { await former; return lost?.reason as unknown })).to.equal('taken')
      expect(await leaseHolder('nobody')).to.equal(null)
    })
  })

  it('counts as lost before its time is over when it cannot be renewed, whether the database refuses or does not answer', async () => {
    const ttl = 1.5
    const lossAfter = (hinder: (admin: AdminConnection) => Promise<unknown>, free: (admin: AdminConnection) => Promise<unknown>) => runInCentral(async () => {
      const admin = await adminConnection(1)
      await admin.query(`use \`${name}\``)
      const begun = performance.now()
      const after = await withLease('cut off', ttl, async (_fence, lost) => {
        await hinder(admin)
        await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()))
        const ms = performance.now() - begun
        await free(admin)
        expect(lost.reason).to.equal('not renewed')
        return ms
      })
      await admin.end()
      return Number(after)
    })
    const refused = await lossAfter((admin) => admin.query('alter table leases change heartbeat_at away datetime(3) not null'), (admin) => admin.query('alter table leases change away heartbeat_at datetime(3) not null'))
    expect(refused).to.be.within(ttl * 0.7 * 1000, ttl * 1000)
    const hanging = await lossAfter((admin) => admin.query(`start transaction; select * from leases where name = 'cut off' for update`), (admin) => admin.query('rollback'))
    expect(hanging).to.be.within(ttl * 0.7 * 1000, ttl * 1000)
  })

  it('keeps what was done under it when it cannot be given back', async () => {
    await runInCentral(async () => {
      const admin = await adminConnection(1)
      const kept = await withLease('given back', 5, async () => { await admin.query(`rename table \`${name}\`.leases to \`${name}\`.away`); return 'kept' })
      await admin.query(`rename table \`${name}\`.away to \`${name}\`.leases`)
      await admin.end()
      expect(kept).to.equal('kept')
    })
  })

  it('is taken before a transaction, not inside one', async () => {
    await runInCentral(async () => expect((await failure(centralTransaction(() => withLease('x', 5, () => 1)))).message).to.contain('before the transaction'))
  })
})

describe('A lock of a tenant', () => {
  let acme: Tenant
  let globex: Tenant
  let drop: () => Promise<void>
  before(async () => {
    const made = await makeTestTenants(2, ['create table things (id int primary key)'])
    drop = made.drop
    ;[acme, globex] = made.tenants as [Tenant, Tenant]
  })
  after(async () => {
    await closeDatabases()
    await drop()
  })

  it('lets one unit of work at a time through, and does not concern other tenants', async () => {
    const order: string[] = []
    const enter = (t: Tenant, label: string, ms: number) => runInTenant(t, () => withTenantLock('invoices', async () => { order.push(`${label}+`); await pause(ms); order.push(`${label}-`) }))
    const first = enter(acme, 'a', 120)
    await pause(30)
    await Promise.all([first, enter(acme, 'b', 5), enter(globex, 'g', 5)])
    expect(order).to.eql(['a+', 'g+', 'g-', 'a-', 'b+', 'b-'])
  })

  it('is given up on after the time limit, and is free again after a failure', async () => {
    const first = runInTenant(acme, () => withTenantLock('busy', async () => { await pause(150); throw new Error('no') }))
    await pause(30)
    expect((await failure(runInTenant(acme, () => withTenantLock('busy', () => 1, 0)))).name).to.equal('DatabaseBusy')
    expect((await failure(first)).message).to.equal('no')
    expect(await runInTenant(acme, () => withTenantLock('busy', () => 'free', 0))).to.equal('free')
  })

  it('holds while a transaction inside it runs and ends', async () => {
    await runInTenant(acme, () => withTenantLock('deep', async () => {
      await tenantTransaction(async () => { await tenantDb()('things').insert({ id: 1 }) })
      await tenantDb()('things').first()
      const other = await runAsPlatform(() => failure(runInTenant(acme, () => withTenantLock('deep', () => 1, 0))))
      expect(other.name).to.equal('DatabaseBusy')
    }))
  })
})
