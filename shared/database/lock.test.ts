import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { config, overrideConfig } from '../config.js'
import { runAsPlatform, runInCentral, runInTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { centralDb, closeDatabases } from './central-database.js'
import { expireLease, leaseHolder, withLease, withTenantLock } from './lock.js'
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
      const first = withLease('billing', 5, async () => { await pause(60); seen.push(await leaseHolder('billing')); return 'done' })
      await pause(20)
      expect(await withLease('billing', 5, () => 'never')).to.equal('held')
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
      const slow = withLease('slow', 0.3, async () => { await pause(700); return 'finished' })
      await pause(500)
      expect(await withLease('slow', 0.3, () => 'stolen')).to.equal('held')
      expect(await slow).to.equal('finished')
      await centralDb()('leases').insert({ name: 'dead', owner: 'gone:1:x', host: 'gone', pid: 1, fence: 7, acquired_at: '2020-01-01', heartbeat_at: '2020-01-01', expires_at: '2020-01-01' })
      expect(await withLease('dead', 5, (fence) => fence)).to.equal(8)
    })
  })

  it('can be taken over by decision, and tells the former holder that it is lost', async () => {
    await runInCentral(async () => {
      let lost: AbortSignal | undefined
      const former = withLease('taken', 0.3, async (_fence, signal) => { lost = signal; await pause(400) })
      await pause(30)
      await expireLease('taken')
      expect(await withLease('taken', 5, async () => { await former; return lost?.aborted })).to.equal(true)
      expect(await leaseHolder('nobody')).to.equal(null)
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
