import { expect } from 'chai'
import { centralDb } from '../../shared/database/central-database.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { FormErrors } from '../../shared/errors.js'
import { rowsOf } from '../../shared/database/migration-connection.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import { refillPool } from '../../shared/tenancy/pending-pool.js'
import { resolveHost, forgetHosts } from '../../shared/tenancy/resolve-host.js'
import { asStaff, useCentral } from '../testing/central-world.js'
import { dropReseller, resumeReseller, suspendReseller } from './change-status.js'
import { continueOpening, openReseller } from './open-reseller.js'
import { readSteps } from './opening.js'
import { Reseller } from './reseller.js'

const asked = (slug: string) => ({ name: `${slug} Ltd`, slug, host: `${slug}.test`, ownerName: 'Robin', ownerEmail: `robin@${slug}.test` })

describe('opening a reseller', function () {
  this.timeout(60_000)
  const world = useCentral()

  it('ends with a shop that answers on its own host and on the platform host, with plans and templates', async () => {
    const reseller = await world.open('acme')
    expect(reseller.status).to.equal('active')
    const tenant = await world.tenant('acme')
    expect(await resolveHost('ACME.test:3000')).to.include({ kind: 'tenant', alias: false })
    expect(await resolveHost('acme.ezscale.localhost')).to.include({ kind: 'tenant', alias: true })
    const plans = await runInTenant(tenant, () => tenantDb()('plans').where({ billing_cycle: 'hourly' }).orderBy('sort_order').pluck('price_micros'))
    expect(plans.map(Number)).to.deep.equal([150_000, 300_000, 600_000, 200_000, 400_000, 800_000])
    expect(await runInTenant(tenant, () => tenantDb()('products').where({ status: 'hidden' }).pluck('slug')), 'prepared, not yet on sale').to.include('vps-s')
    expect(await runInTenant(tenant, () => tenantDb()('kasm_workspace_templates').pluck('id'))).to.have.length(18)
  })

  it('serves nobody before the last step', async () => {
    const { id } = await asStaff(() => openReseller(asked('early'), { start: false }))
    forgetHosts()
    expect(await resolveHost('early.test')).to.equal(null)
    await asStaff(() => continueOpening(id))
    forgetHosts()
    expect(await resolveHost('early.test')).to.include({ kind: 'tenant' })
  })

  it('shows the failed step with its error, keeps what is done, and goes on from there', async () => {
    const { id } = await asStaff(() => openReseller(asked('stuck'), { start: false }))
    await asStaff(() => centralDb()('database_servers').update({ status: 'full' }))
    await asStaff(() => continueOpening(id))
    const failed = (await asStaff(() => readSteps(id)))[0]!
    expect(failed).to.include({ step: 'database', status: 'failed', attempts: 1 })
    expect(failed.error).to.match(/No database server has room/)
    await asStaff(() => centralDb()('database_servers').update({ status: 'active' }))
    const open = await asStaff(() => continueOpening(id))
    expect(open.status).to.equal('active')
    expect((await asStaff(() => readSteps(id))).map((s) => s.status)).to.deep.equal(Array(6).fill('done'))
  })

  it('gives the same database after a crash between making it and writing it down', async () => {
    const { id } = await asStaff(() => openReseller(asked('crash'), { start: false }))
    await asStaff(() => continueOpening(id))
    const first = await asStaff(() => Reseller.findOwned({ id }))
    // As if the worker had died right after the database was made.
    await asStaff(() => centralDb()('opening_steps').where({ tenant_id: id }).update({ status: 'waiting' }))
    await asStaff(() => centralDb()('tenants').where({ id }).update({ status: 'opening', database_user: null, database_password_sealed: null }))
    const again = await asStaff(() => continueOpening(id))
    expect(again.databaseName).to.equal(first.databaseName)
    expect(again.status).to.equal('active')
    const letters = await asStaff(() => centralDb()('mail_messages').where({ business_key: `reseller-welcome:${first.uuid}` }).pluck('id'))
    expect(letters).to.have.length(1)
  })

  it('takes a ready database from the pool', async () => {
    await asStaff(() => refillPool(1, 1))
    const [ready] = (await asStaff(() => centralDb()('pending_databases').where({ status: 'ready' }).pluck('database_name'))) as string[]
    expect((await world.open('pooled')).databaseName).to.equal(ready)
    expect(await asStaff(() => centralDb()('pending_databases').pluck('id'))).to.deep.equal([])
  })

  it('refuses a host or short name that somebody has, and hosts of the platform', async () => {
    const refused = async (input: object) => {
      try {
        await asStaff(() => openReseller({ ...asked('fresh'), ...input }))
      } catch (error) {
        return (error as FormErrors).fields
      }
      return {}
    }
    expect(await refused({ host: 'https://ACME.test' })).to.have.keys('host')
    expect(await refused({ host: 'Acme.Test.' })).to.deep.equal({ host: 'Another reseller has this host name.' })
    expect(await refused({ slug: 'acme' })).to.have.keys('slug')
    expect(await refused({ host: 'shop.ezscale.localhost' })).to.have.keys('host')
    expect(await refused({ ownerEmail: 'nobody', monthlyFee: '-1' })).to.have.keys('ownerEmail', 'monthlyFee')
  })

  it('lets two callers in at once open it once', async () => {
    const { id } = await asStaff(() => openReseller(asked('twice'), { start: false }))
    await Promise.all([asStaff(() => continueOpening(id)), asStaff(() => continueOpening(id)), asStaff(() => continueOpening(id))])
    const steps = await asStaff(() => readSteps(id))
    expect(steps.map((s) => s.attempts)).to.deep.equal([1, 1, 1, 1, 1, 1])
  })

  it('suspends and resumes a shop', async () => {
    const reseller = await asStaff(() => Reseller.findOwned({ slug: 'acme' }))
    await asStaff(() => suspendReseller(reseller, 'unpaid'))
    expect((await world.tenant('acme')).status).to.equal('suspended')
    await asStaff(async () => resumeReseller(await Reseller.findOwned({ slug: 'acme' })))
    expect((await world.tenant('acme')).status).to.equal('active')
  })

  it('drops database, accounts and hosts, and a new shop of the same name starts empty', async () => {
    const before = await world.open('phoenix')
    const old = await world.tenant('phoenix')
    await runInTenant(old, () => tenantDb()('settings').insert({ name: 'secret', value: '{}', updated_at: new Date() }))
    await asStaff(() => dropReseller(before))
    expect(await rowsOf(world.admin, 'select user from mysql.user where user = ?', [old.db.user])).to.deep.equal([])
    expect(await rowsOf(world.admin, 'select 1 from information_schema.schemata where schema_name = ?', [old.db.database])).to.deep.equal([])
    const after = await world.open('phoenix')
    expect(after.id).not.to.equal(before.id)
    expect(await runInTenant(await world.tenant('phoenix'), () => tenantDb()('settings').where({ name: 'secret' }).pluck('name'))).to.deep.equal([])
  })

  it('drops a shop whose database is lost', async () => {
    const reseller = await world.open('atlantis')
    const { db } = await world.tenant('atlantis')
    await world.admin.query(`drop database ${db.database}`)
    await asStaff(() => dropReseller(reseller))
    expect((await asStaff(() => Reseller.findOwned({ id: reseller.id }))).status).to.equal('dropped')
  })
})
