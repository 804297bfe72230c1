import { expect } from 'chai'
import type { Tenant } from '../tenancy/tenant.js'
import { Broker } from './broker.js'
import { DatabaseBusy } from './database-busy.js'
import type { Account, Physical } from './physical.js'
import { adminConnection, serverOf } from './servers.js'
import { makeTestTenants } from './test-tenants.js'

const accountOf = (t: Tenant): Account => ({ key: t.uuid, user: t.db.user, password: t.db.password, database: t.db.database })
const ask = (p: Physical, sql: string): Promise<Array<Record<string, unknown>>> => new Promise((resolve, reject) => {
  p.raw.query(sql, (error: Error | null, rows: unknown) => (error ? reject(error) : resolve(rows as Array<Record<string, unknown>>)))
})
const failure = async (promise: Promise<unknown>): Promise<Error> => promise.then(() => { throw new Error('It did not fail.') }, (e: Error) => e)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('The connection broker', () => {
  let tenants: Tenant[]
  let accounts: Account[]
  let drop: () => Promise<void>
  let broker: Broker
  const account = (i: number) => accounts[i] as Account
  const makeBroker = (budget: number, more: { acquireTimeoutMs?: number; strict?: boolean; port?: number } = {}) => {
    const { host, port } = serverOf(1)
    return (broker = new Broker({ host, port, budget, ...more }))
  }

  before(async () => {
    ({ tenants, drop } = await makeTestTenants(20, ['create table who (id int primary key)']))
    accounts = tenants.map(accountOf)
    const admin = await adminConnection(1)
    for (const [i, t] of tenants.entries()) await admin.query(`insert into \`${t.db.database}\`.who values (${i})`)
    await admin.end()
  })
  afterEach(() => broker.close())
  after(() => drop())

  it('never shows a tenant the rows of another, in 5,000 interleaved queries of 20 tenants over 5 connections', async () => {
    makeBroker(5)
    let wrong = 0
    let asked = 0
    const worker = async (n: number) => {
      for (let k = 0; k < 125; k++) {
        const i = (n * 7 + k * 3) % 20
        const p = await broker.acquire(account(i))
        const [row] = await ask(p, 'select id, database() as d, current_user() as u from who')
        if (row?.id !== i || row.d !== account(i).database || row.u !== `${account(i).user}@%`) wrong++
        asked++
        broker.release(p)
      }
    }
    await Promise.all(Array.from({ length: 40 }, (_none, n) => worker(n)))
    expect({ wrong, asked }).to.eql({ wrong: 0, asked: 5000 })
    const { size, busy, waiting, steals, waits } = broker.snapshot()
    expect({ size, busy, waiting }).to.eql({ size: 5, busy: 0, waiting: 0 })
    expect(steals).to.be.greaterThan(100)
    expect(waits).to.be.greaterThan(100)
  })

  it('keeps a tenant on its own connection while there is room', async () => {
    makeBroker(4)
    for (let k = 0; k < 10; k++) broker.release(await broker.acquire(account(k % 2)))
    expect(broker.snapshot()).to.include({ opens: 2, hits: 8, steals: 0 })
  })

  it('steals the connection that has been unused for longest', async () => {
    makeBroker(2)
    for (const i of [0, 1, 0, 2]) broker.release(await broker.acquire(account(i)))
    const p = await broker.acquire(account(0))
    expect(broker.snapshot()).to.include({ steals: 1, hits: 2 })
    broker.release(p)
  })

  it('lets the database itself refuse another tenant\'s schema, also one whose name differs only where "_" is a wildcard', async () => {
    makeBroker(2)
    const p = await broker.acquire(account(0))
    const refusal = await failure(ask(p, `select * from \`${account(1).database}\`.who`))
    expect((refusal as Error & { errno: number }).errno).to.equal(1142)
    const admin = await adminConnection(1)
    const lookalike = account(0).database.replace('_', 'x')
    try {
      await admin.query(`create database \`${lookalike}\`; create table \`${lookalike}\`.who (id int)`)
      expect(((await failure(ask(p, `select * from \`${lookalike}\`.who`))) as Error & { errno: number }).errno).to.equal(1142)
    } finally {
      await admin.query(`drop database if exists \`${lookalike}\``)
      await admin.end()
      broker.release(p)
    }
  })

  it('destroys a connection whose change of tenant failed, so that nobody continues as the old tenant', async () => {
    makeBroker(1)
    const p = await broker.acquire(account(0))
    broker.release(p)
    const refusal = await failure(broker.acquire({ ...account(1), password: 'wrong' }))
    expect(refusal).to.be.instanceOf(DatabaseBusy)
    expect(((refusal.cause as { errno: number }).errno)).to.equal(1045)
    expect(p.healthy).to.equal(false)
    expect(broker.snapshot()).to.include({ size: 0, failures: 1 })
    const next = await broker.acquire(account(2))
    expect((await ask(next, 'select id from who'))[0]).to.eql({ id: 2 })
    broker.release(next)
  })

  it('notices in strict mode when a connection is not who it should be', async () => {
    makeBroker(1, { strict: true })
    const p = await broker.acquire(account(0))
    await failure(p.verify(account(1)))
    expect(p.healthy).to.equal(false)
    broker.release(p)
    expect(broker.snapshot().size).to.equal(0)
  })

  it('resets the session when it changes the tenant: variables and open transactions do not cross over', async () => {
    makeBroker(1)
    const p = await broker.acquire(account(0))
    await ask(p, 'set @secret = 42')
    await ask(p, 'start transaction')
    await ask(p, 'insert into who values (999)')
    broker.release(p)
    const q = await broker.acquire(account(1))
    expect((await ask(q, 'select @secret as s'))[0]).to.eql({ s: null })
    broker.release(q)
    const r = await broker.acquire(account(0))
    expect(await ask(r, 'select id from who where id = 999')).to.eql([])
    broker.release(r)
  })

  it('gives up on a connection whose change of tenant is not answered, and goes on with another', async () => {
    makeBroker(1, { acquireTimeoutMs: 90 })
    const p = await broker.acquire(account(0))
    broker.release(p)
    ;(p.raw as unknown as { stream: { pause(): void } }).stream.pause()
    expect((await failure(broker.acquire(account(1)))).cause).to.have.property('message', 'The server did not answer the change of user.')
    expect(broker.snapshot()).to.include({ size: 0, busy: 0 })
    broker.release(await broker.acquire(account(1)))
  })

  it('says busy with a time to try again when no connection becomes free in time', async () => {
    makeBroker(1, { acquireTimeoutMs: 60 })
    const p = await broker.acquire(account(0))
    const refusal = await failure(broker.acquire(account(1))) as DatabaseBusy
    expect(refusal).to.be.instanceOf(DatabaseBusy)
    expect(refusal).to.include({ status: 503, retryAfter: 2 })
    expect(broker.snapshot()).to.include({ timeouts: 1, waiting: 0 })
    broker.release(p)
    broker.release(await broker.acquire(account(1)))
  })

  it('does not let one busy tenant keep the others out: it never gets more than its share while they wait', async () => {
    makeBroker(4, { acquireTimeoutMs: 2000 })
    const greedy = { served: 0, stop: false }
    const hog = async () => {
      while (!greedy.stop) {
        const p = await broker.acquire(account(0))
        await pause(5)
        broker.release(p)
        greedy.served++
      }
    }
    const hogs = Array.from({ length: 40 }, hog)
    await pause(30)
    const waits: number[] = []
    for (let k = 0; k < 20; k++) {
      const began = performance.now()
      const p = await broker.acquire(account(1 + (k % 3)))
      waits.push(performance.now() - began)
      broker.release(p)
    }
    greedy.stop = true
    await Promise.all(hogs)
    expect(greedy.served).to.be.greaterThan(20)
    expect(waits.sort((a, b) => a - b)[10]).to.be.lessThan(40)
  })

  it('keeps a parked connection for its unit of work, and gives it to those who wait when it stays unused', async () => {
    makeBroker(1, { acquireTimeoutMs: 500 })
    const owner = {}
    const p = await broker.acquire(account(0))
    broker.park(p, owner)
    expect(broker.unpark(p, {}), 'somebody else\'s').to.equal(false)
    expect(broker.unpark(p, owner)).to.equal(true)
    broker.park(p, owner)
    const began = performance.now()
    const q = await broker.acquire(account(1))
    expect(performance.now() - began).to.be.greaterThan(10)
    expect(q).to.equal(p)
    expect(broker.unpark(p, owner)).to.equal(false)
    broker.release(q)
  })

  it('fails fast for a tenant whose database is gone, and for nobody else', async () => {
    makeBroker(3)
    const dead = { ...account(5), database: 'there_is_no_such_database' }
    for (let k = 0; k < 2; k++) await failure(broker.acquire(dead))
    const opens = broker.snapshot().opens
    const began = performance.now()
    for (let k = 0; k < 50; k++) expect(await failure(broker.acquire(dead))).to.be.instanceOf(DatabaseBusy)
    expect(performance.now() - began).to.be.lessThan(50)
    expect(broker.snapshot().opens).to.equal(opens)
    broker.release(await broker.acquire(account(6)))
  })

  it('refuses at once after a few failures while the server is down', async () => {
    makeBroker(3, { port: 1 })
    for (let k = 0; k < 3; k++) await failure(broker.acquire(account(k)))
    const opens = broker.snapshot().opens
    const refusal = await failure(broker.acquire(account(4))) as DatabaseBusy
    expect(refusal.message).to.contain('server')
    expect(broker.snapshot().opens).to.equal(opens)
  })

  it('closes a drained tenant\'s unused connections now, and its used one when it comes back', async () => {
    makeBroker(3)
    const [a, b] = [await broker.acquire(account(0)), await broker.acquire(account(0))]
    const other = await broker.acquire(account(1))
    broker.release(a)
    broker.drain(account(0).key)
    expect(broker.snapshot().size).to.equal(2)
    expect((await ask(b, 'select id from who'))[0]).to.eql({ id: 0 })
    broker.release(b)
    expect(broker.snapshot().size).to.equal(1)
    broker.release(other)
  })

  it('forgets a connection that the server closed', async () => {
    makeBroker(2)
    const [p, q] = [await broker.acquire(account(0)), await broker.acquire(account(1))]
    broker.release(p)
    const admin = await adminConnection(1)
    await admin.query(`kill ${p.raw.threadId}; kill ${q.raw.threadId}`)
    await admin.end()
    await failure(ask(q, 'select 1'))
    broker.release(q)
    await pause(20)
    expect(broker.snapshot()).to.include({ size: 0, busy: 0 })
    const r = await broker.acquire(account(0))
    expect((await ask(r, 'select id from who'))[0]).to.eql({ id: 0 })
    broker.release(r)
  })
})
