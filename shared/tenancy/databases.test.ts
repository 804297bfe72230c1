import { expect } from 'chai'
import { adminConnection } from '../database/servers.js'
import { centralChange, centralRows } from '../database/migration-central.js'
import { errnoOf, quoteName, rowsOf, withAdmin, type AdminConnection } from '../database/migration-connection.js'
import { checkTenantName, dropDatabase, makeUsers, provisionDatabase, type ProvisionedDatabase } from './databases.js'
import { makeFleet, type TestFleet } from '../testing/fleet.js'
import { claimPending, dropBroken, refillPool, releaseClaim } from './pending-pool.js'
import { chooseServer } from './placement.js'
import { migrateFleet } from './fleet.js'

const files = { '0001-create-users': 'create table if not exists users (id int primary key);' }
/** Server's error number of a statement; 0 when it was allowed. */
const refusal = (connection: AdminConnection, sql: string): Promise<number> => connection.query(sql).then(() => 0, errnoOf)
const as = (account: ProvisionedDatabase, migration = false): Promise<AdminConnection> =>
  adminConnection(1, { user: migration ? account.migrationUser : account.user, password: migration ? account.migrationPassword : account.password, database: account.database })

describe('tenant databases and the pool', () => {
  let fleet: TestFleet
  before(async () => void (fleet = await makeFleet(2, files)))
  after(() => fleet.end())
  const bundle = () => fleet.bundle.read()

  describe('a tenant\'s own accounts', () => {
    let acme: ProvisionedDatabase
    let app: AdminConnection
    before(async () => {
      acme = await provisionDatabase({ serverId: 1, bundle: bundle() })
      app = await as(acme)
    })
    after(() => app.end())

    it('read and write its rows, and change no table', async () => {
      await app.query('insert into users values (1); update users set id = 2; delete from users')
      for (const sql of ['create table x (id int)', 'alter table users add column x int', 'drop table users', 'create temporary table y (id int)', 'truncate users']) {
        expect(await refusal(app, sql), sql).to.be.oneOf([1142, 1044])
      }
    })

    it('are refused by the server when they read another tenant\'s tables (b9)', async () => {
      const other = fleet.databaseOf('t001')
      expect(await refusal(app, `select * from ${quoteName(other)}.users`)).to.be.oneOf([1142, 1044])
      expect(await refusal(app, `use ${quoteName(other)}`)).to.equal(1044)
      expect(await refusal(app, 'select * from mysql.user')).to.be.oneOf([1142, 1044])
      const migration = await as(acme, true)
      expect(await refusal(migration, 'create table if not exists extra (id int); drop table extra')).to.equal(0)
      expect(await refusal(migration, `create table ${quoteName(other)}.leak (id int)`)).to.be.oneOf([1142, 1044])
      await migration.end()
    })

    it('do not open a database whose name differs only where ours has an underscore', async () => {
      const twin = acme.database.replace('_', 'x')
      await withAdmin(1, (c) => c.query(`create database ${quoteName(twin)}; create table ${quoteName(twin)}.users (id int)`))
      expect(await refusal(app, `select * from ${quoteName(twin)}.users`)).to.be.oneOf([1142, 1044])
      expect(await refusal(app, `use ${quoteName(twin)}`)).to.equal(1044)
      await withAdmin(1, (c) => c.query(`drop database ${quoteName(twin)}`))
    })

    it('have a limit of connections', async () => {
      const [row] = await withAdmin(1, (c) => rowsOf(c, 'select max_user_connections as most from mysql.user where user = ?', [acme.user]))
      expect(Number(row?.most)).to.be.at.least(64)
    })

    it('get new passwords when the work is repeated, and keep the rows', async () => {
      await app.query('insert into users values (7)')
      const again = await provisionDatabase({ serverId: 1, database: acme.database, bundle: bundle() })
      expect(again).to.include({ database: acme.database, user: acme.user, hash: bundle().hash })
      expect(await as(acme).then(() => 0, errnoOf)).to.equal(1045)
      const fresh = await as(again)
      expect(await rowsOf(fresh, 'select id from users')).to.deep.equal([{ id: 7 }])
      await fresh.end()
    })

    it('go with the database when it is dropped, and dropping twice is fine', async () => {
      await dropDatabase(acme)
      await dropDatabase(acme)
      const left = await withAdmin(1, (c) => rowsOf(c, 'select user from mysql.user where user in (?, ?)', [acme.user, acme.migrationUser]))
      expect(left).to.deep.equal([])
    })

    it('are made only for databases of ours', async () => {
      for (const name of ['mysql', 'ezscale_central', `${fleet.databaseOf('t001')}\`; drop`]) expect(() => checkTenantName(name), name).to.throw('not the name of a tenant database')
      expect(await dropDatabase({ serverId: 1, database: 'mysql' }).then(() => '', String)).to.contain('not the name')
    })
  })

  it('completes a database whose making was cut off after its tables', async () => {
    const database = fleet.databaseOf('t001').slice(0, -3) + 'zzz'
    await withAdmin(1, (c) => c.query(`create database ${quoteName(database)}; create table ${quoteName(database)}.users (id int primary key)`))
    const made = await provisionDatabase({ serverId: 1, database, bundle: bundle() })
    expect(made.hash).to.equal(bundle().hash)
    await dropDatabase(made)
  })

  describe('the pool of pre-made databases', () => {
    beforeEach(async () => {
      for (const row of await centralRows('select database_name as d from pending_databases')) await dropDatabase({ serverId: 1, database: String(row.d) })
      await centralChange('delete from pending_databases')
    })

    it('gives three databases to eight callers at once: three get one each, five get none', async () => {
      expect(await refillPool(1, 3, bundle())).to.equal(3)
      expect(await refillPool(1, 3, bundle())).to.equal(0)
      const claims = await Promise.all(Array.from({ length: 8 }, (_v, i) => claimPending(1, 100 + i, bundle())))
      const got = claims.filter((c) => c !== null)
      expect(got).to.have.length(3)
      expect(new Set(got.map((c) => c.database))).to.have.property('size', 3)
      const connection = await as(got[0]!)
      expect(await rowsOf(connection, 'select count(*) as n from users')).to.deep.equal([{ n: 0 }])
      await connection.end()
    })

    it('answers the same database when the same tenant asks again, until it is released', async () => {
      await refillPool(1, 1, bundle())
      const first = await claimPending(1, 7, bundle())
      expect((await claimPending(1, 7, bundle()))?.password).to.equal(first!.password)
      await releaseClaim(7)
      expect(await claimPending(1, 7, bundle())).to.equal(null)
    })

    it('is migrated with the fleet, and gives nothing of an older schema', async () => {
      await refillPool(1, 2, bundle())
      fleet.bundle.write('0002-add-nick', 'alter table users add column nick varchar(9);')
      expect(await claimPending(1, 8, bundle())).to.equal(null)
      const { results } = await migrateFleet({ selection: {}, bundle: bundle() })
      expect(results.filter((r) => r.kind === 'pool' && r.status === 'done')).to.have.length(2)
      expect((await claimPending(1, 8, bundle()))?.head).to.equal('0002-add-nick')
    })

    it('drops members that failed to migrate or were left half-made', async () => {
      await refillPool(1, 2, bundle())
      const [broken, fine] = await centralRows('select database_name as d from pending_databases order by id')
      await withAdmin(1, (c) => c.query(`drop table ${quoteName(String(broken!.d))}.users`))
      fleet.bundle.write('0003-add-email', 'alter table users add column email varchar(9);')
      await migrateFleet({ selection: {}, bundle: bundle() })
      await centralChange(`insert into pending_databases (server_id, database_name, database_user, database_password_sealed, migration_user, migration_password_sealed, status, created_at, updated_at)
        values (1, ?, 'a', '', 'm', '', 'making', '2020-01-01', '2020-01-01')`, [String(fine!.d).slice(0, -4) + 'half'])
      expect(await dropBroken(1)).to.equal(2)
      expect((await centralRows('select database_name as d, status from pending_databases'))).to.deep.equal([{ d: fine!.d, status: 'ready' }])
      expect((await withAdmin(1, (c) => rowsOf(c, 'show databases like ?', [broken!.d])))).to.deep.equal([])
    })
  })

  it('places a new tenant on the active server with the fewest, and says so when all are full', async () => {
    await centralChange(`insert into database_servers (id, name, host, port, admin_user, max_tenants, status, created_at, updated_at) values
      (2, 'second', 'db2', 3306, 'root', 5, 'active', utc_timestamp(3), utc_timestamp(3)), (3, 'third', 'db3', 3306, 'root', 5, 'draining', utc_timestamp(3), utc_timestamp(3))`)
    expect(await chooseServer()).to.equal(2)
    await centralChange('update database_servers set max_tenants = 0 where id = 2')
    expect(await chooseServer()).to.equal(1)
    await centralChange('update database_servers set max_tenants = 2 where id = 1')
    expect(await chooseServer().then(() => '', (e: { code?: string }) => e.code)).to.equal('servers.full')
  })

  it('makes users that are complete again after their grants were lost', async () => {
    const made = await provisionDatabase({ serverId: 1, bundle: bundle() })
    const again = await withAdmin(1, async (c) => {
      await c.query(`drop user '${made.user}'@'%'`)
      return makeUsers(c, made.database)
    })
    const connection = await as({ ...made, ...again })
    expect(await rowsOf(connection, 'select count(*) as n from users')).to.deep.equal([{ n: 0 }])
    await connection.end()
    await dropDatabase(made)
  })
})
