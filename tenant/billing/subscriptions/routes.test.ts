import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../../shared/http/app.js'
import { signIn } from '../../../shared/http/session.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import { setClock } from '../../../shared/testing/world.js'
import { findUser } from '../../customers/guard.js'
import { dashboardRoutes } from '../../dashboard/routes.js'
import { newCustomer, useBillingWorld } from '../../scenarios/billing-world.js'
import { newProduct } from '../../testing/catalog-world.js'
import { billed, newSubscription, pass, reload } from '../../testing/subscription-world.js'
import { Invoice } from '../invoices/invoice.js'
import { subscriptionRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, subscriptionRoutes, dashboardRoutes)

describe('The customer’s subscriptions', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  const as = async (userId: number): Promise<Browser> => {
    const browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${userId}`)
    return browser
  }
  /** A customer of a monthly plan at 10.00, beside a larger one at 30.00 and a year at 100.00. */
  const customer = () => world.in(async () => {
    const { plan, plans, option } = await newProduct({ name: 'VPS S' }, [{ cycle: 'monthly', price: '10.00' }, { cycle: 'annual', price: '100.00' }], [{ name: 'Backups', kind: 'checkbox', choices: { Yes: { 1: '2.00' } } }])
    const large = (await newProduct({ name: 'VPS L' }, [{ cycle: 'monthly', price: '30.00' }])).plan
    const made = await newSubscription({ plan })
    return { ...made, large, yearly: plans[1]!, backups: option('Backups'), home: `/subscriptions/${made.subscription.publicId}` }
  })
  beforeEach(() => setClock('2026-11-01T00:00:00Z'))

  it('are listed with price, next charge and its day; an empty list says what will come', async () => {
    const { userId } = await customer()
    const page = await (await as(userId)).get('/subscriptions')
    for (const text of ['VPS S', '$10.00', 'a month', 'Dec 1, 2026', 'Active']) expect(page.body).to.contain(text)
    expect((await (await as(await world.in(() => newCustomer()))).get('/subscriptions')).body).to.contain('No subscriptions yet')
  })

  it('belong to their owner alone', async () => {
    const { home, subscription } = await customer()
    const stranger = await as(await world.in(() => newCustomer()))
    for (const path of [home, `${home}/change`, `${home}/cancellation`, `${home}/pause`]) expect((await stranger.get(path)).status, path).to.equal(404)
    await stranger.get('/subscriptions')
    expect((await stranger.post(`${home}/cancellation`, { timing: 'now' })).status).to.equal(404)
    expect((await world.in(() => reload(subscription.id))).status).to.equal('active')
  })

  it('change in three steps: choose, see both lines to the cent, confirm exactly that', async () => {
    const { userId, home, large, subscription } = await customer()
    setClock('2026-11-11T00:00:00Z')
    const browser = await as(userId)
    expect((await browser.get(`${home}/change?plan=${large.publicId}`)).body).to.contain('VPS L, Monthly')
    expect((await browser.post(`${home}/change`, { plan: large.publicId, quantity: '1' })).status).to.equal(303)
    const preview = await browser.follow()
    for (const text of ['-$6.67', '$20.00', '$13.33', '20 d of 30 d', 'Change and pay $13.33', 'It takes effect at once.']) expect(preview.body).to.contain(text)
    const confirm = /action="([^"]+\/confirmation)"/.exec(preview.body)![1]!
    const done = await browser.post(confirm)
    const invoice = await world.in(() => Invoice.findOwned<Invoice>({ kind: 'change' }))
    expect([done.status, done.headers.location, invoice.totalMinor]).to.deep.equal([303, `/invoices/${invoice.publicId}/payment`, 1333])
    const again = await browser.post(confirm)
    expect([again.status, again.body.includes('This change was already confirmed.')]).to.deep.equal([409, true])
    expect((await world.in(() => reload(subscription.id))).planId).to.equal(large.id)
  })

  it('keep what was chosen when something is missing, and say when nothing would change', async () => {
    const { userId, home, plan, backups } = await customer()
    const browser = await as(userId)
    await browser.get(`${home}/change`)
    const same = await browser.post(`${home}/change`, { plan: plan.publicId, quantity: '1' })
    expect([same.status, same.body.includes('This is what you have already.')]).to.deep.equal([422, true])
    const bad = await browser.post(`${home}/change`, { plan: plan.publicId, quantity: '99', [`option_${backups.optionId}`]: 'on' })
    expect(bad.status).to.equal(422)
    expect(bad.body).to.contain('value="99"').and.to.match(new RegExp(`name="option_${backups.optionId}"[^>]*checked`))
    expect((await browser.post(`${home}/change`, { plan: 'x'.repeat(20), quantity: '1' })).status).to.equal(422)
  })

  it('to something smaller wait for the end of the month and can be taken back on the page', async () => {
    const { large, userId } = await customer()
    const { subscription } = await world.in(() => newSubscription({ plan: large, userId }))
    const small = await world.in(async () => (await newProduct({ name: 'VPS XS' }, [{ cycle: 'monthly', price: '3.00' }])).plan)
    const home = `/subscriptions/${subscription.publicId}`
    const browser = await as(userId)
    await browser.get(`${home}/change`)
    await browser.post(`${home}/change`, { plan: small.publicId, quantity: '1' })
    const preview = await browser.follow()
    expect(preview.body).to.contain('Nothing is charged now.').and.to.contain('December 1, 2026')
    await browser.post(/action="([^"]+\/confirmation)"/.exec(preview.body)![1]!)
    expect((await browser.get(home)).body).to.contain('A change is waiting')
    expect((await browser.post(`${home}/change`, { _method: 'delete' })).status).to.equal(303)
    expect((await browser.get(home)).body).to.not.contain('A change is waiting')
  })

  it('are cancelled with their consequences said, and kept again until the day', async () => {
    const { userId, home, subscription } = await customer()
    const browser = await as(userId)
    const page = await browser.get(`${home}/cancellation`)
    for (const text of ['On December 1, 2026', 'Nothing is paid back for the rest of the period.', 'Why do you leave?']) expect(page.body).to.contain(text)
    expect((await browser.post(`${home}/cancellation`, { timing: 'later' })).status).to.equal(422)
    expect((await browser.post(`${home}/cancellation`, { timing: 'end', reason: 'too-expensive', comment: 'Bye' })).status).to.equal(303)
    expect((await browser.get(home)).body).to.contain('It is going to end').and.to.contain('Ends Dec 1')
    expect((await browser.post(`${home}/cancellation`, { _method: 'delete' })).status).to.equal(303)
    expect((await world.in(() => reload(subscription.id))).cancelAt).to.equal(null)
  })

  it('pause and come back', async () => {
    const { userId, home, subscription } = await customer()
    const before = await as(userId)
    await before.get(`${home}/pause`)
    expect((await before.post(`${home}/pause`)).status).to.equal(303)
    await world.in(() => pass('2026-12-05T09:00:00Z'))
    const browser = await as(userId)
    expect((await browser.get(home)).body).to.contain('It is paused')
    const resumed = await browser.post(`${home}/pause`, { _method: 'delete' })
    expect(resumed.headers.location).to.match(/^\/invoices\/\w+\/payment$/)
    expect((await world.in(() => billed(subscription.id))).at(-1)).to.equal('recurring 2026-12-05T09:00Z – 2027-01-05: 1000 open')
  })

  it('show what comes in twelve months, on the overview, on a page and as a table', async () => {
    const { userId } = await customer()
    const browser = await as(userId)
    expect((await browser.get('/account')).body).to.contain('Next charges').and.to.contain('$10.00 is charged on Dec 1, 2026.')
    const page = await browser.get('/account/charges')
    expect(page.body).to.contain('$110.00').and.to.contain('October 2027')
    const csv = (await browser.get('/account/charges.csv')).body.split('\r\n')
    expect([csv[0], csv[1], csv.length]).to.deep.equal(['day,kind,what,discount,tax,total,currency', '2026-12-01,renewal,VPS S,0.00,0.00,10.00,USD', 13])
  })
})
