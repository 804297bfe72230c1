import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Refusal } from '../../shared/errors.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import type { Browser } from '../../shared/testing/browser.js'
import { auditTenant } from '../billing/audit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { endSubscription } from '../billing/subscriptions/end-subscription.js'
import { reactivateSubscription, refusalToReactivate } from '../billing/subscriptions/reactivate-subscription.js'
import { renewCustomer } from '../billing/subscriptions/renew-due.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { Product } from '../catalog/product.js'
import { completeSetup } from '../services/complete-setup.js'
import { ServiceTask } from '../services/service-task.js'
import { Service } from '../services/service.js'
import type { Customer } from '../customers/customer.js'
import { newProduct, type TestProduct } from '../testing/catalog-world.js'
import { hidden, useOrderWorld } from '../testing/order-world.js'
import { expireOrders } from './expire-orders.js'
import { Order } from './order.js'
import { putStockBack } from './reactions.js'

describe('What is added to something that runs', function () {
  this.timeout(30_000)
  const world = useOrderWorld()
  const { in: inAcme } = world
  let vps: TestProduct
  let backup: TestProduct
  let buyer: Customer
  let browser: Browser
  let running: Subscription
  const subscriptions = () => inAcme(() => Subscription.query().orderBy('id').execute())
  const jobs = async (): Promise<void> => { for (let n = 0; n < 3; n++) await world.jobs() }

  /** A server of $30.00 a month that was bought, paid and set up on 1 November. */
  beforeEach(async () => {
    setClock('2026-11-01T00:00:00.000Z')
    vps = await inAcme(() => newProduct({ name: 'VPS S', stockLimit: 2 }, [{ cycle: 'monthly', price: '30.00' }]))
    backup = await inAcme(() => newProduct({ name: 'Backup', kind: 'addon', followsParent: true, maxQuantity: 5, stockLimit: 5 }, [{ cycle: 'monthly', price: '6.00', setup: '1.00' }], [{ name: 'Copies', choices: { one: { 1: '0.00' }, two: { 1: '3.00' } } }]))
    await inAcme(async () => tenantDb()('product_addons').insert({ product_id: vps.product.id, addon_id: backup.product.id }))
    buyer = await world.buyer()
    const card = await inAcme(() => world.card(buyer))
    browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan, { name: 'web-1' })
    await world.checkOut(browser, { pay: card.publicId })
    await jobs()
    await inAcme(async () => completeSetup(await ServiceTask.findOwned<ServiceTask>({ kind: 'setup', status: 'open' }), []))
    await jobs()
    running = (await subscriptions())[0]!
  })
  const halfway = async (): Promise<void> => {
    setClock('2026-11-16T00:00:00.000Z')
    browser = await world.shop.as(buyer.id)
  }
  const home = (): string => `/subscriptions/${running.publicId}/addons`
  const wish = (): Record<string, string> => { const o = backup.option('Copies', 'two'); return { quantity: '2', [`option_${o.optionId}`]: String(o.choiceId) } }
  const preview = () => browser.fill(`${home()}/${backup.plan.publicId}`, wish())
  const agreement = (body: string): Record<string, string> => ({ ...wish(), terms: 'on', ...Object.fromEntries(['key', 'at', 'seen', 'terms_version'].map((name) => [name, hidden(body, name)])) })
  const order = (fields: Record<string, string>) => browser.post(`${home()}/${backup.plan.publicId}/order`, fields)

  it('costs the rest of the period by the second, as the preview says, and renews with what it belongs to', async () => {
    await halfway()
    expect((await browser.get(`/subscriptions/${running.publicId}`)).body).to.contain('Add to it')
    expect((await browser.get(home())).body).to.contain('Backup').and.to.contain('$6.00 a month').and.to.match(/Renews and ends with/)
    const shown = await preview()
    // 2 × (6.00 + 3.00) for half of November: 9.00, and 2 × 1.00 once.
    expect(shown.body).to.contain('$9.00').and.to.contain('$11.00').and.to.contain('$18.00 a month')
    expect(await world.count('orders')).to.equal(1)
    const fields = agreement(shown.body)
    setClock('2026-11-16T00:10:00.000Z')
    const [first, second] = [await order(fields), await order(fields)]
    expect([first.status, first.headers.location]).to.deep.equal([303, second.headers.location])
    expect(await world.count('orders')).to.equal(2)
    const invoice = await inAcme(async () => (await Invoice.query().orderBy('id', 'desc').first())!)
    expect(invoice).to.include({ totalMinor: 1100, status: 'open', kind: 'order' })
    expect(await inAcme(async () => (await Product.findOwned<Product>({ id: backup.product.id })).stockTaken)).to.equal(2)
    const [method] = await inAcme(() => tenantDb()('payment_methods').pluck('public_id') as Promise<string[]>)
    await browser.fill(first.headers.location!, { method: method!, after: '0' })
    await jobs()
    const addon = (await subscriptions())[1]!
    expect(addon).to.include({ parentId: running.id, status: 'active', amountMinor: 1800, serviceId: running.serviceId })
    expect(addon.billedUntil!.toISOString()).to.equal(running.billedUntil!.toISOString())
    expect(await inAcme(async () => (await ServiceTask.findOwned<ServiceTask>({ kind: 'addon', status: 'open' })).note)).to.contain('Backup × 2')
    setClock('2026-12-01T00:30:00.000Z')
    await inAcme(() => renewCustomer(buyer.id, clock.now()))
    const renewal = await inAcme(async () => (await Invoice.query().where({ kind: 'renewal' }).orderBy('id', 'desc').first())!)
    expect(renewal.totalMinor).to.equal(4800)
    expect(await inAcme(() => auditTenant())).to.deep.equal([])
  })

  it('is refused after 15 minutes with the new price, and for an instant of tomorrow', async () => {
    await halfway()
    const fields = agreement((await preview()).body)
    setClock('2026-11-16T00:15:00.000Z')
    const late = await order(fields)
    expect(late.status).to.equal(409)
    expect(late.body).to.match(/older than 15 minutes/).and.to.contain('name="seen"')
    expect((await order({ ...fields, at: String(clock.now().getTime() + 86_400_000) })).status).to.equal(409)
    expect((await order({ ...agreement(late.body), seen: '1' })).body).to.match(/price has changed/)
    expect((await order({ ...agreement(late.body), terms: '' })).status).to.equal(422)
    expect(await world.count('orders')).to.equal(1)
    expect((await order(agreement(late.body))).status).to.equal(303)
  })

  it('belongs to its owner, and is taken back alone when nobody pays it', async () => {
    const stranger = await world.shop.as((await world.buyer()).id)
    expect((await stranger.get(home())).status).to.equal(404)
    const other = await inAcme(() => newProduct({ name: 'Other', kind: 'addon' }))
    expect((await browser.fill(home(), {}, `${home()}/${other.plan.publicId}`)).status).to.equal(404)
    await order(agreement((await preview()).body))
    setClock('2026-11-29T00:00:00.000Z')
    await inAcme(() => expireOrders(clock.now()))
    await jobs()
    expect(await inAcme(async () => (await Order.query().orderBy('id', 'desc').first())!.status)).to.equal('expired')
    expect(await inAcme(async () => (await Service.findOwned<Service>({ id: running.serviceId })).status)).to.equal('active')
    expect((await subscriptions()).map((s) => s.status)).to.deep.equal(['active', 'ended'])
    expect(await inAcme(async () => (await Product.findOwned<Product>({ id: backup.product.id })).stockTaken)).to.equal(0)
  })

  it('that ended takes its place in the stock again when it is taken up, and is refused when the place is gone', async () => {
    const stock = () => inAcme(async () => (await Product.findOwned<Product>({ id: vps.product.id })).stockTaken)
    const end = async (): Promise<Subscription> => {
      await inAcme(async () => tenantTransaction(async (trx) => endSubscription(trx, await Subscription.findOwned<Subscription>({ id: running.id }), clock.now(), 'cancelled')))
      await inAcme(async () => { await tenantDb()('services').update({ status: 'suspended', suspended_by: 'pause' }) })
      return inAcme(() => Subscription.findOwned<Subscription>({ id: running.id }))
    }
    // Taken up before anybody heard of its end: it still holds its place, and keeps it.
    setClock('2026-11-02T00:00:00.000Z')
    await inAcme(async () => reactivateSubscription(await end()))
    await jobs()
    expect(await stock()).to.equal(1)
    setClock('2026-11-03T00:00:00.000Z')
    const ended = await end()
    await inAcme(() => putStockBack(running.id))
    expect(await stock()).to.equal(0)
    await inAcme(async () => { await Product.query().patch({ stockTaken: 2 }).where({ id: vps.product.id }) })
    expect((await inAcme(() => refusalToReactivate(ended, clock.now())))?.code).to.equal('product.sold-out')
    const refused: unknown = await inAcme(() => reactivateSubscription(ended).catch((e: unknown) => e))
    expect(refused).to.be.instanceOf(Refusal)
    await inAcme(async () => { await Product.query().patch({ stockTaken: 1 }).where({ id: vps.product.id }) })
    await inAcme(() => reactivateSubscription(ended))
    expect(await stock()).to.equal(2)
  })
})
