import { expect } from 'chai'
import { overrideConfig } from '../../shared/config.js'
import { ViesSimulator } from '../../shared/simulators/vies.js'
import type { Browser } from '../../shared/testing/browser.js'
import { TaxNumber } from '../billing/tax/tax-number.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Customer } from '../customers/customer.js'
import { newProduct, type TestProduct } from '../testing/catalog-world.js'
import { useOrderWorld } from '../testing/order-world.js'
import { rate, register } from '../testing/pricing-world.js'

describe('The tax number in the checkout', function () {
  this.timeout(20_000)
  const world = useOrderWorld()
  const { in: inAcme } = world
  const vies = new ViesSimulator()
  let vps: TestProduct
  let buyer: Customer
  let browser: Browser
  before(async () => {
    await vies.up()
    overrideConfig({ VIES_API_BASE: vies.url })
  })
  after(() => vies.down())
  beforeEach(async () => {
    vies.reset()
    vps = await inAcme(() => newProduct({ name: 'VPS S' }, [{ cycle: 'monthly', price: '10.00' }]))
    buyer = await world.buyer({ country: 'AT', city: 'Wien' })
    browser = await world.shop.as(buyer.id)
    await world.put(browser, vps.plan)
  })
  const german = () => inAcme(async () => {
    await register('DE', 'home', 'DE136695976')
    await rate('DE', 190_000)
  })
  const address = (taxId: string): Record<string, string> => ({ _method: 'put', name: 'Ada Lovelace', company: 'Ada GmbH', addressLine1: '2 Ring', city: 'Wien', country: 'AT', taxId })
  const give = async (taxId: string) => {
    await browser.get('/checkout?step=address')
    return browser.post('/checkout/address', address(taxId))
  }

  it('is not asked by a shop that is registered nowhere, and nothing is kept of one that is sent', async () => {
    expect((await browser.get('/checkout?step=address')).body).to.not.contain('name="taxId"')
    await give('ATU13585627')
    expect(await inAcme(() => TaxNumber.query().resultSize())).to.equal(0)
  })

  it('is refused at once when its check digits are wrong; then the address is not saved either, and the form keeps both', async () => {
    await german()
    const wrong = await give('ATU13585628')
    expect(wrong.status).to.equal(422)
    expect(wrong.body).to.match(/check digits/).and.to.contain('value="ATU13585628"').and.to.contain('value="2 Ring"')
    expect((await inAcme(() => Customer.findOwned<Customer>({ id: buyer.id }))).addressLine1).to.equal('1 High Street')
  })

  it('announces the reverse charge while the register is asked, and takes the tax off once it has confirmed', async () => {
    await german()
    expect((await browser.get('/checkout')).body).to.contain('$11.90')
    expect((await give('atu 1358 5627')).status).to.equal(303)
    const waiting = await browser.follow()
    expect(waiting.body).to.contain('ATU13585627').and.to.contain('Being checked').and.to.match(/no tax is added here: you account for it yourself \(reverse charge\)/).and.to.contain('$11.90').and.to.contain('hx-get="/checkout/tax-number"')
    expect((await browser.get('/checkout/tax-number', { 'hx-request': 'true' })).body).to.contain('id="tax-number"').and.to.contain('every 5s')
    await world.jobs()
    expect((await browser.get('/checkout/tax-number', { 'hx-request': 'true' })).headers['hx-redirect']).to.equal('/checkout')
    const confirmed = await browser.get('/checkout')
    expect(confirmed.body).to.contain('Confirmed').and.to.contain('$10.00').and.to.match(/[Rr]everse charge/).and.to.not.contain('$11.90')
    await world.checkOut(browser)
    expect((await inAcme(() => Invoice.query().orderBy('id', 'desc').first().execute()))!).to.include({ totalMinor: 1000, taxMinor: 0 })
  })

  it('of the own country is kept and changes no price; left empty it is taken back', async () => {
    await german()
    await browser.get('/checkout?step=address')
    await browser.post('/checkout/address', { ...address('DE136695976'), country: 'DE' })
    const shown = await browser.get('/checkout')
    expect(shown.body).to.contain('DE136695976').and.to.contain('$11.90').and.to.not.contain('reverse charge')
    await browser.post('/checkout/address', { ...address(''), country: 'DE' })
    expect(await inAcme(() => TaxNumber.query().resultSize())).to.equal(0)
  })
})
