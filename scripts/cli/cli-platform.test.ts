import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { config, overrideConfig } from '../../shared/config.js'
import { closeDatabases } from '../../shared/database/central-database.js'
import { readBundle } from '../../shared/database/migration-bundle.js'
import { centralChange, centralRows } from '../../shared/database/migration-central.js'
import { openAdmin } from '../../shared/database/migration-connection.js'
import { dropRun } from '../../shared/testing/world.js'
import { Driver, runAlone, type Outcome } from './drive.js'

const tenantKeys = ['slug', 'name', 'status', 'database', 'server', 'schema', 'behind', 'domains']
const owner = ['--owner-name', 'Ann', '--owner-email', 'ann@box.example']
const create = ['tenants', 'create', '--name', 'Box Cloud', '--host', 'box.test', ...owner, '--sandbox', '--json']

describe('the command line on a real platform', function () {
  this.timeout(120_000)
  const tag = randomBytes(3).toString('hex')
  const names = { central: `cp${tag}_central`, prefix: `cp${tag}_` }
  const before_ = { CENTRAL_DATABASE: config().CENTRAL_DATABASE, TENANT_PREFIX: config().TENANT_PREFIX }
  const bare = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test' }
  const env = {
    ...bare, DATABASE_URL: config().DATABASE_URL, MASTER_KEY: config().MASTER_KEY, CENTRAL_DATABASE: names.central, TENANT_PREFIX: names.prefix, POOL_SIZE: '0', SMTP_URL: 'smtp://127.0.0.1:1',
    CHROMIUM_PATH: process.execPath, LOG_LEVEL: 'silent',
  }
  const head = readBundle('tenant').head
  let driver: Driver
  const ezscale = (...argv: string[]): Promise<Outcome> => driver.run(...argv)
  before(async () => {
    await closeDatabases()
    overrideConfig({ CENTRAL_DATABASE: names.central, TENANT_PREFIX: names.prefix })
    driver = new Driver(env)
    const made = await ezscale('central', 'migrate', '--json')
    expect([made.code, made.json()]).to.deep.equal([0, { database: names.central, ran: readBundle('central').files.length, head: readBundle('central').head }])
  })
  after(async () => {
    driver.end()
    const admin = await openAdmin(1)
    await dropRun(admin, names)
    await admin.end()
    overrideConfig(before_)
  })

  it('opens a sandbox with its steps, refuses the same again with 2, and goes on with an opening that failed', async () => {
    const { code, json, err } = await ezscale(...create)
    const made = json<{ slug: string; steps: Array<{ step: string; status: string }> }>()
    expect([code, Object.keys(made)]).to.deep.equal([0, [...tenantKeys, 'steps']])
    expect(made.steps.map((s) => `${s.step} ${s.status}`)).to.deep.equal(['database done', 'schema done', 'catalog done', 'branding done', 'welcome done', 'live done'])
    expect(err.split('\n')[1]).to.equal(`✔ Schema at ${head}`)
    const twice = await ezscale(...create)
    expect([twice.code, twice.err]).to.deep.equal([2, 'host: Another reseller has this host name.\nslug: The short name "box-cloud" is taken: enter another.\n'])
    await centralChange(`update tenants set status = 'opening' where slug = 'box-cloud'`)
    await centralChange(`update opening_steps set status = 'failed', error = 'no' where step = 'live'`)
    const again = await ezscale('tenants', 'create', '--continue', 'box-cloud')
    expect([again.code, again.out]).to.deep.equal([0, 'box-cloud is open.\n'])
  })

  it('lists, counts and shows it with the keys that scripts rely on', async () => {
    const line = { slug: 'box-cloud', name: 'Box Cloud', status: 'active', server: 'first', schema: head, behind: false, domains: ['box.test', 'box-cloud.ezscale.localhost'] }
    const [listed] = (await ezscale('tenants', 'list', '--json')).json<object[]>()
    expect(Object.keys(listed!)).to.deep.equal(tenantKeys)
    expect(listed).to.deep.include(line)
    const status = await ezscale('tenants', 'status', '--json')
    const counts = { customers: 0, services: 0, running: 0, openInvoices: 0, waitingMail: 0 }
    expect([status.code, status.json()]).to.deep.equal([0, [{ ...listed, counts, error: null }]])
    const show = (await ezscale('tenants', 'show', 'box-cloud', '--json')).json<object>()
    expect(Object.keys(show)).to.deep.equal([...tenantKeys, 'id', 'uuid', 'generation', 'house', 'sandbox', 'clockOffsetMs', 'owner', 'ownerEmail', 'currency', 'timeZone', 'suspendReason', 'failure', 'opening'])
    expect(show).to.deep.include({ ...line, sandbox: true, owner: 'Ann' })
  })

  it('suspends only when told yes, parks the jobs of a suspended shop instead of running them, and opens it again', async () => {
    const { uuid } = (await ezscale('tenants', 'show', 'box-cloud', '--json')).json<{ uuid: string }>()
    expect((await ezscale('tenants', 'suspend', 'box-cloud')).code).to.equal(2)
    const suspended = await ezscale('tenants', 'suspend', 'box-cloud', '--yes', '--json')
    expect([suspended.code, suspended.json<{ status: string }>().status]).to.deep.equal([0, 'suspended'])
    expect((await ezscale('tenants', 'suspend', 'box-cloud', '--yes')).code).to.equal(1)
    await centralChange(`insert into parked_jobs (job_name, tenant_uuid, payload, reason, parked_at) values ('mail.deliver', ?, ?, 'failed', utc_timestamp(3))`, [uuid, JSON.stringify({ tenant: uuid, v: 1, payload: {} })])
    const [parked] = (await ezscale('jobs', 'list', '--parked', '--json')).json<Array<{ id: string }>>()
    expect(parked).to.deep.equal({ id: parked!.id, job: 'mail.deliver', state: 'parked: failed', tenant: 'box-cloud', next: null, failures: null, error: null, payload: { tenant: uuid, v: 1, payload: {} } })
    const due = await ezscale('jobs', 'retry', parked!.id, '--json')
    expect([due.code, due.json()]).to.deep.equal([0, { id: parked!.id, due: true }])
    expect((await ezscale('jobs', 'list', '--tenant', 'box-cloud', '--name', 'mail.deliver', '--json')).json<object[]>()).to.have.length(1)
    expect((await ezscale('jobs', 'run', '--tenant', 'box-cloud', '--json')).json()).to.deep.equal({ ran: 1 })
    expect((await ezscale('jobs', 'list', '--tenant', 'box-cloud', '--json')).json<Array<{ state: string }>>().map((j) => j.state)).to.deep.equal(['parked: tenant-suspended'])
    const open = await ezscale('tenants', 'resume-tenant', 'box-cloud', '--json')
    expect([open.code, open.json<{ status: string }>().status]).to.deep.equal([0, 'active'])
    expect([(await ezscale('jobs', 'retry', 'parked:999')).code, (await ezscale('jobs', 'retry', 'parked:x')).code, (await ezscale('jobs', 'list', '--tenant', 'nobody')).code]).to.deep.equal([5, 2, 5])
  })

  it('shows "back soon" and ends it, and repairs journal and ledger of a shop', async () => {
    expect((await ezscale('tenants', 'maintenance', 'box-cloud', '--json')).json<{ status: string }>().status).to.equal('maintenance')
    expect((await ezscale('tenants', 'maintenance', 'box-cloud', '--off', '--json')).json<{ status: string }>().status).to.equal('active')
    await centralChange(`update migration_ledger set bundle_hash = 'x'`)
    const { code, json } = await ezscale('tenants', 'repair', '--only', 'box-cloud', '--json')
    const summary = json<{ tenants: object[] }>()
    expect([code, Object.keys(summary)]).to.deep.equal([0, ['v', 'outcome', 'matched', 'total', 'done', 'failed', 'unreachable', 'left', 'ms', 'head', 'run', 'tenants']])
    expect(Object.keys(summary.tenants[0]!)).to.deep.equal(['tenant', 'status', 'from', 'to', 'ms'])
    expect((await ezscale('tenants', 'audit', '--json')).json()).to.deep.equal([])
  })

  it('moves a sandbox clock forward, and never backwards', async () => {
    const [shown] = (await ezscale('clock', 'show', '--json')).json<object[]>()
    expect(Object.keys(shown!)).to.deep.equal(['tenant', 'sandbox', 'now', 'aheadHours'])
    const { code, json } = await ezscale('clock', 'advance', '--tenant', 'box-cloud', '--by', '2 hours', '--json')
    const moved = json<{ from: string; now: string }>()
    expect([code, Object.keys(moved)]).to.deep.equal([0, ['tenant', 'sandbox', 'now', 'aheadHours', 'from', 'jobs', 'wholesaleInvoices', 'troubles']])
    expect(moved).to.deep.include({ tenant: 'box-cloud', sandbox: true, aheadHours: 2, wholesaleInvoices: 0, troubles: [] })
    expect((await ezscale('clock', 'advance', '--tenant', 'box-cloud', '--to', moved.from)).code).to.equal(1)
  })

  it('says as the doctor what it looked at, each with its state', async () => {
    const { code, json } = await ezscale('doctor', '--json')
    const checks = json<Array<{ check: string; status: string; detail: string }>>()
    expect(code).to.equal(checks.some((c) => c.status === 'fail') ? 1 : 0)
    for (const c of checks) expect(c).to.include.all.keys('check', 'status', 'detail')
    expect(checks.find((c) => c.check === 'central database')).to.deep.equal({ check: 'central database', status: 'ok', detail: `${names.central} at ${readBundle('central').head}` })
    expect(checks.find((c) => c.check === 'mail server')).to.include({ status: 'warn', detail: 'nothing answers at 127.0.0.1:1' })
  })

  it('takes SQL by a pipe as the tenant, leaves with 75 without a database and 78 without settings, and moves no clock in production', async () => {
    const advance = ['clock', 'advance', '--tenant', 'box-cloud', '--by', '1 day']
    const [piped, away, unset, production, worked] = await Promise.all([
      runAlone(['tenants', 'shell', 'box-cloud'], env, 'select count(*) as plans from plans;\ndrop table plans;\n'),
      runAlone(['tenants', 'list', '--json'], { ...env, DATABASE_URL: 'mysql://root@127.0.0.1:1' }),
      runAlone(['doctor'], bare),
      runAlone(advance, { ...env, NODE_ENV: 'production', PUBLIC_SCHEME: 'https', ALLOW_PRIVATE_OUTSIDE: '0' }),
      runAlone(['jobs', 'run'], { ...env, LOG_LEVEL: 'info' }),
    ])
    expect(piped.code).to.equal(0)
    expect(piped.out).to.match(/^PLANS\n +\d+\n/).and.contain('denied')
    expect([away.code, away.out, away.err]).to.deep.equal([75, '', 'The database does not answer at 127.0.0.1:1 (ECONNREFUSED). Check that it runs, and DATABASE_URL.\n'])
    expect([unset.code, unset.out]).to.deep.equal([78, ''])
    expect(unset.err).to.contain('DATABASE_URL: is not set').and.contain('MASTER_KEY: is not set')
    expect([production.code, production.err]).to.deep.equal([1, 'Clocks are never moved in production.\n'])
    // The welcome letter finds no mail server: that is worth a warning, and the way through our code is not.
    expect(worked.code).to.equal(0)
    expect(worked.err).to.match(/"level":"warn".*"door":"smtp"/).and.match(/\d jobs? ran\.\n$/).and.not.match(/"stack"|"level":"info"/)
  })
  it('drops a shop with its database when its name is given again', async () => {
    expect((await ezscale('tenants', 'drop', 'box-cloud', '--confirm=box')).code).to.equal(2)
    const { code, out } = await ezscale('tenants', 'drop', 'box-cloud', '--confirm=box-cloud', '--json')
    expect([code, out]).to.deep.equal([0, '{"slug":"box-cloud","status":"dropped"}\n'])
    expect(await centralRows(`select status, database_name from tenants where slug = 'box-cloud'`)).to.deep.equal([{ status: 'dropped', database_name: null }])
    expect([(await ezscale('tenants', 'list', '--json')).json(), (await ezscale('tenants', 'show', 'box-cloud')).code]).to.deep.equal([[], 5])
  })
})
