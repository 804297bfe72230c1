import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { auditTenant } from '../billing/audit.js'
import { Product } from '../catalog/product.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { completeSetup } from '../services/complete-setup.js'
import { Service } from '../services/service.js'
import { ServiceTask } from '../services/service-task.js'
import { newProduct, type TestProduct } from '../testing/catalog-world.js'
import { reviewFields, useOrderWorld } from '../testing/order-world.js'
import { newCoupon } from '../testing/pricing-world.js'
import { Cart, CartItem } from './cart.js'
import { expireOrders } from './expire-orders.js'
import { Order } from './order.js'

describe('Ordering by cart', function () {
  this.timeout(20_000)
  const world = useOrderWorld()
  const { in: inAcme } = world
  let vps: TestProduct
  beforeEach(async () => {
    vps = await inAcme(() => newProduct({ name: 'VPS S', maxQuantity: 5 }, [{ cycle: 'monthly', price: '10.00', setup: '5.00' }, { cycle: 'annual', price: '100.00' }], [{ name: 'Memory', choices: { '4 GB': { 1: '0.00' }, '8 GB': { 1: '3.00' } } }]))
  })
  const memory = () => { const o = vps.option('Memory', '8 GB'); return { [`option_${o.optionId}`]: String(o.choiceId) } }
  const orders = () => inAcme(() => Order.query().orderBy('id').execute())
  const stock = () => inAcme(async () => (await Product.findOwned<Product>({ id: vps.product.id })).stockTaken)
  const invoices = () => inAcme(() => Invoice.query().orderBy('id').execute())

  it('goes all the way: a guest’s cart, an account, a coupon, one invoice to the cent, a payment, a service that staff sets up', async () => {
    await inAcme(() => newCoupon({ code: 'SAVE10', includesSetup: true }))
    const browser = world.shop.guest()
    await world.put(browser, vps.plan, { ...memory(), name: 'web-1', quantity: '2' })
    expect((await browser.get('/cart')).body).to.contain('web-1').and.to.contain('$26.00').and.to.contain('Where are you?')
    expect((await browser.get('/checkout')).headers.location).to.contain('/sign-in')
    const buyer = await world.buyer()
    await world.shop.signIn(browser, buyer.id)
    await browser.get('/cart')
    await browser.post('/cart/codes', { code: 'save10' })
    // 2 × (10 + 3) = 26.00 a month and 2 × 5.00 setup, less 10 %.
    expect((await browser.get('/cart')).body).to.contain('SAVE10').and.to.contain('$32.40').and.to.contain('$26.00 a month')
    const ordered = await world.checkOut(browser)
    const [[order], [invoice]] = [await orders(), await invoices()]
    expect(ordered.headers.location).to.equal(`/invoices/${invoice!.publicId}/payment`)
    expect(invoice).to.include({ subtotalMinor: 3600, discountMinor: 360, totalMinor: 3240, status: 'open', kind: 'order' })
    expect(order).to.include({ status: 'placed', totalMinor: 3240, currency: 'USD', termsVersion: 1, invoiceId: invoice!.id })
    const card = await inAcme(() => world.card(buyer))
    const paid = await browser.fill(ordered.headers.location!, { method: card.publicId, after: '0' })
    expect(paid.headers.location).to.contain(`/invoices/${invoice!.publicId}`)
    await world.jobs()
    await world.jobs()
    expect(await world.count('subscriptions', { status: 'active' })).to.equal(1)
    const task = await inAcme(() => ServiceTask.findOwned<ServiceTask>({ kind: 'setup', status: 'open' }))
    expect(task.note).to.contain('VPS S × 2').and.to.contain('Memory: 8 GB')
    await inAcme(() => completeSetup(task, [{ label: 'Address', value: '192.0.2.7', secret: false }, { label: 'Password', value: 'hunter2hunter2', secret: true }]))
    await world.jobs()
    const service = await inAcme(() => Service.findOwned<Service>({ userId: buyer.id }))
    expect(service).to.include({ status: 'active', name: 'web-1' })
    const shown = await browser.get(`/services/${service.publicId}`)
    expect(shown.body).to.contain('192.0.2.7').and.to.not.contain('hunter2hunter2')
    expect((await browser.post(`/services/${service.publicId}/details`)).body).to.contain('hunter2hunter2')
    expect(await inAcme(() => world.events())).to.include.members(['order.placed', 'invoice.paid', 'order.paid', 'subscription.activated', 'service.ready', 'service.details-revealed'])
    const file = await browser.get('/orders.csv')
    expect([file.headers['cache-control'], file.body.split('\r\n')]).to.deep.equal(['private, no-store', ['ordered,what,total,currency,state', `${order!.createdAt.toISOString()},web-1,32.40,USD,paid`, '']])
    const other = world.shop.guest()
    await world.shop.signIn(other, (await world.buyer()).id)
    expect((await other.get('/orders.csv')).body).to.equal('ordered,what,total,currency,state\r\n')
    expect(await inAcme(() => world.letters())).to.include.members(['service-ready'])
    expect((await browser.get(`/orders/${order!.publicId}`)).body).to.contain('is ready').and.to.contain('Paid')
    expect(await stock()).to.equal(2)
    expect(await inAcme(() => auditTenant())).to.deep.equal([])
  })

  it('makes one order, one invoice and one payment of ten clicks at once, a reload and the back button', async () => {
    const buyer = await world.buyer()
    const card = await inAcme(() => world.card(buyer))
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan)
    const fields = { ...reviewFields((await browser.get('/checkout')).body), pay: card.publicId }
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.post('/checkout', fields)))
    answers.push(await browser.post('/checkout', fields))
    expect(answers.map((a) => a.status)).to.deep.equal(Array.from({ length: 11 }, () => 303))
    expect([await world.count('orders'), await world.count('invoices'), await world.count('services'), await world.count('subscriptions'), await world.count('payments')]).to.deep.equal([1, 1, 1, 1, 1])
    expect(await inAcme(async () => world.taken())).to.equal(1)
    expect(await stock()).to.equal(1)
    expect((await browser.get('/cart')).body).to.contain('Your cart is empty')
  })

  it('leaves nothing behind when it fails in the middle, and the same click then makes the order', async () => {
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan)
    const fields = reviewFields((await browser.get('/checkout')).body)
    // A crash at the last step: the invoice's number cannot be drawn.
    const away = (from: string, to: string) => world.admin.query(`rename table ${world.acme.db.database}.${from} to ${world.acme.db.database}.${to}`)
    await away('number_series', 'number_series_away')
    const broken = await browser.post('/checkout', fields)
    await away('number_series_away', 'number_series')
    expect(broken.status).to.equal(500)
    expect([await world.count('orders'), await world.count('invoices'), await world.count('services'), await world.count('subscriptions')]).to.deep.equal([0, 0, 0, 0])
    expect(await stock()).to.equal(0)
    expect((await browser.post('/checkout', fields)).status).to.equal(303)
    expect(await world.count('orders')).to.equal(1)
  })

  it('asks again when a price has changed between the look and the click', async () => {
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan)
    const fields = reviewFields((await browser.get('/checkout')).body)
    await inAcme(async () => tenantDb()('plans').where({ id: vps.plan.id }).update({ price_micros: 12_000_000, version: 2 }))
    const refused = await browser.post('/checkout', fields)
    expect([refused.status, await world.count('orders')]).to.deep.equal([409, 0])
    expect(refused.body).to.contain('has changed')
    const cart = (await browser.get('/cart')).body
    expect(cart).to.contain('Before: $10.00. Now: $12.00.').and.to.not.contain('Go to checkout')
    await browser.post('/cart/confirmation', { seen: /name="seen" value="([^"]*)"/.exec(cart)![1]! })
    expect((await browser.get('/cart')).body).to.contain('Go to checkout')
    expect((await world.checkOut(browser)).status).to.equal(303)
    expect((await invoices())[0]).to.include({ totalMinor: 1700 })
  })

  it('says when something in the cart is gone or sold out, and does not sell it', async () => {
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan, { quantity: '2' })
    const fields = reviewFields((await browser.get('/checkout')).body)
    await inAcme(async () => tenantDb()('products').where({ id: vps.product.id }).update({ stock_limit: 1 }))
    expect((await browser.get('/cart')).body).to.contain('Only 1 left')
    expect((await browser.post('/checkout', fields)).status).to.equal(409)
    await inAcme(async () => tenantDb()('plans').where({ id: vps.plan.id }).update({ status: 'retired' }))
    expect((await browser.get('/cart')).body).to.contain('not offered any more')
    expect((await browser.post('/checkout', fields)).status).to.equal(409)
    expect(await world.count('orders')).to.equal(0)
  })

  it('sells the last piece once to five who want it at the same time', async () => {
    await inAcme(async () => tenantDb()('products').where({ id: vps.product.id }).update({ stock_limit: 1 }))
    const ready = await Promise.all(Array.from({ length: 5 }, async () => {
      const browser = await world.shop.as((await world.buyer()).id)
      await world.put(browser, vps.plan)
      return { browser, fields: reviewFields((await browser.get('/checkout')).body) }
    }))
    const answers = await Promise.all(ready.map(({ browser, fields }) => browser.post('/checkout', fields)))
    expect(answers.map((a) => a.status).sort()).to.deep.equal([303, 409, 409, 409, 409])
    expect([await world.count('orders'), await world.count('services')]).to.deep.equal([1, 1])
  })

  it('takes no price, no odd quantity, no foreign currency and no code twice from a browser', async () => {
    const yen = await inAcme(() => newProduct({}, [{ cycle: 'monthly', currency: 'JPY', price: '500' }]))
    await inAcme(() => newCoupon({ code: 'SAVE10' }))
    const browser = await world.shop.as((await world.buyer()).id)
    await world.put(browser, vps.plan)
    const plan = vps.plan.publicId
    const other = vps.option('Memory', '8 GB')
    const twisted: Array<Record<string, string>> = [
      { plan, price: '0.01' }, { plan, quantity: '-1' }, { plan, quantity: '1e9' }, { plan, quantity: '999999999' }, { plan, quantity: '0' }, { plan, quantity: '1.5' }, { plan: yen.plan.publicId }, { plan, currency: 'JPY' },
      { plan, [`option_${other.optionId + 1000}`]: '1' }, { plan, [`option_${other.optionId}`]: '999999' }, { plan, addon_aaaaaaaaaaaaaaaaaaaa: 'on' }, { plan: 'nothing' },
    ]
    for (const fields of twisted) expect([JSON.stringify(fields), (await browser.post('/cart/items', fields)).status]).to.deep.equal([JSON.stringify(fields), 422])
    expect((await browser.post('/cart/codes', { code: 'SAVE10' })).status).to.equal(303)
    expect((await browser.post('/cart/codes', { code: 'save10' })).status).to.equal(422)
    const fields = reviewFields((await browser.get('/checkout')).body)
    expect((await browser.post('/checkout', { ...fields, total: '1' })).status).to.equal(422)
    expect((await browser.post('/checkout', { ...fields, terms: '' })).status).to.equal(422)
    expect((await browser.post('/checkout', { ...fields, seen: '0'.repeat(40) })).status).to.equal(409)
    expect([await world.count('cart_items'), await world.count('orders')]).to.deep.equal([1, 0])
  })

  it('hides carts and orders of others', async () => {
    const ada = await world.shop.as((await world.buyer()).id)
    await world.put(ada, vps.plan)
    const item = await inAcme(() => CartItem.findOwned<CartItem>({}))
    const eve = await world.shop.as((await world.buyer()).id)
    await world.put(eve, vps.plan)
    for (const [path, fields] of [[`/cart/items/${item.publicId}`, { _method: 'delete' }], [`/cart/items/${item.publicId}`, { _method: 'put', quantity: '3' }]] as const) expect((await eve.post(path, fields)).status).to.equal(404)
    await world.checkOut(ada)
    const [order] = await orders()
    expect((await eve.get(`/orders/${order!.publicId}`)).status).to.equal(404)
    expect((await eve.post(`/orders/${order!.publicId}/cancellation`)).status).to.equal(404)
    expect((await ada.get(`/orders/${order!.publicId}`)).status).to.equal(200)
  })

  it('merges a guest’s cart into the one the account has, once', async () => {
    const buyer = await world.buyer()
    await world.put(await world.shop.as(buyer.id), vps.plan, { name: 'old' })
    const browser = world.shop.guest()
    await world.put(browser, vps.plans[1]!, { name: 'new' })
    await world.shop.signIn(browser, buyer.id)
    const bodies = await Promise.all([1, 2, 3].map(() => browser.get('/cart')))
    for (const { body } of bodies) expect(body).to.contain('old').and.to.contain('new')
    expect(await inAcme(() => Cart.query().execute())).to.have.length(1)
    expect(await world.count('cart_items')).to.equal(2)
    expect((await world.shop.guest().get('/cart')).body).to.contain('Your cart is empty')
  })

  it('lets a first order choose the currency, and keeps to it afterwards', async () => {
    const both = await inAcme(() => newProduct({ name: 'VPS W' }, [{ cycle: 'monthly', price: '10.00' }, { cycle: 'monthly', currency: 'EUR', price: '9.00' }]))
    const euros = both.plans[1]!
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, euros)
    await world.checkOut(browser)
    expect([(await orders())[0]!.currency, await inAcme(async () => (await tenantDb()('users').where({ id: buyer.id }).first('currency')) as object)]).to.deep.equal(['EUR', { currency: 'EUR' }])
    expect((await browser.post('/cart/items', { plan: both.plan.publicId })).status).to.equal(422)
    const guest = world.shop.guest()
    await world.put(guest, both.plan)
    await world.shop.signIn(guest, buyer.id)
    expect((await guest.get('/cart')).body).to.contain('€9.00').and.to.contain('The price has changed')
  })

  it('asks for nothing now for a trial, charges the add-on with it, and starts at once', async () => {
    const backup = await inAcme(() => newProduct({ name: 'Backup', kind: 'addon' }, [{ cycle: 'monthly', price: '2.00' }]))
    const trial = await inAcme(() => newProduct({ name: 'VPS T', trialDays: 14 }, [{ cycle: 'monthly', price: '8.00' }]))
    await inAcme(async () => tenantDb()('product_addons').insert({ product_id: trial.product.id, addon_id: backup.product.id }))
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, trial.plan, { [`addon_${backup.plan.publicId}`]: 'on' })
    expect((await browser.get('/cart')).body).to.contain('Free for 14 days, then $8.00 a month').and.to.contain('$10.00 a month').and.to.contain('$0.00')
    const ordered = await world.checkOut(browser)
    const [order] = await orders()
    expect(ordered.headers.location).to.equal(`/orders/${order!.publicId}`)
    expect(order).to.include({ status: 'paid', totalMinor: 0 })
    await world.jobs()
    expect(await world.count('subscriptions', { status: 'trialing' })).to.equal(2)
    expect(await world.count('services', { status: 'provisioning' })).to.equal(1)
    await world.put(browser, trial.plan)
    expect((await browser.get('/cart')).body).to.not.contain('Free for 14 days')
  })

  it('gives an unpaid order up on the day, with its invoice, stock, coupon and services; a minute before it lives', async () => {
    await inAcme(() => newCoupon({ code: 'ONCE', limitTotal: 1, includesSetup: true }))
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan)
    await browser.post('/cart/codes', { code: 'ONCE' })
    await world.checkOut(browser)
    const [order] = await orders()
    setClock(new Date(order!.expiresAt!.getTime() - 60_000))
    await inAcme(() => expireOrders(new Date(order!.expiresAt!.getTime() - 60_000)))
    expect((await orders())[0]!.status).to.equal('placed')
    setClock(order!.expiresAt!)
    await Promise.all([1, 2].map(() => world.apart(() => expireOrders(order!.expiresAt!))))
    await world.jobs()
    expect((await orders())[0]!.status).to.equal('expired')
    expect((await invoices())[0]!.status).to.equal('void')
    expect([await world.count('services', { status: 'terminated' }), await world.count('subscriptions', { status: 'ended' })]).to.deep.equal([1, 1])
    expect(await stock()).to.equal(0)
    expect((await inAcme(() => world.letters())).filter((l) => l === 'order-expired')).to.have.length(1)
    await world.put(browser, vps.plan)
    await browser.post('/cart/codes', { code: 'ONCE' })
    expect((await world.checkOut(browser)).status).to.equal(303)
    expect((await invoices())[1]).to.include({ discountMinor: 150 })
    expect(await inAcme(() => auditTenant())).to.deep.equal([])
  })

  it('asks for the billing address first, and keeps what was typed', async () => {
    const buyer = await world.buyer({ address_line1: null, city: null })
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan)
    expect((await browser.get('/checkout')).body).to.contain('Still missing: street and number, town').and.to.not.contain('Order and go to payment')
    const wrong = await browser.post('/checkout/address', { _method: 'put', name: 'Ada', addressLine1: '2 Low Road', country: 'US' })
    expect([wrong.status, wrong.body.includes('value="2 Low Road"')]).to.deep.equal([422, true])
    await browser.post('/checkout/address', { _method: 'put', name: 'Ada', addressLine1: '2 Low Road', city: 'Town', country: 'US' })
    expect((await world.checkOut(browser)).status).to.equal(303)
  })
})
