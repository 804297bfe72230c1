import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { centralChange, centralQueries, centralRows } from '../database/migration-central.js'
import { withLease } from '../database/lock.js'
import { FleetBusy } from './fleet-lock.js'
import { makeFleet, type TestFleet } from '../testing/fleet.js'
import { migrateFleet, repairFleet, resumeFleet, rollbackFleet } from './fleet.js'
import { planFleet } from './fleet-plan.js'
import { fleetView } from './ledger.js'
import { scriptBeside } from '../testing/own-process.js'

const first = { '0001-create-users': 'create table if not exists users (id int primary key, nick varchar(20));\n-- down\ndrop table users;' }
const unique = 'alter table users add unique key users_nick (nick);\n-- down\nalter table users drop index users_nick;'

describe('migrating two hundred tenants', function () {
  this.timeout(60_000)
  let fleet: TestFleet
  const everyone = { selection: {} }
  const bundle = () => ({ ...everyone, bundle: fleet.bundle.read() })
  before(async () => void (fleet = await makeFleet(200, first, false)))
  after(() => fleet.end())

  it('leaves the others done when one fails, and marks that one with file, step and statement', async () => {
    await fleet.inside('t137', `insert into users values (1, 'ann'), (2, 'ann')`)
    fleet.bundle.write('0002-unique-nick', unique)
    const { outcome, total, done, failed, results } = await migrateFleet(bundle())
    expect({ outcome, total, done, failed }).to.deep.equal({ outcome: 'finished', total: 200, done: 199, failed: 1 })
    const bad = results.find((r) => r.status === 'failed')!
    expect(bad).to.include({ tenant: 't137', from: '0001-create-users', to: '0001-create-users' })
    expect(bad.failure).to.include({ file: '0002-unique-nick', step: 1, sql: 'alter table users add unique key users_nick (nick)', errno: 1062 })
    const rows = await centralRows(`select t.slug, l.failed_file, l.failed_step, l.failed_sql, l.error_code from migration_ledger l join tenants t on t.id = l.tenant_id where l.status = 'failed'`)
    expect(rows).to.deep.equal([{ slug: 't137', failed_file: '0002-unique-nick', failed_step: 1, failed_sql: 'alter table users add unique key users_nick (nick)', error_code: '1062' }])
  })

  it('finishes with resume once the tenant has been put right, visiting only that one', async () => {
    await fleet.inside('t137', 'update users set nick = null where id = 2')
    const { outcome, total, done } = await resumeFleet(bundle())
    expect({ outcome, total, done }).to.deep.equal({ outcome: 'finished', total: 1, done: 1 })
    expect((await fleetView({}, fleet.bundle.read(), true)).members).to.deep.equal([])
  })

  it('visits nobody and asks central once when there is nothing to do', async () => {
    const before = centralQueries()
    expect((await migrateFleet(bundle())).outcome).to.equal('up-to-date')
    expect(centralQueries() - before).to.equal(1)
  })

  /** Lets a process migrate to what the bundle says now, and kills it once it has told that 60 are done. */
  async function killInTheMiddle(): Promise<number> {
    const { file, execArgv } = scriptBeside(import.meta, '../testing/fleet-to-kill')
    const child = spawn(process.execPath, [...execArgv, file, fleet.bundle.folder], { env: fleet.env, stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise<void>((resolve) => child.stdout.on('data', (text: Buffer) => String(text).includes('60') && resolve()))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('exit', resolve))
    return child.pid!
  }

  it('is killed in the middle, and resume does only what is left', async () => {
    fleet.bundle.write('0003-create-notes', 'create table if not exists notes (id int primary key);')
    fleet.bundle.write('0004-more-notes', 'alter table notes add column body text;')
    const pid = await killInTheMiddle()
    const before = await fleet.having('notes')
    expect(before).to.be.within(60, 199)
    const notes: string[] = []
    const { outcome, total, done } = await resumeFleet(bundle(), { note: (text) => notes.push(text) })
    expect({ outcome, done }).to.deep.equal({ outcome: 'finished', done: total })
    expect(total).to.be.below(200)
    expect(notes.join()).to.contain(`The run of pid ${pid} on this machine is gone`)
    expect(await fleet.having('notes')).to.equal(200)
    expect((await migrateFleet(bundle())).outcome).to.equal('up-to-date')
  })

  it('stops before the rest when a canary fails', async () => {
    await fleet.inside('t002', 'drop table notes')
    fleet.bundle.write('0005-index-notes', 'alter table notes add column title varchar(80);')
    const { outcome, done, failed, left } = await migrateFleet({ ...bundle(), canary: 5, concurrency: 2 })
    expect({ outcome, done, failed, left }).to.deep.equal({ outcome: 'stopped', done: 4, failed: 1, left: 195 })
    await fleet.inside('t002', 'create table notes (id int primary key, body text)')
  })

  it('stops at the first failure, or after some, when told so', async () => {
    for (const slug of ['t010', 't011', 't012']) await fleet.inside(slug, 'drop table notes')
    const selection = { only: ['t009', 't010', 't011', 't012', 't013'] }
    const stopped = await migrateFleet({ ...bundle(), selection, onError: 'stop', concurrency: 1 })
    expect(stopped).to.include({ outcome: 'stopped', done: 1, failed: 1, left: 3 })
    const some = await migrateFleet({ ...bundle(), selection, maxFailures: 2, concurrency: 1 })
    expect(some).to.include({ outcome: 'stopped', done: 0, failed: 2, left: 2 })
    for (const slug of ['t010', 't011', 't012']) await fleet.inside(slug, 'create table notes (id int primary key, body text)')
    await resumeFleet(bundle())
  })

  it('shows in a dry run what each tenant would get, and changes nothing', async () => {
    fleet.bundle.write('0006-create-tags', 'create table if not exists tags (id int primary key);\n-- down\ndrop table tags;')
    const { members } = await planFleet({ ...bundle(), selection: { only: ['t001', 't200'] } })
    expect(members).to.deep.equal(['t001', 't200'].map((tenant) => ({
      tenant, from: '0005-index-notes', files: [{ name: '0006-create-tags', sql: ['create table if not exists tags (id int primary key)'] }] })))
    expect(await fleet.having('tags')).to.equal(0)
  })

  it('finishes the tenants at work when it is asked to stop, and goes on later', async () => {
    const stop = new AbortController()
    let seen = 0
    const summary = await migrateFleet({ ...bundle(), signal: stop.signal }, { result: () => void (++seen === 20 && stop.abort()) })
    expect(summary).to.include({ outcome: 'interrupted', failed: 0 })
    expect(summary.done).to.be.within(20, 24)
    expect(await fleet.having('tags')).to.equal(summary.done)
    expect(await migrateFleet(bundle())).to.include({ outcome: 'finished', total: 200 - summary.done })
  })

  it('takes a migration back for the tenants that are named', async () => {
    const selection = { only: ['t001', 't002'] }
    expect(await rollbackFleet({ ...bundle(), selection, count: 1 })).to.include({ done: 2 })
    expect(await fleet.having('tags')).to.equal(198)
    expect((await fleetView({}, fleet.bundle.read(), true)).members.map((m) => m.slug)).to.have.members(['t001', 't002'])
    await migrateFleet(bundle())
  })

  it('sets the ledger right when it and a tenant disagree', async () => {
    await centralChange(`update migration_ledger set status = 'failed', bundle_hash = null where tenant_id = (select id from tenants where slug = 't005')`)
    const { results } = await repairFleet(bundle())
    expect(results.map((r) => [r.tenant, r.to])).to.deep.equal([['t005', '0006-create-tags']])
    expect((await migrateFleet(bundle())).outcome).to.equal('up-to-date')
  })

  it('waits for nobody: a run while another holds the lock is refused and told who has it', async () => {
    fleet.bundle.write('0007-create-late', 'create table if not exists late (id int primary key);')
    await withLease('fleet', 30, async () => {
      const error = await migrateFleet(bundle()).then(() => null, (e: unknown) => e)
      expect(error).to.be.instanceOf(FleetBusy)
      expect(String(error)).to.contain(`pid ${process.pid}`)
      expect(await fleet.having('late')).to.equal(0)
    })
  })

  it('tells apart that nobody was named and that nobody is behind', async () => {
    expect((await migrateFleet({ ...bundle(), selection: { only: ['nobody'] } })).outcome).to.equal('nothing-matched')
    expect(await migrateFleet({ ...bundle(), selection: { except: fleet.slugs.slice(1) } })).to.include({ outcome: 'finished', total: 1 })
  })

  describe('with one statement for each, whose journals are written together', () => {
    const head = async (): Promise<string[]> => [...new Set(await Promise.all(fleet.slugs.map(async (slug) => String((await fleet.inside(slug, 'select max(name) as head from schema_journal where status = \'done\''))[0]?.['head']))))]

    it('is killed before some journals were written: the next run sees in the schema what has run, and runs nothing twice', async () => {
      await migrateFleet(bundle())
      // It refuses to be run twice.
      fleet.bundle.write('0008-add-colour', 'alter table notes add column colour varchar(20);')
      await killInTheMiddle()
      const written = Number((await Promise.all(fleet.slugs.map((slug) => fleet.inside(slug, `select name from schema_journal where name = '0008-add-colour'`)))).flat().length)
      expect(written).to.be.within(0, 199)
      const { outcome, failed, results } = await migrateFleet({ ...bundle() })
      expect({ outcome, failed }).to.deep.equal({ outcome: 'finished', failed: 0 })
      expect(results.some((r) => r.detail.join().includes('0008-add-colour: ')), 'some were in doubt').to.equal(true)
      expect(await head()).to.deep.equal(['0008-add-colour'])
      expect((await migrateFleet(bundle())).outcome).to.equal('up-to-date')
    })

    it('tells a tenant whose journal refuses the row from the others, and sets it right later', async () => {
      fleet.bundle.write('0009-add-shape', 'alter table notes add column shape varchar(20);')
      await fleet.inside('t042', `create trigger shut before insert on schema_journal for each row signal sqlstate '45000' set message_text = 'shut'`)
      const { done, failed, results } = await migrateFleet(bundle())
      expect({ done, failed }).to.deep.equal({ done: 199, failed: 1 })
      expect(results.find((r) => r.status === 'failed')).to.include({ tenant: 't042', to: '0008-add-colour' })
      expect((await fleetView({}, fleet.bundle.read(), true)).members.map((m) => [m.slug, m.doubtful])).to.deep.equal([['t042', true]])
      await fleet.inside('t042', 'drop trigger shut')
      expect(await migrateFleet(bundle())).to.include({ outcome: 'finished', total: 1, done: 1 })
      expect(await head()).to.deep.equal(['0009-add-shape'])
    })
  })
})
