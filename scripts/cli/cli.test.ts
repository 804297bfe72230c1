import { expect } from 'chai'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { parseConfig } from '../../shared/config.js'
import { withLease } from '../../shared/database/lock.js'
import { centralChange, centralRows } from '../../shared/database/migration-central.js'
import { withAdmin } from '../../shared/database/migration-connection.js'
import { makeFleet, type TestFleet } from '../../shared/testing/fleet.js'
import { Driver, type Outcome } from './drive.js'
import { exitCodeOf, sayError } from './exit-codes.js'

let driver: Driver
const ezscale = (...argv: string[]): Promise<Outcome> => driver.run(...argv)

describe('the command line', function () {
  this.timeout(60_000)
  let fleet: TestFleet
  before(async () => {
    fleet = await makeFleet(8, { '0001-create-users': 'create table if not exists users (id int primary key, nick varchar(20));' })
    await centralChange(`insert into tenant_domains (tenant_id, domain, type, created_at, updated_at) select id, concat(slug, '.test'), 'primary', utc_timestamp(3), utc_timestamp(3) from tenants`)
  })
  before(() => void (driver = new Driver(fleet.env)))
  after(async () => {
    driver.end()
    await fleet.end()
  })
  const folder = (): string[] => ['--migrations', fleet.bundle.folder]

  it('begins its help with examples and ends it with the exit codes', async () => {
    const { code, out } = await ezscale('--help')
    expect(code).to.equal(0)
    expect(out).to.match(/^Examples:\n {2}\$ ezscale tenants list/).and.match(/75 {3}temporary[\s\S]*78 {3}configuration/)
    const migrate = await ezscale('tenants', 'migrate', '--help')
    for (const command of ['tenants migrate', 'tenants', 'jobs', 'jobs run', 'clock', 'clock advance', 'central', 'central migrate', 'snapshot check', 'servers add', 'doctor']) {
      expect((await ezscale(...command.split(' '), '--help')).out, command).to.match(/Exit codes:\n {2}0 {4}all well[\s\S]*interrupted; the tenants at work were finished\n$/)
    }
    expect(migrate.out).to.match(/^Examples:/).and.contain('--max-failures').and.contain('--json')
  })

  it('suggests the nearest command and leaves with 2 when it does not know one', async () => {
    const { code, err } = await ezscale('tenants', 'migrat')
    expect(code).to.equal(2)
    expect(err).to.contain('Did you mean migrate?')
    expect((await ezscale('tenants', 'migrate')).err).to.contain('Say which tenants')
    expect((await ezscale('tenants', 'migrate', '--all', '--concurrency', 'many')).err).to.contain('whole number')
    for (const verb of ['run', 'migrate']) expect((await ezscale('tenants', verb, '--all', '--on-error', 'foo')).err).to.contain('It must be stop or continue.')
  })

  it('lists tenants as the array that scripts rely on', async () => {
    const { code, json } = await ezscale('tenants', 'list', '--only', 't001', '--json')
    expect(code).to.equal(0)
    expect(json()).to.deep.equal([{ slug: 't001', name: 't001', status: 'active', database: fleet.databaseOf('t001'), server: 'first', schema: '0001-create-users', behind: true, domains: ['t001.test'] }])
    expect((await ezscale('tenants', 'list', '--only', 'nobody')).code).to.equal(5)
  })

  it('migrates, says who failed at which statement and how to go on, and leaves with 1', async () => {
    await fleet.inside('t005', `insert into users values (1, 'a'), (2, 'a')`)
    fleet.bundle.write('0002-unique-nick', 'alter table users add unique key users_nick (nick);')
    const plan = await ezscale('tenants', 'migrate', '--all', '--dry-run', ...folder())
    expect(plan.out).to.contain('t001: from 0001-create-users\n  0002-unique-nick\n    alter table users add unique key users_nick (nick);')
    const { code, err, json } = await ezscale('tenants', 'migrate', '--all', '--json', ...folder())
    expect(code).to.equal(1)
    expect(err).to.contain('t005: 0002-unique-nick, statement 1 of 1: Duplicate entry').and.contain('(1062)').and.contain('statement: alter table users add unique key')
    expect(err).to.contain('go on with: ezscale tenants resume --only t005').and.match(/Migrated: 7 of 8 done in [\d.]+ s\. Failed: t005\n$/)
    expect(json<object>()).to.include({ v: 1, outcome: 'finished', total: 8, done: 7, failed: 1 })
  })

  it('resumes with a line of JSON a tenant, does nothing the second time, and tells that nobody matched', async () => {
    await fleet.inside('t005', 'update users set nick = id')
    const resumed = await ezscale('tenants', 'resume', '--all', '--ndjson', ...folder())
    expect(resumed.code).to.equal(0)
    const lines = resumed.out.trim().split('\n').map((line) => JSON.parse(line) as { tenant: string; status: string; to: string })
    expect(lines.map(({ tenant, status, to }) => ({ tenant, status, to }))).to.deep.equal([{ tenant: 't005', status: 'done', to: '0002-unique-nick' }])
    const nothing = await ezscale('tenants', 'migrate', '--all', '--dry-run', '--ndjson', ...folder())
    expect([nothing.code, nothing.out, nothing.err]).to.deep.equal([0, '', '0 of 8 would change. Nothing was done.\n'])
    const again = await ezscale('tenants', 'migrate', '--all', ...folder())
    expect(again.code).to.equal(0)
    expect(again.err).to.contain('Nothing to do: 8 tenants are at 0002-unique-nick')
    expect((await ezscale('tenants', 'migrate', '--only', 'nobody', ...folder())).code).to.equal(5)
  })

  it('names every tenant it does not know, leaves with 5 and has done nothing, wherever tenants are named', async () => {
    fleet.bundle.write('0003-create-notes', 'create table if not exists notes (id int primary key);\n-- down\ndrop table notes;')
    const verbs = [['migrate'], ['resume'], ['repair'], ['rollback', '--yes'], ['drift'], ['list'], ['status'], ['audit'], ['run']]
    for (const [verb, ...more] of verbs) {
      const own = ['migrate', 'resume', 'repair', 'rollback', 'drift'].includes(verb!) ? folder() : verb === 'run' ? ['--', 'select 1'] : []
      const { code, out, err } = await ezscale('tenants', verb!, '--only', 't001,nosuch,typo', '--json', ...more, ...own)
      expect({ verb, code, out, err }).to.deep.equal({ verb, code: 5, out: '', err: 'There is no tenant "nosuch", "typo". Nothing was done. See: ezscale tenants list\n' })
    }
    expect((await ezscale('tenants', 'migrate', '--except', 't01', ...folder())).err).to.contain('There is no tenant "t01"')
    expect(await fleet.having('notes')).to.equal(0)
    expect((await ezscale('tenants', 'show', 'nosuch')).err).to.equal('There is no tenant "nosuch". See: ezscale tenants list\n')
  })

  it('leaves an audit of nobody with 5, and knows --behind only where it is looked at', async () => {
    const nobody = await ezscale('tenants', 'audit', '--except', fleet.slugs.join(','), '--json')
    expect([nobody.code, nobody.out]).to.deep.equal([5, '[]\n'])
    for (const verb of ['audit', 'rollback', 'drift', 'run']) {
      const { code, err } = await ezscale('tenants', verb, '--behind')
      expect([verb, code, err.split('\n')[0]]).to.deep.equal([verb, 2, `error: unknown option '--behind'`])
    }
  })

  it('leaves with 3 while another run holds the lock, and takes it over when told to', async () => {
    await withLease('fleet', 30, async () => {
      const held = await ezscale('tenants', 'migrate', '--all', ...folder())
      expect(held.code).to.equal(3)
      expect(held.err).to.contain(`pid ${process.pid}`).and.contain('--take-over')
      expect((await ezscale('tenants', 'migrate', '--all', '--take-over', ...folder())).code).to.equal(0)
    })
  })

  it('leaves with 4 when a live schema has drifted, and names what differs', async () => {
    await fleet.inside('t003', 'alter table users modify nick varchar(99)')
    const { code, out } = await ezscale('tenants', 'drift', '--all', ...folder())
    expect(code).to.equal(4)
    expect(out).to.contain('t003\n  table users, column nick is ')
    await fleet.inside('t003', 'alter table users modify nick varchar(20)')
    expect((await ezscale('tenants', 'drift', '--all', ...folder())).code).to.equal(0)
  })

  it('shows what a rollback would take back, newest first, and takes nothing back; it needs neither a yes nor the lock', async () => {
    await withLease('fleet', 30, async () => {
      const { code, out, err } = await ezscale('tenants', 'rollback', '--only', 't001', '--dry-run', '--yes', ...folder())
      expect({ code, out, err }).to.deep.equal({ code: 0, out: 't001: from 0003-create-notes\n  0003-create-notes\n    drop table notes;\n', err: '1 of 1 would change. Nothing was done.\n' })
    })
    const deeper = await ezscale('tenants', 'rollback', '--only', 't001', '--steps', '2', '--dry-run', '--json', ...folder())
    expect(deeper.json<{ tenants: object[] }>().tenants).to.deep.equal([{ tenant: 't001', from: '0003-create-notes', files: [], problem: '0002-unique-nick cannot be taken back: it has no "-- down" part.' }])
    const lines = await ezscale('tenants', 'rollback', '--all', '--dry-run', '--ndjson', ...folder())
    expect(JSON.parse(lines.out.split('\n')[0]!)).to.deep.equal({ tenant: 't001', from: '0003-create-notes', files: [{ name: '0003-create-notes', sql: ['drop table notes'] }] })
    expect(await fleet.having('notes')).to.equal(8)
  })

  it('asks before a rollback, and does it with --yes', async () => {
    expect((await ezscale('tenants', 'rollback', '--only', 't001', ...folder())).code).to.equal(2)
    expect(await fleet.having('notes')).to.equal(8)
    expect((await ezscale('tenants', 'rollback', '--only', 't001', '--yes', ...folder())).code).to.equal(0)
    expect(await fleet.having('notes')).to.equal(7)
  })

  it('finds a lost database, a strange one, a wide grant and a journal that contradicts the ledger', async () => {
    const database = fleet.databaseOf('t002')
    await withAdmin(1, async (c) => {
      await c.query(`create database ${database.slice(0, -2)}xx; grant select on \`${database}\`.* to '${database}_a'@'%'`)
      await c.query(`drop database ${fleet.databaseOf('t004')}`)
    })
    await centralChange(`update migration_ledger set bundle_hash = 'x' where tenant_id = (select id from tenants where slug = 't006')`)
    const { code, json } = await ezscale('tenants', 'audit', '--json')
    expect(code).to.equal(1)
    const findings = json<Array<{ tenant: string; check: string; subject: string }>>()
    const has = (tenant: string | null, check: string): boolean => findings.some((f) => f.tenant === tenant && f.check === check)
    expect([has('t004', 'database.missing'), has(null, 'database.orphan'), has('t002', 'account.wide-grant'), has('t006', 'schema.ledger'), has('t007', 'account.wide-grant')]).to.deep.equal([true, true, true, true, false])
    await withAdmin(1, (c) => c.query(`drop database ${database.slice(0, -2)}xx; create database ${fleet.databaseOf('t004')}`))
  })

  it('runs SQL as the tenant\'s own account: a statement it may not do fails there and leaves with 1', async () => {
    const read = await ezscale('tenants', 'run', '--only', 't001,t002', '--json', '--', 'select count(*) as n from users')
    expect(read.json()).to.have.length(2)
    const refused = await ezscale('tenants', 'run', '--only', 't001', '--', 'drop table users')
    expect(refused.code).to.equal(1)
    expect(refused.err).to.contain('denied')
  })

  it('does not drop a tenant whose name is not given again', async () => {
    const asked = await ezscale('tenants', 'drop', 't008')
    expect(asked.code).to.equal(2)
    expect(asked.err).to.contain('--confirm=t008')
    expect((await ezscale('tenants', 'drop', 't008', '--confirm=t007')).code).to.equal(2)
    expect(await centralRows(`select status from tenants where slug = 't008'`)).to.deep.equal([{ status: 'active' }])
  })

  it('refuses to move a clock that is no sandbox, and words that are no time', async () => {
    expect((await ezscale('clock', 'advance', '--tenant', 't001', '--by', '1 day')).err).to.contain('only a sandbox has a clock of its own')
    expect((await ezscale('clock', 'advance', '--tenant', 't001', '--by', 'a while')).code).to.equal(2)
  })

  it('says 78 for configuration and 75 for a database that does not answer', async () => {
    const wrong = await Promise.resolve().then(() => parseConfig({})).catch((e: unknown) => e)
    expect(exitCodeOf(wrong)).to.equal(78)
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 1 })
    expect(exitCodeOf(new Error('busy', { cause: away }))).to.equal(75)
    expect(sayError(away)).to.contain('does not answer at 127.0.0.1:1')
  })

  it('works from any folder, finishes the tenants at work on Ctrl-C and says how to go on', async () => {
    fleet.bundle.write('0004-slow', 'update users set nick = null where id = 0 or sleep(1);')
    await fleet.inside('t001', 'insert ignore into users values (9, null)')
    const script = path.resolve(import.meta.dirname, '../ezscale')
    const child = spawn(script, ['tenants', 'migrate', '--only', 't001,t002,t003', '--concurrency', '1', '--migrations', fleet.bundle.folder], { cwd: '/', env: fleet.env })
    let err = ''
    child.stderr.on('data', (text: Buffer) => {
      if (!err.includes('3 to do') && (err += String(text)).includes('3 to do')) child.kill('SIGINT')
      else err += String(text)
    })
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect(err).to.contain('the tenants at work are being finished').and.contain('Go on with: ezscale tenants resume --only t001,t002,t003')
    expect(code).to.equal(130)
  })
})
