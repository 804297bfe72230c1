import { expect } from 'chai'
import { scratchDatabase, TemporaryBundle } from '../testing/fleet.js'
import { rowsOf } from './migration-connection.js'
import { JournalMismatch, journalHeads, readJournal } from './migration-journal.js'
import { repairJournal } from './migration-repair.js'
import { splitStatements, traceOf } from './migration-statements.js'
import { applyPending, MigrationFailed, rollbackLast } from './migrator.js'

const create = (table: string): string => `create table if not exists ${table} (id int primary key);\n-- down\ndrop table if exists ${table};\n`
const three = { '0001-create-a': create('a'), '0002-create-b': create('b'), '0003-create-c': create('c') }

/** The error that a promise ends with; fails when it does not. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => expect.fail('expected it to be refused'), (error: unknown) => error)
}

describe('migrating one database', () => {
  let scratch: Awaited<ReturnType<typeof scratchDatabase>>
  let files: TemporaryBundle
  beforeEach(async () => {
    scratch = await scratchDatabase()
    files = new TemporaryBundle(three)
  })
  afterEach(async () => {
    await scratch.end()
    files.end()
  })
  const tables = async (): Promise<string[]> => (await rowsOf(scratch.connection, 'show tables')).map((r) => String(Object.values(r)[0])).filter((t) => t !== 'schema_journal').sort()
  const apply = (allow: ConstructorParameters<typeof JournalMismatch>[0][] = []) => applyPending(scratch.connection, files.read(), { allow })

  it('runs what is pending once, and nothing the second time', async () => {
    const first = await apply()
    expect(first.applied).to.deep.equal(['0001-create-a', '0002-create-b', '0003-create-c'])
    expect(first.hash).to.equal(files.read().hash)
    expect((await apply()).applied).to.deep.equal([])
    const [row] = await rowsOf(scratch.connection, 'select * from schema_journal')
    expect(row).to.include({ status: 'done', step: 1 })
    expect(row!.duration_ms).to.be.at.least(0)
  })

  it('keeps what went well when a statement is refused, and goes on from there once it is put right', async () => {
    files.write('0002-create-b', 'create table b (id int);\ninsert into b values (7);\nalter table b add column id int;\nalter table b add column z int;')
    const error = (await errorOf(apply())) as MigrationFailed
    expect(error).to.be.instanceOf(MigrationFailed)
    expect(error.failure).to.deep.equal({ file: '0002-create-b', step: 3, steps: 4, sql: 'alter table b add column id int', errno: 1060, applied: ['0001-create-a'] })
    const [, row] = await readJournal(scratch.connection)
    expect(row).to.include({ status: 'failed', step: 2 })
    await scratch.connection.query('alter table b drop column id, add column y int')
    await apply()
    expect(await rowsOf(scratch.connection, 'select * from b')).to.have.length(1)
    expect(await tables()).to.deep.equal(['a', 'b', 'c'])
  })

  it('refuses to go on after a crash between start and end, and repair sees that the table was made', async () => {
    await apply()
    await scratch.connection.query(`update schema_journal set status = 'started', step = 0, finished_at = null where name = '0003-create-c'`)
    expect(await errorOf(apply())).to.include({ mismatch: 'half-done', file: '0003-create-c' })
    const [finding] = await repairJournal(scratch.connection, files.read())
    expect(finding).to.include({ file: '0003-create-c', found: 'finished' })
    expect((await apply()).applied).to.deep.equal([])
  })

  it('runs a crashed file again when repair sees that its change is not there', async () => {
    await apply()
    await scratch.connection.query(`update schema_journal set status = 'started', step = 0 where name = '0003-create-c'; drop table c`)
    const [planned] = await repairJournal(scratch.connection, files.read(), { dryRun: true })
    expect(planned).to.include({ found: 'not finished' })
    expect((await errorOf(apply())) as JournalMismatch).to.include({ mismatch: 'half-done' })
    await repairJournal(scratch.connection, files.read())
    expect((await apply()).applied).to.deep.equal(['0003-create-c'])
    expect(await tables()).to.include('c')
  })

  it('refuses a file whose text changed after it ran, unless repair accepts it', async () => {
    await apply()
    files.write('0001-create-a', create('a').replace('int', 'bigint'))
    expect(await errorOf(apply())).to.include({ mismatch: 'changed', file: '0001-create-a' })
    expect(await repairJournal(scratch.connection, files.read(), { acceptChanged: true })).to.have.length(1)
    expect((await apply()).hash).to.equal(files.read().hash)
  })

  it('refuses a file that comes late, unless told', async () => {
    files.remove('0002-create-b')
    await apply()
    files.write('0002-create-b', create('b'))
    expect(await errorOf(apply())).to.include({ mismatch: 'late', file: '0002-create-b' })
    expect(await tables()).to.deep.equal(['a', 'c'])
    expect((await apply(['late'])).applied).to.deep.equal(['0002-create-b'])
  })

  it('refuses to work when a file that has run here is missing, unless told', async () => {
    await apply()
    files.remove('0002-create-b')
    files.write('0004-create-d', create('d'))
    expect(await errorOf(apply())).to.include({ mismatch: 'missing', file: '0002-create-b' })
    expect(await tables()).not.to.include('d')
    expect((await apply(['missing'])).applied).to.deep.equal(['0004-create-d'])
  })

  it('takes back the newest files, and nothing when one of them cannot be taken back', async () => {
    await apply()
    expect(await rollbackLast(scratch.connection, files.read(), 2)).to.deep.equal(['0003-create-c', '0002-create-b'])
    expect(await tables()).to.deep.equal(['a'])
    files.write('0002-create-b', 'create table b (id int);')
    await apply()
    expect(String(await errorOf(rollbackLast(scratch.connection, files.read(), 2)))).to.contain('0002-create-b cannot be taken back')
    expect(await tables()).to.deep.equal(['a', 'b', 'c'])
  })
})

describe('reading migration files', () => {
  it('splits at semicolons that end a statement, not at those in text or comments', () => {
    expect(splitStatements(`a 'x;''y' "p;q" -- c;d\n; b \`;\` /* ; */ e;\n# f;\n`)).to.deep.equal([`a 'x;''y' "p;q"`, 'b `;`  e'])
  })
  it('knows what a statement leaves in the schema', () => {
    expect(traceOf('alter table `users` add column nick varchar(9) null')).to.deep.equal({ kind: 'column', table: 'users', name: 'nick' })
    expect(traceOf('alter table users add unique key users_nick (nick)')).to.deep.equal({ kind: 'index', table: 'users', name: 'users_nick' })
    expect(traceOf('alter table users add constraint fk foreign key (a) references b (id)')).to.deep.equal({ kind: 'constraint', table: 'users', name: 'fk' })
    expect(traceOf('create unique index i on users (nick)')).to.deep.equal({ kind: 'index', table: 'users', name: 'i' })
    expect(traceOf('drop table if exists users')).to.deep.equal({ kind: 'no-table', table: 'users' })
    expect(traceOf('update users set nick = 1')).to.deep.equal({ kind: 'unknown' })
  })
  it('refuses names that break the order, shared numbers, USE and other schemas', () => {
    const files = new TemporaryBundle({ 'create-a': 'select 1;' })
    expect(() => files.read()).to.throw('NNNN-what-it-does')
    files.remove('create-a')
    files.write('0001-a', 'select 1;')
    files.write('0001-b', 'select 1;')
    expect(() => files.read()).to.throw('share a number')
    files.remove('0001-b')
    files.write('0001-a', 'use mysql;')
    expect(() => files.read()).to.throw('stays in its own')
    for (const sql of ['create table other.leak (id int)', 'alter table `other`.`users` add x int', 'insert into a select * from mysql.user', 'create table a (b int, foreign key (b) references other.users (id))']) {
      files.write('0001-a', `${sql};`)
      expect(() => files.read(), sql).to.throw('names another database')
    }
    files.write('0001-a', `insert into a select 'from x.y' from b join c on b.id = c.id`)
    expect(files.read().files).to.have.length(1)
    files.end()
  })
})

/** What a file does to a database, the state before it, and a question that tells whether it has run. */
const kinds: Record<string, { before: string; up: string }> = {
  'create table': { before: 'select 1', up: 'create table d (id int primary key)' },
  'add column': { before: 'select 1', up: 'alter table a add column nick varchar(9) null' },
  'add index': { before: 'alter table a add column nick varchar(9) null', up: 'alter table a add unique key a_nick (nick)' },
  'create index': { before: 'alter table a add column nick varchar(9) null', up: 'create index a_nick on a (nick)' },
  'add foreign key': { before: 'select 1', up: 'alter table b add constraint b_a foreign key (id) references a (id)' },
  'drop column': { before: 'alter table a add column nick varchar(9) null', up: 'alter table a drop column nick' },
  'drop index': { before: 'alter table a add column nick varchar(9) null, add key a_nick (nick)', up: 'drop index a_nick on a' },
  'drop foreign key': { before: 'alter table b add constraint b_a foreign key (id) references a (id)', up: 'alter table b drop foreign key b_a' },
  'drop table': { before: 'select 1', up: 'drop table c' },
}

describe('migrating for a run that keeps the mark', () => {
  let scratch: Awaited<ReturnType<typeof scratchDatabase>>
  let files: TemporaryBundle
  beforeEach(async () => {
    scratch = await scratchDatabase()
    files = new TemporaryBundle(three)
    await applyPending(scratch.connection, files.read())
    files.write('0004-create-d', create('d'))
  })
  afterEach(async () => {
    await scratch.end()
    files.end()
  })
  const apply = (known = 0) => applyPending(scratch.connection, files.read(), { known, marked: true })
  const repair = () => repairJournal(scratch.connection, files.read(), { doubtful: true })

  it('writes the journal once a file, in the round trip of the statement', async () => {
    const sent: string[] = []
    const query = scratch.connection.query.bind(scratch.connection) as (sql: string) => Promise<unknown>
    scratch.connection.query = ((sql: string) => sent.push(sql) && query(sql)) as typeof scratch.connection.query
    expect(await apply(3)).to.deep.equal({ applied: ['0004-create-d'], head: '0004-create-d', hash: files.read().hash })
    expect(sent).to.have.length(1)
    expect(sent[0]!.match(/schema_journal/g)).to.have.length(1)
    scratch.connection.query = query as typeof scratch.connection.query
    const [row] = await rowsOf(scratch.connection, `select * from schema_journal where name = '0004-create-d'`)
    expect(row).to.include({ status: 'done', step: 1, error: null })
    expect(row!.duration_ms).to.be.within(0, 5000)
  })

  for (const [kind, { before, up }] of Object.entries(kinds)) {
    it(`dies between the statement and the journal (${kind}): repair finds it applied`, async () => {
      files.write('0004-create-d', up)
      await scratch.connection.query(before)
      expect(await repair(), 'nothing ran yet').to.deep.equal([])
      const dying = { query: (sql: string) => scratch.connection.query(sql.slice(0, sql.indexOf('insert into schema_journal'))).then(() => { throw Object.assign(new Error('gone'), { code: 'PROTOCOL_CONNECTION_LOST' }) }) }
      expect(((await errorOf(applyPending(dying as unknown as typeof scratch.connection, files.read(), { known: 3, marked: true }))) as MigrationFailed).failure).to.include({ errno: 0 })
      expect(await readJournal(scratch.connection)).to.have.length(3)
      expect(await repairJournal(scratch.connection, files.read(), { doubtful: true, dryRun: true })).to.have.length(1)
      expect(await repair()).to.deep.equal([{ file: '0004-create-d', found: 'finished', step: 1, action: 'marked as done' }])
      expect(await apply()).to.deep.equal({ applied: [], head: '0004-create-d', hash: files.read().hash })
    })
  }

  it('notes a refused statement with its error, and runs it again once it is put right', async () => {
    files.write('0004-create-d', 'insert into a values (null);')
    expect(((await errorOf(apply(3))) as MigrationFailed).failure).to.include({ file: '0004-create-d', step: 1, errno: 1048 })
    const row = (await readJournal(scratch.connection)).at(-1)!
    expect(row).to.include({ status: 'failed', step: 0 })
    expect(row.error).to.contain('cannot be null')
    await scratch.connection.query('alter table a modify id int null, drop primary key')
    expect((await apply()).applied).to.deep.equal(['0004-create-d'])
    expect((await readJournal(scratch.connection)).at(-1)).to.include({ status: 'done', error: null })
  })

  it('never notes a failure in the database before, when the next one is missing', async () => {
    const options = { known: 3, marked: true, enter: 'use no_such_database' }
    expect(((await errorOf(applyPending(scratch.connection, files.read(), options))) as MigrationFailed).failure).to.include({ errno: 0 })
    expect(await readJournal(scratch.connection)).to.have.length(3)
  })

  it('counts the steps of a file with several statements all the same', async () => {
    files.write('0004-create-d', 'create table d (id int);\ninsert into d values (7);\nalter table d add column id int;')
    expect(((await errorOf(apply(3))) as MigrationFailed).failure).to.include({ step: 3, errno: 1060 })
    await scratch.connection.query('alter table d drop column id, add column y int')
    await apply()
    expect(await rowsOf(scratch.connection, 'select * from d')).to.have.length(1)
  })

  it('asks many databases for their newest file at once', async () => {
    const [file] = files.read().files.slice(2)
    expect((await journalHeads(scratch.connection, [scratch.name])).get(scratch.name)).to.include({ name: file!.name, checksum: file!.checksum, status: 'done' })
    expect(await errorOf(journalHeads(scratch.connection, [scratch.name, 'no_such_database']))).to.be.instanceOf(Error)
  })
})
