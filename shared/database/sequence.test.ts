import { expect } from 'chai'
import { runInTenant } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { clock } from '../time/clock.js'
import { closeDatabases } from './central-database.js'
import { formatNumber, nextNumber } from './sequence.js'
import { tenantDb } from './tenant-database.js'
import { makeTestTenants } from './test-tenants.js'
import { tenantTransaction } from './transaction.js'

describe('A number series', () => {
  let acme: Tenant
  let drop: () => Promise<void>
  before(async () => {
    const made = await makeTestTenants(1, [
      'create table number_series (code varchar(32) primary key, pattern varchar(60) not null, next_number bigint unsigned not null default 1, year smallint unsigned null, yearly_reset tinyint(1) not null default 0, updated_at datetime(3) not null)',
      'create table used (number varchar(40) primary key)',
    ])
    drop = made.drop
    acme = made.tenants[0] as Tenant
    await runInTenant(acme, () => tenantDb()('number_series').insert([
      { code: 'invoice', pattern: 'INV-{year}-{n:5}', updated_at: new Date() },
      { code: 'yearly', pattern: '{year}/{n}', yearly_reset: 1, updated_at: new Date() },
    ]))
  })
  afterEach(() => clock.set())
  after(async () => {
    await closeDatabases()
    await drop()
  })
  const take = (code: string) => runInTenant(acme, () => tenantTransaction((trx) => nextNumber(trx, code)))

  it('has no gap and no double when eight finish invoices at once and some of them fail', async () => {
    clock.set('2026-07-01T12:00:00Z')
    const finish = (i: number) => runInTenant(acme, () => tenantTransaction(async (trx) => {
      const number = await nextNumber(trx, 'invoice')
      await trx('used').insert({ number })
      if (i % 5 === 0) throw new Error('no')
    }))
    const worker = async (w: number) => {
      for (let i = 0; i < 10; i++) await finish(w * 10 + i).catch(() => undefined)
    }
    await Promise.all(Array.from({ length: 8 }, (_none, w) => worker(w)))
    const used = await runInTenant(acme, () => tenantDb()('used').orderBy('number').pluck('number'))
    expect(used).to.eql(Array.from({ length: 64 }, (_none, i) => `INV-2026-${String(i + 1).padStart(5, '0')}`))
  })

  it('begins again when the year changes where the tenant lives, not where the server stands', async () => {
    clock.set('2026-12-31T23:00:00Z')
    expect([await take('yearly'), await take('yearly')]).to.eql(['2026/1', '2026/2'])
    clock.set('2027-01-01T04:59:59Z')
    expect(await take('yearly')).to.equal('2026/3')
    clock.set('2027-01-01T05:00:00Z')
    expect([await take('yearly'), await take('yearly')]).to.eql(['2027/1', '2027/2'])
  })

  it('never cuts a long number, and says so when a series is missing', async () => {
    expect(formatNumber('W{n:3}', 2026, 12345)).to.equal('W12345')
    expect(await take('nothing').catch((e: Error) => e.message)).to.contain('no number series')
  })
})
