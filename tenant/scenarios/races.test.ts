import { expect } from 'chai'
import type { Browser } from '../../shared/testing/browser.js'
import { setClock } from '../../shared/testing/world.js'
import { config } from '../../shared/config.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { newProduct } from '../testing/catalog-world.js'
import { reviewFields } from '../testing/order-world.js'
import { newCoupon } from '../testing/pricing-world.js'
import { newInvoice } from './billing-world.js'
import { useCustomerWorld } from './customer-world.js'

const FIFTY = 50
const fifty = <T>(make: (n: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: FIFTY }, (_v, n) => make(n)))

/** Fifty spends of one credit: billing/invoices/invoice.test.ts. Eight finalisers of one number series: billing/invoices/number-series.test.ts. Fifty orders over the verb: billing/coupons/redeem-coupons.test.ts. Here the same rules through the pages. */
describe('Fifty at the same moment', function () {
  this.timeout(120_000)
  const world = useCustomerWorld()
  beforeEach(() => setClock('2026-11-10T09:00:00Z'))

  it('open tabs that pay one invoice take the money once', async () => {
    const person = await world.person()
    const invoice = await world.in(() => newInvoice(person.customer.id, 4321))
    const browsers = await fifty(() => world.shop.as(person.customer.id))
    const page = `/invoices/${invoice.publicId}/payment`
    for (const browser of browsers) await browser.get(page)
    // The limit is 20 attempts an hour for one customer; this is about what stands behind it.
    await world.admin.query(`delete from ${config().CENTRAL_DATABASE}.rate_limits`)
    const answers = await fifty((n) => browsers[n]!.post(page, { method: person.card!.publicId, after: '0' }))
    expect(answers.filter((a) => ![303, 409, 429].includes(a.status)).map((a) => a.body.slice(0, 300))).to.deep.equal([])
    await world.turn()
    expect([world.taken(), await world.count('payments', { status: 'succeeded' })]).to.deep.equal([1, 1])
    expect(await person.invoices()).to.deep.equal(['manual 4321 paid'])
  })

  it('customers who order with a coupon for one use: one has it, the others are told and order without', async () => {
    const { plan } = await world.in(async () => {
      await newCoupon({ code: 'ONLYONE', percentPpm: 500_000, limitTotal: 1 })
      return newProduct({}, [{ cycle: 'monthly', price: '10.00' }])
    })
    const carts: Array<{ browser: Browser; fields: Record<string, string> }> = []
    for (let n = 0; n < FIFTY; n++) {
      const person = await world.person({}, null)
      const browser = await world.shop.as(person.customer.id)
      await world.put(browser, plan)
      await browser.get('/cart')
      await browser.post('/cart/codes', { code: 'ONLYONE' })
      carts.push({ browser, fields: reviewFields((await browser.get('/checkout')).body) })
    }
    const answers = await fifty((n) => carts[n]!.browser.post('/checkout', carts[n]!.fields))
    expect(answers.filter((a) => a.status === 303)).to.have.length(1)
    expect(answers.filter((a) => a.status >= 500)).to.deep.equal([])
    expect([await world.count('coupon_redemptions'), await world.count('orders')]).to.deep.equal([1, 1])
    expect(await world.in(async () => (await Invoice.query()).map((i) => i.totalMinor))).to.deep.equal([500])
  })
})
