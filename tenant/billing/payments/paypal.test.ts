import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../../shared/http/app.js'
import { signIn } from '../../../shared/http/session.js'
import { paypalPatience } from '../../../shared/payments/paypal-account.js'
import { applyControl } from '../../../shared/simulators/paypal/control.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import type { Customer } from '../../customers/customer.js'
import { findUser } from '../../customers/guard.js'
import { balances, newInvoice } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { paypalEmail, usePaypal } from '../../testing/paypal-world.js'
import { Invoice } from '../invoices/invoice.js'
import { removeMethod } from './methods/change-methods.js'
import { chargeInvoice } from './charge-invoice.js'
import { collectInvoice } from './collect-invoice.js'
import { gatewayRoutes } from './methods/gateway-routes.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'
import { resolvePayment } from './resolve-payment.js'
import { paymentRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, gatewayRoutes, paymentRoutes)
const orders = { method: 'POST', path: '/v2/checkout/orders' } as const

describe('Paying with PayPal', function () {
  this.timeout(20_000) // the SDK is loaded at its first use
  const world = usePaymentWorld()
  const paypal = usePaypal(world)
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  before(() => {
    paypalPatience.timeoutMs = 1500
  })
  after(() => {
    paypalPatience.timeoutMs = 20_000
  })
  const browserOf = async (customer: Customer): Promise<Browser> => {
    const browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${customer.id}`)
    return browser
  }
  const text = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/&#x27;|&#39;/g, "'").replaceAll(/\s+/g, ' ')
  const toPaypal = (html: string): string => (/href="(http:\/\/127[^"]+\/approve\/[^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&')
  const pathOf = (url: string): string => new URL(url).pathname + new URL(url).search
  const status = async (invoice: Invoice): Promise<string> => (await Invoice.findOwned({ id: invoice.id })).status

  describe('with a saved account', () => {
    it('leads the customer to PayPal and back to where he was going, saves the account once, and names it', () => world.in(async () => {
      const customer = await world.customer()
      const browser = await browserOf(customer)
      await browser.get('/payment-methods?next=/order/developer_basic')
      expect(text(browser.last!.body)).to.include('Add a card').and.to.include('Add PayPal')
      await browser.post('/payment-methods/setup', { next: '/order/developer_basic', gateway: 'paypal' })
      await browser.follow()
      const back = pathOf(await paypal.approve(toPaypal(browser.last!.body)))
      expect(back).to.match(/^\/payment-methods\/paypal\?next=.*&approval_token_id=\w+$/)
      for (let reload = 0; reload < 3; reload++) {
        await browser.get(back)
        expect([browser.last!.status, browser.last!.headers.location]).to.deep.equal([303, '/order/developer_basic'])
      }
      const methods = await PaymentMethod.activeOf(customer.id)
      expect(methods.map((m) => [m.label, m.isDefault, m.hasExpired(new Date('2999-01-01'))])).to.deep.equal([[`PayPal ${paypalEmail('works')}`, true, false]])
      await browser.get('/payment-methods')
      expect(text(browser.last!.body)).to.include(`PayPal ${paypalEmail('works')}`)
    }))
    it('saves nothing when the customer goes away from PayPal, and offers the way there again', () => world.in(async () => {
      const customer = await world.customer()
      const browser = await browserOf(customer)
      await browser.get('/payment-methods')
      await browser.post('/payment-methods/setup', { gateway: 'paypal' })
      const here = browser.last!.headers.location!
      await browser.follow()
      expect(toPaypal(browser.last!.body)).to.not.equal('')
      await browser.get(here)
      expect(toPaypal(browser.last!.body)).to.not.equal('')
      await browser.get('/payment-methods/paypal')
      expect([browser.last!.status, browser.last!.headers.location]).to.deep.equal([303, '/payment-methods'])
      expect(await PaymentMethod.activeOf(customer.id)).to.deep.equal([])
    }))
    it('never gives an approval to another customer who knows its name', () => world.in(async () => {
      const [ann, bob] = [await world.customer(), await world.customer()]
      const annAt = await browserOf(ann)
      await annAt.get('/payment-methods')
      await annAt.post('/payment-methods/setup', { gateway: 'paypal' })
      await annAt.follow()
      const back = pathOf(await paypal.approve(toPaypal(annAt.last!.body)))
      const bobAt = await browserOf(bob)
      for (const path of [back, '/payment-methods/paypal?approval_token_id=NOSUCHTOKEN1', '/payment-methods/paypal/..%2F..%2Fx']) {
        await bobAt.get(path)
        expect(bobAt.last!.status, path).to.equal(404)
      }
      expect(await PaymentMethod.query()).to.deep.equal([])
    }))
    it('charges it without the customer when an invoice is collected, once, and books it to the PayPal account', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      const invoice = await newInvoice(customer.id, 1250)
      await Promise.all(Array.from({ length: 4 }, () => world.apart(() => collectInvoice(invoice))))
      expect(await status(invoice)).to.equal('paid')
      expect(paypal.taken().map((c) => [c.amount, c.invoice_id])).to.deep.equal([[{ currency_code: 'USD', value: '12.50' }, `${world.acme.uuid}:${invoice.publicId}:${(await world.payments())[0]!.publicId}`]])
      expect(await balances()).to.deep.equal({ cash: 1250, 'revenue:other': -1250 })
      expect((await world.payments())[0]).to.include({ gatewayAccountId: paypal.account.id, status: 'succeeded' })
    }))
    it('tries the card next when PayPal declines', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer, 'declined')
      const card = await world.card(customer)
      const invoice = await newInvoice(customer.id, 500)
      await collectInvoice(invoice)
      expect((await world.payments()).map((p) => [p.paymentMethodId === card.id, p.status, p.failureCode])).to.deep.equal([[false, 'failed', 'instrument_declined'], [true, 'succeeded', null]])
      expect(paypal.taken()).to.have.length(0)
      expect(world.taken()).to.equal(1)
    }))
    it('treats a lost answer as unknown; five minutes later the same request brings it back, charged once', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      const invoice = await newInvoice(customer.id, 900)
      paypal.simulator.faults.request({ kind: 'timeout-after', ...orders })
      await chargeInvoice(invoice, { offSession: true })
      expect((await world.payments()).map((p) => p.status)).to.deep.equal(['unknown'])
      expect(await status(invoice)).to.equal('open')
      const settled = await resolvePayment((await world.payments())[0]!)
      expect(settled.status).to.equal('succeeded')
      expect(paypal.taken()).to.have.length(1)
      expect(await balances()).to.deep.equal({ cash: 900, 'revenue:other': -900 })
    }))
    it('waits for an eCheck, and books when it has arrived', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer, 'slow')
      const invoice = await newInvoice(customer.id, 900)
      await chargeInvoice(invoice, { offSession: true })
      const [payment] = await world.payments()
      expect([payment!.status, await status(invoice), await balances()]).to.deep.equal(['processing', 'open', { receivable: 900, 'revenue:other': -900 }])
      applyControl(paypal.simulator, { settle: { account: 'acme', payment: payment!.gatewayPaymentId!, outcome: 'succeeded' } })
      expect((await resolvePayment(payment!)).status).to.equal('succeeded')
      expect(await balances()).to.deep.equal({ cash: 900, 'revenue:other': -900 })
    }))
    it('takes the permission back at PayPal when the customer removes it', () => world.in(async () => {
      const customer = await world.customer()
      const method = await paypal.save(customer)
      await removeMethod(method)
      expect(paypal.simulator.account('acme').all('payment-token')).to.deep.equal([])
      expect(await PaymentMethod.activeOf(customer.id)).to.deep.equal([])
    }))
  })

  describe('once, without saving anything', () => {
    const begin = async (amount = 2500) => {
      const customer = await world.customer()
      const invoice = await newInvoice(customer.id, amount)
      const browser = await browserOf(customer)
      const here = `/invoices/${invoice.publicId}/payment`
      await browser.get(here)
      await browser.post(here, { method: 'paypal', after: '0' })
      await browser.get(here)
      return { customer, invoice, browser, here, url: toPaypal(browser.last!.body) }
    }
    it('takes the money when the customer comes back, once, however often he reloads', () => world.in(async () => {
      const { invoice, browser, url } = await begin()
      const back = pathOf(await paypal.approve(url))
      expect(await status(invoice), 'approving alone pays nothing').to.equal('open')
      await Promise.all([1, 2, 3].map(() => browser.get(back)))
      await browser.get(back)
      expect(text(browser.last!.body)).to.include('This invoice is paid')
      expect([await status(invoice), paypal.taken().length]).to.deep.equal(['paid', 1])
      expect(await balances()).to.deep.equal({ cash: 2500, 'revenue:other': -2500 })
      expect(await PaymentMethod.query()).to.deep.equal([])
    }))
    it('pays nothing by an address that only says so', () => world.in(async () => {
      const { invoice, browser, here, url } = await begin()
      await browser.get(`${here}?token=${url.split('/').pop()!}&PayerID=WORKSXXXXXXXX`)
      expect([await status(invoice), paypal.taken().length, (await world.payments())[0]!.status]).to.deep.equal(['open', 0, 'requires_action'])
    }))
    it('is one order for two clicks', () => world.in(async () => {
      const { browser, here } = await begin()
      await browser.post(here, { method: 'paypal', after: '0' })
      await browser.post(here, { method: 'paypal', after: '1' })
      expect(paypal.simulator.account('acme').all('order')).to.have.length(1)
      expect(await Payment.query()).to.have.length(1)
    }))
    it('gives way to a card, and what the customer approves afterwards is never taken', () => world.in(async () => {
      const { customer, invoice, browser, here, url } = await begin()
      const card = await world.card(customer)
      await browser.post(here, { method: card.publicId, after: '1' })
      expect(await status(invoice)).to.equal('paid')
      const back = pathOf(await paypal.approve(url))
      await browser.get(back)
      await world.later(60)
      expect([paypal.taken().length, world.taken()]).to.deep.equal([0, 1])
      expect((await world.payments()).map((p) => p.status)).to.deep.equal(['canceled', 'succeeded'])
      expect(await balances()).to.deep.equal({ cash: 2500, 'revenue:other': -2500 })
    }))
    it('is closed after a day, also when PayPal has forgotten the order: the invoice can be paid again', () => world.in(async () => {
      const { customer, invoice } = await begin()
      const account = paypal.simulator.account('acme')
      account.objects.delete(account.all('order')[0]!.id)
      await resolvePayment((await world.payments())[0]!)
      expect((await world.payments())[0]!.status).to.equal('requires_action')
      const dayLater = new Date((await world.payments())[0]!.createdAt.getTime() + 86_400_000)
      expect((await resolvePayment((await world.payments())[0]!, dayLater)).status).to.equal('canceled')
      await world.card(customer)
      expect((await chargeInvoice(invoice, { offSession: true })).kind).to.equal('paid')
    }))
  })
})
