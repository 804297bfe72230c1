import { expect } from 'chai'
import { readBundle } from '../database/migration-bundle.js'
import { readJournal, journalHash } from '../database/migration-journal.js'
import { rowsOf } from '../database/migration-connection.js'
import { compareSchemas, readSchema, sayDrift } from './drift.js'
import { scratchDatabase, TemporaryBundle } from '../testing/fleet.js'
import { applySnapshot, normaliseTable, parentsFirst, readSnapshot, withReplay, writeSnapshot } from './snapshot.js'

describe('the schema snapshot that new tenants are made from', () => {
  const bundle = readBundle('tenant')
  let scratch: Awaited<ReturnType<typeof scratchDatabase>>
  beforeEach(async () => void (scratch = await scratchDatabase()))
  afterEach(() => scratch.end())

  it('was written from exactly the migrations of this version (else run: ezscale snapshot write)', () => {
    expect(readSnapshot(bundle)).to.be.a('string').and.not.equal('stale')
  })

  it('makes the same schema, journal and rows as replaying every migration', async () => {
    await applySnapshot(scratch.connection, bundle)
    const loaded = await readSchema(scratch.connection, scratch.name)
    await withReplay(1, bundle, async (connection, database) => {
      const replayed = await readSchema(connection, database)
      expect(compareSchemas(replayed, loaded).map(sayDrift)).to.deep.equal([])
      expect(replayed.size).to.be.greaterThan(200)
      expect(journalHash(await readJournal(scratch.connection))).to.equal(journalHash(await readJournal(connection)))
    })
    expect(journalHash(await readJournal(scratch.connection))).to.equal(bundle.hash)
  })

  it('carries rows that a migration wrote, and a change to an existing table', async () => {
    const files = new TemporaryBundle({
      '0001-create-kinds': `create table if not exists kinds (code varchar(8) primary key, title json not null) engine=InnoDB`,
      '0002-fill-kinds': `insert ignore into kinds values ('a', '{"en":"it''s; ?"}')`,
      '0003-add-rank': 'alter table kinds add column `rank` tinyint(1) not null default 3',
    })
    await writeSnapshot(1, files.read())
    await applySnapshot(scratch.connection, files.read())
    const [row] = await rowsOf(scratch.connection, `select code, json_unquote(json_extract(title, '$.en')) as en, \`rank\` from kinds`)
    expect(row).to.deep.equal({ code: 'a', en: "it's; ?", rank: 3 })
    files.end()
  })

  it('starts again when an earlier load was cut off', async () => {
    await scratch.connection.query(`create table settings (wrong int)`)
    await applySnapshot(scratch.connection, new TemporaryBundle({ '0001-a': 'create table a (id int)' }).read())
    await scratch.connection.query(`create table if not exists schema_journal (name varchar(120) primary key, checksum char(64) not null, status varchar(16) not null, step int unsigned not null default 0,
      error varchar(1000) null, started_at datetime(3) not null, finished_at datetime(3) null, duration_ms int unsigned null, code_version varchar(40) not null);
      insert into schema_journal (name, checksum, status, started_at, code_version) values ('0000-snapshot', 'x', 'started', utc_timestamp(3), '0')`)
    expect(await applySnapshot(scratch.connection, bundle)).to.equal(true)
    expect(journalHash(await readJournal(scratch.connection))).to.equal(bundle.hash)
    expect((await readSchema(scratch.connection, scratch.name)).has('table settings, column value')).to.equal(true)
  })

  it('never touches a database that has a journal', async () => {
    await applySnapshot(scratch.connection, bundle)
    await scratch.connection.query(`insert into settings values ('kept', '1', utc_timestamp(3))`)
    expect(await applySnapshot(scratch.connection, bundle)).to.equal(false)
    expect(await rowsOf(scratch.connection, 'select name from settings')).to.deep.equal([{ name: 'kept' }])
  })

  it('reads alike what MariaDB and MySQL print', () => {
    const mariadb = "CREATE TABLE `a` (\n  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,\n  `on` tinyint(1) NOT NULL DEFAULT 0,\n  `data` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`data`)),\n  `note` varchar(9) DEFAULT NULL\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci"
    const mysql = "CREATE TABLE `a` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n  `on` tinyint(1) NOT NULL DEFAULT '0',\n  `data` json NOT NULL,\n  `note` varchar(9) COLLATE utf8mb4_unicode_520_ci DEFAULT NULL\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci"
    expect(normaliseTable(mariadb)).to.equal(normaliseTable(mysql))
  })

  it('puts parents before children and refuses a circle', () => {
    expect(parentsFirst(new Map([['a', 'REFERENCES `b`'], ['b', 'REFERENCES `b`'], ['c', '']]))).to.deep.equal(['b', 'a', 'c'])
    expect(() => parentsFirst(new Map([['a', 'REFERENCES `b`'], ['b', 'REFERENCES `a`']]))).to.throw('circle')
  })
})

describe('drift between migrations and a live schema', () => {
  it('names a changed column, a missing index, a missing and a strange table, each once', async () => {
    const bundle = readBundle('tenant')
    await withReplay(1, bundle, async (connection, database) => {
      const expected = await readSchema(connection, database)
      await connection.query(`alter table users modify column name varchar(99) null; alter table events drop index events_waiting; drop table mail_messages; create table strange (id int)`)
      const found = compareSchemas(expected, await readSchema(connection, database)).map(sayDrift)
      expect(found).to.have.length(4)
      expect(found.join('\n')).to.contain('table events, index events_waiting is missing (dispatched_at,id)').and.contain('table mail_messages is missing').and.contain('table strange is not in the migrations')
      expect(found.join('\n')).to.match(/table users, column name is ".*varchar\(99\).*" instead of ".*not null /)
    })
  })
})
