import { expect } from 'chai'
import { Router } from 'express'
import { overrideConfig } from '../../../shared/config.js'
import { createApp } from '../../../shared/http/app.js'
import { signIn } from '../../../shared/http/session.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { dispatchPending } from '../../../shared/events/dispatch.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { ViesSimulator } from '../../../shared/simulators/vies.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import { useWorld } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { findUser } from '../../customers/guard.js'
import { customersRoutes } from '../../customers/routes.js'
import '../../timetable.js'
import { newCustomer, register } from '../../testing/pricing-world.js'
import { approveExemption } from './decide-exemption.js'
import { TaxExemption } from './exemption.js'
import { taxRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, customersRoutes, taxRoutes)

describe('The tax page of a customer', function () {
  this.timeout(30_000)
  const world = useWorld()
  const vies = new ViesSimulator()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  before(async () => { await vies.up(); overrideConfig({ VIES_API_BASE: vies.url }) })
  after(() => vies.down())
  let userId: number
  let browser: Browser
  beforeEach(async () => {
    await world.clean()
    vies.reset()
    userId = await world.as(world.acme, async () => { await register('DE', 'home', 'DE136695976'); return newCustomer({ country: 'AT' }) })
    browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${userId}`)
  })
  const letters = (): Promise<string[]> => world.as(world.acme, () => tenantDb()('mail_messages').orderBy('id').pluck('letter') as Promise<string[]>)

  it('takes a number, says that it is being checked, then that it is confirmed', async () => {
    await browser.get('/account/tax')
    expect((await browser.post('/account/tax/number', { _method: 'put', taxId: 'atu 1358 5627' })).status).to.equal(303)
    expect((await browser.follow()).body).to.match(/ATU13585627[\s\S]*Being checked/)
    await world.as(world.acme, () => runDueJobs())
    expect((await browser.get('/account/tax')).body).to.match(/Confirmed[\s\S]*Sample Trader/)
    expect((await browser.get('/account/profile')).body).to.match(/ATU13585627/)
    await browser.post('/account/tax/number', { _method: 'put', taxId: '' })
    expect((await browser.get('/account/tax')).body).to.not.match(/ATU13585627/)
  })
  it('refuses wrong check digits with the number kept, and leads back to the order', async () => {
    await browser.get('/account/tax?next=/checkout')
    const wrong = await browser.post('/account/tax/number', { _method: 'put', taxId: 'ATU13585628', next: '/checkout' })
    expect(wrong.status).to.equal(422)
    expect(wrong.body).to.match(/check digits/).and.to.match(/value="ATU13585628"/).and.to.match(/name="next" value="\/checkout"/)
    expect((await browser.post('/account/tax/number', { _method: 'put', taxId: 'ATU13585627', next: '/checkout' })).headers.location).to.equal('/checkout')
    expect((await browser.post('/account/tax/number', { _method: 'put', taxId: 'ATU13585627', next: '//evil.example' })).status).to.equal(422)
  })
  it('writes to the customer when VIES does not know the number', async () => {
    vies.register.set('ATU13585627', { valid: false })
    await browser.get('/account/tax')
    await browser.post('/account/tax/number', { _method: 'put', taxId: 'ATU13585627' })
    await world.as(world.acme, async () => { await runDueJobs(); await dispatchPending(); await dispatchPending() })
    expect(await letters()).to.deep.equal(['tax-number-refused'])
    expect((await browser.get('/account/tax')).body).to.match(/Not confirmed/)
  })
  it('lets the customer ask for exemption once, and tells what became of it', async () => {
    const wish = { reason: 'Registered charity', evidence: 'Certificate of the tax office, 2026' }
    await browser.get('/account/tax')
    expect((await browser.post('/account/tax/exemptions', { ...wish, evidence: 'x' })).status).to.equal(422)
    expect((await browser.post('/account/tax/exemptions', wish)).status).to.equal(303)
    expect((await browser.follow()).body).to.match(/being looked at/)
    expect((await browser.post('/account/tax/exemptions', wish)).status).to.equal(409)
    await world.as(world.acme, async () => {
      const asked = await TaxExemption.findOwned<TaxExemption>({ userId })
      await approveExemption(userId, { ...wish, validFrom: clock.now(), by: 'sam' }, asked)
      await dispatchPending()
    })
    expect(await letters()).to.deep.equal(['tax-exemption-decided'])
    expect((await browser.get('/account/tax')).body).to.match(/Approved/)
  })
  it('belongs to the signed-in customer only', async () => {
    expect((await server.browser('acme.localhost').get('/account/tax')).headers.location).to.match(/^\/sign-in/)
  })
})
