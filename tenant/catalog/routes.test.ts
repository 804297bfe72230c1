import { expect } from 'chai'
import { Router } from 'express'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { createApp } from '../../shared/http/app.js'
import { signIn } from '../../shared/http/session.js'
import { newPublicId } from '../../shared/security/token.js'
import { useServer } from '../../shared/testing/browser.js'
import { useWorld } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { findUser } from '../customers/guard.js'
import { newProduct, type TestOption } from '../testing/catalog-world.js'
import { catalogRoutes } from './routes.js'
import { seedCatalog } from './seed-plans.js'
import { seedStarter } from './seed-starter.js'
import { setPlanStatus, setProductStatus } from './set-offer-status.js'
import { Plan } from './plan.js'
import { Product } from './product.js'
import { setAddons } from './save-product.js'
import { shopMenu } from './shop-menu.js'

const ram: TestOption = { name: 'Ram', required: true, choices: { '4 GB': { 1: '0' }, '8 GB': { 1: '2.00' } } }
const backups: TestOption = { name: 'Backups', kind: 'checkbox', choices: { daily: { 1: '1.50' } } }

describe('The shop’s catalogue', function () {
  this.timeout(30_000)
  const world = useWorld()
  const shop = Router()
  shop.get('/test-sign-in/:id', async (req, res) => {
    await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
    res.send('in')
  })
  const server = useServer(() => createApp({ tenantApp: shop.use(findUser, shopMenu, catalogRoutes), consoleApp: Router(), platformApp: Router() }))
  const inAcme = <T>(work: () => Promise<T>): Promise<T> => world.as(world.acme, work)
  const guest = (host = 'acme.localhost') => server.browser(host)
  const words = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/&nbsp;|\s+/g, ' ')
  beforeEach(() => world.clean())

  it('shows a shelf only when something stands on it, and its products nowhere else', async () => {
    expect((await guest().get('/vps')).status).to.equal(404)
    await inAcme(() => newProduct({ name: 'Big box' }))
    expect(words((await guest().get('/vps')).body)).to.include('Big box').and.to.include('$5.00 a month')
    expect((await guest().get('/game-servers')).status).to.equal(404)
    expect((await guest('globex.localhost').get('/vps')).status).to.equal(404)
    for (const path of ['/', '/products']) expect((await guest().get(path)).body, path).to.include('Big box')
  })
  it('says what each cycle costs and saves, what is paid first and what then', async () => {
    const { product, plans } = await inAcme(() => newProduct({}, [{ cycle: 'monthly', price: '5.00', setup: '9.00' }, { cycle: 'annual', price: '50.00' }, { cycle: 'weekly', price: '1.00' }]))
    const monthly = words((await guest().get(`/products/${product.slug}`)).body)
    expect(monthly).to.match(/Saves 16 % against paying monthly/).and.match(/Saves 13 % against paying monthly/).and.match(/plus \$9\.00 set-up/).and.match(/First payment \$14\.00/).and.match(/Then \$5\.00 a month , until you cancel/)
    expect(words((await guest().get(`/products/${product.slug}?cycle=annual`)).body)).to.match(/First payment \$50\.00/)
    expect((await guest().get(`/products/${product.slug}?plan=${plans[2]!.publicId}`)).body).to.match(/Then <strong>\$1\.00 a week/)
  })
  it('promises a trial as it will be billed: the set-up fee today, the price afterwards', async () => {
    const { product } = await inAcme(() => newProduct({ trialDays: 14 }, [{ cycle: 'monthly', price: '5.00', setup: '9.00' }]))
    expect(words((await guest().get(`/products/${product.slug}`)).body)).to.match(/To pay today \$9\.00/).and.match(/Free for 14 days\. Then \$5\.00 a month/)
  })
  it('offers a customer a trial once, and prices in the customer’s own currency only', async () => {
    const dated = () => ({ created_at: clock.now(), updated_at: clock.now() })
    const { product, userId } = await inAcme(async () => {
      const made = await newProduct({ trialDays: 14 }, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'monthly', currency: 'EUR', price: '6.00' }, { cycle: 'one-time', currency: 'EUR', price: '60.00' }])
      const [userId] = (await tenantDb()('users').insert({ public_id: newPublicId(), email: 'e@example.com', name: 'Erin', currency: 'EUR', time_zone: 'UTC', locale: 'en', ...dated() })) as [number]
      return { ...made, userId }
    })
    const browser = guest()
    await browser.get(`/test-sign-in/${userId}`)
    const seen = async (search = '') => words((await browser.get(`/products/${product.slug}${search}`)).body)
    expect(await seen('?currency=USD')).to.include('Free for 14 days. Then €6.00 a month').and.not.include('$5.00')
    expect(await seen('?cycle=one-time')).to.include('First payment €60.00').and.include('No further payments').and.not.include('Free for')
    await inAcme(async () => {
      const { id: planId } = await Plan.findOwned({ productId: product.id, currency: 'EUR', billingCycle: 'monthly' })
      await tenantDb()('subscriptions').insert({
        public_id: newPublicId(), user_id: userId, plan_id: planId, product_id: product.id, status: 'ended', billing_cycle: 'monthly', currency: 'EUR', selection: '{}', items: '[]', amount_minor: 600, anchor_day: 1,
        started_on: '2026-01-01', time_zone: 'UTC', anchored_at: clock.now(), ...dated(),
      })
    })
    expect(await seen()).to.include('First payment €6.00').and.not.include('Free for')
  })
  it('shows the price of what is chosen, with and without JavaScript', async () => {
    const at = await inAcme(() => newProduct({}, undefined, [ram, backups]))
    const href = `/products/${at.product.slug}`
    const fields = { plan: at.plan.publicId, quantity: '3', [`option_${at.option('Ram').optionId}`]: String(at.option('Ram', '8 GB').choiceId), [`option_${at.option('Backups').optionId}`]: 'on' }
    const browser = guest()
    const whole = await browser.fill(href, fields)
    expect([whole.status, words(whole.body).includes('First payment $25.50'), whole.body.includes('<h1')]).to.deep.equal([200, true, true])
    const part = await browser.post(href, fields, { 'hx-request': 'true', 'hx-request-type': 'partial' })
    expect([words(part.body).includes('First payment $25.50'), part.body.includes('<h1'), part.body.trimStart().startsWith('<div id="configure"')]).to.deep.equal([true, false, true])
  })
  it('keeps what was typed and says what is wrong with it', async () => {
    const at = await inAcme(async () => [await newProduct({ maxQuantity: 5 }, undefined, [ram]), await newProduct({}, undefined, [ram])] as const)
    const href = `/products/${at[0].product.slug}`
    const answer = async (fields: Record<string, string>) => {
      const { status, body } = await guest().fill(href, { plan: at[0].plan.publicId, [`option_${at[0].option('Ram').optionId}`]: String(at[0].option('Ram').choiceId), ...fields })
      return { status, text: words(body), body }
    }
    for (const quantity of ['0', '-1', '1000000000', '6', 'x']) {
      const { status, text, body } = await answer({ quantity })
      expect([status, text.includes('Enter a quantity between 1 and 5.'), body.includes(`value="${quantity}"`)], quantity).to.deep.equal([422, true, true])
    }
    expect((await answer({ [`option_${at[1].option('Ram').optionId}`]: String(at[1].option('Ram').choiceId) })).text).to.include('not offered with this plan')
    expect((await answer({ [`option_${at[0].option('Ram').optionId}`]: String(at[1].option('Ram').choiceId) })).text).to.include('not offered with this plan')
    expect((await answer({ '<script>': '1', plan: '<b>' })).body).to.not.include('<b>')
  })
  it('lets only those who have the link see a hidden product or plan, and nobody a retired one', async () => {
    const { product, plans: [open, secret] } = await inAcme(() => newProduct({ name: 'Secret box' }, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'annual', price: '33.00' }]))
    await inAcme(() => setPlanStatus(secret!, 'hidden'))
    expect((await guest().get(`/products/${product.slug}`)).body).to.not.include('$33.00')
    expect((await guest().get(`/products/${product.slug}?plan=${secret!.publicId}`)).body).to.include('$33.00')
    await inAcme(() => setProductStatus([product], 'hidden'))
    expect((await guest().get(`/products/${product.slug}`)).status).to.equal(404)
    expect((await guest().get(`/products/${product.publicId}`)).status).to.equal(200)
    for (const path of ['/', '/products']) expect((await guest().get(path)).body, path).to.not.include('Secret box')
    await inAcme(() => setProductStatus([product], 'retired'))
    for (const key of [product.slug, product.publicId]) expect((await guest().get(`/products/${key}`)).status).to.equal(404)
    expect(open!.status).to.equal('active')
  })
  it('offers add-ons of the same cycle with their price, and no others', async () => {
    const { product } = await inAcme(async () => {
      const main = await newProduct({}, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'annual', price: '50.00' }])
      const care = await newProduct({ kind: 'addon', name: 'Care', followsParent: true }, [{ cycle: 'monthly', price: '7.00' }])
      const stranger = await newProduct({ kind: 'addon', name: 'Stranger' })
      await setAddons(main.product, [care.product.id])
      expect(stranger.product.kind).to.equal('addon')
      return main
    })
    const monthly = (await guest().get(`/products/${product.slug}`)).body
    expect(words(monthly)).to.include('Care: $7.00 a month').and.not.include('Stranger')
    const addon = /name="(addon_[a-z0-9]{20})"/.exec(monthly)![1]!
    const plan = await inAcme(() => Plan.findOwned({ productId: product.id, billingCycle: 'monthly' }))
    expect(words((await guest().fill(`/products/${product.slug}`, { plan: plan.publicId, [addon]: 'on' })).body)).to.include('First payment $12.00').and.include('Then $12.00 a month')
    expect((await guest().get(`/products/${product.slug}?cycle=annual`)).body).to.not.include('Care')
  })
  it('says when a product is sold out, and takes the button away', async () => {
    const { product } = await inAcme(() => newProduct({ stockLimit: 2, stockTaken: 2 }))
    expect((await guest().get('/vps')).body).to.include('Sold out at the moment')
    expect((await guest().get(`/products/${product.slug}`)).body).to.match(/<button type="submit"[^>]* disabled>[\s\S]{0,600}Add to cart/).and.include('Sold out')
  })
  it('lets a guest choose among the currencies the shop sells in, and no others', async () => {
    const { product } = await inAcme(() => newProduct({}, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'monthly', currency: 'JPY', price: '700' }]))
    expect(words((await guest().get(`/products/${product.slug}?currency=JPY`)).body)).to.include('¥700')
    for (const currency of ['EUR', 'xx', '']) expect(words((await guest().get(`/products/${product.slug}?currency=${currency}`)).body), currency).to.include('$5.00')
  })
  it('prepares a catalogue in a new shop that nobody sees, once, in the shop’s own currency', async () => {
    await inAcme(async () => {
      expect(await seedCatalog(world.acme)).to.equal(6)
      expect(await seedStarter({ currency: 'JPY' })).to.equal(9)
      expect([await seedStarter({ currency: 'JPY' }), await seedCatalog(world.acme), await Plan.query().whereNull('productId').resultSize()]).to.deep.equal([0, 6, 0])
      const annual = await Plan.findOwned({ slug: 'vps-s-annual-jpy' })
      expect([annual.price.toString(), annual.currency]).to.deep.equal(['5000', 'JPY'])
    })
    for (const path of ['/vps', '/products/vps-s', '/web-hosting']) expect((await guest().get(path)).status, path).to.equal(404)
    expect((await guest().get('/products/developer-basic')).headers.location).to.equal('/order/developer_basic')
    await inAcme(async () => setProductStatus(await Product.query().where({ slug: 'game-server' }), 'active'))
    expect(words((await guest().get('/game-servers?currency=JPY')).body)).to.include('¥800')
  })
})
