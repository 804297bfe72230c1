import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../../shared/http/app.js'
import { signIn } from '../../../shared/http/session.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import { newInvoice, newService } from '../../scenarios/billing-world.js'
import { submit, usePaymentWorld } from '../../testing/payment-world.js'
import type { Customer } from '../../customers/customer.js'
import { findUser } from '../../customers/guard.js'
import { Invoice } from '../invoices/invoice.js'
import { GatewayAccount, gatewayCsp } from './gateways/gateway-account.js'
import { PaymentMethod } from './methods/payment-method.js'
import { resolvePayment } from './resolve-payment.js'
import { gatewayRoutes } from './methods/gateway-routes.js'
import { payLinkRoutes } from './link-routes.js'
import { paymentRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, gatewayRoutes, payLinkRoutes, paymentRoutes)

describe('The payment pages', () => {
  const world = usePaymentWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  const browserOf = async (customer: Customer): Promise<Browser> => {
    const browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${customer.id}`)
    return browser
  }
  const text = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/&#x27;|&#39;/g, "'").replaceAll(/\s+/g, ' ')
  const simulated = (html: string): string => (/href="(http:\/\/127[^"]+\/pay\/[^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')
  const pathOf = (url: string): string => new URL(url).pathname + new URL(url).search
  const tokenOf = (method: PaymentMethod, after = 0) => ({ method: method.publicId, after: String(after) })

  it('lead a customer through adding a card, safe on reload, and back to where he was going', () => world.in(async () => {
    const customer = await world.customer()
    const browser = await browserOf(customer)
    await browser.get('/payment-methods?next=/order/developer_basic')
    expect(text(browser.last!.body)).to.include('No payment method yet')
    await browser.post('/payment-methods/setup', { next: '/order/developer_basic' })
    expect(browser.last!.status).to.equal(303)
    await browser.follow()
    const cardPage = simulated(browser.last!.body)
    const secret = new URL(cardPage).pathname.split('/').pop()!
    const returned = await submit(`${world.stripe.url}/pay/setup/${secret}`, { card: 'pm_card_visa', return_url: new URL(cardPage).searchParams.get('return_url')! })
    const back = pathOf(returned.headers.get('location')!)
    for (let reload = 0; reload < 3; reload++) {
      await browser.get(back)
      expect([browser.last!.status, browser.last!.headers.location]).to.deep.equal([303, '/order/developer_basic'])
    }
    expect(await PaymentMethod.activeOf(customer.id)).to.have.length(1)
    await browser.get('/payment-methods')
    expect(text(browser.last!.body)).to.include('Visa ending 4242').and.to.include('Default').and.to.include('Visa ending 4242 is saved.')
  }))

  it('tell the customer why a card was not saved, and let him try another', () => world.in(async () => {
    const browser = await browserOf(await world.customer())
    await browser.get('/payment-methods')
    await browser.post('/payment-methods/setup')
    const at = browser.last!.headers.location!
    await browser.follow()
    const secret = new URL(simulated(browser.last!.body)).pathname.split('/').pop()!
    await submit(`${world.stripe.url}/pay/setup/${secret}`, { card: 'pm_card_chargeDeclinedExpiredCard', return_url: 'http://acme.localhost/x' })
    await browser.get(at)
    expect(text(browser.last!.body)).to.include('The card was not saved').and.to.include('The card has expired.')
  }))

  it('do not show or take another customer\'s setup, card or invoice', () => world.in(async () => {
    const [ann, bob] = [await world.customer(), await world.customer()]
    const card = await world.card(ann)
    const invoice = await newInvoice(ann.id, 500)
    const annAt = await browserOf(ann)
    await annAt.get('/payment-methods')
    await annAt.post('/payment-methods/setup')
    const setup = annAt.last!.headers.location!.split('?')[0]!
    const browser = await browserOf(bob)
    await browser.get('/payment-methods')
    for (const path of [setup, `/payment-methods/${card.publicId}/removal`, `/invoices/${invoice.publicId}/payment`, '/payment-methods/setup/seti_nothing', '/payment-methods/setup/..%2f..%2fcustomers']) {
      expect((await browser.get(path)).status, path).to.equal(404)
    }
    await browser.get('/payment-methods')
    expect((await browser.post(`/payment-methods/${card.publicId}`, { _method: 'delete' })).status).to.equal(404)
    expect((await browser.post(`/invoices/${invoice.publicId}/payment`, tokenOf(card))).status).to.equal(404)
    expect((await server.browser('acme.localhost').get('/payment-methods')).headers.location).to.include('/sign-in')
    expect((await PaymentMethod.findOwned({ id: card.id })).status).to.equal('active')
  }))

  it('change the default, and remove a card after asking', () => world.in(async () => {
    const customer = await world.customer()
    const [visa, master] = [await world.card(customer), await world.card(customer, 'pm_card_mastercard')]
    const browser = await browserOf(customer)
    await browser.get('/payment-methods')
    await browser.post(`/payment-methods/${master.publicId}/default`, { _method: 'put' })
    await browser.follow()
    expect(text(browser.last!.body)).to.include('Mastercard ending 4444 is now your default.')
    await browser.get(`/payment-methods/${visa.publicId}/removal`)
    expect(text(browser.last!.body)).to.include('Remove Visa ending 4242?')
    await browser.post(`/payment-methods/${visa.publicId}`, { _method: 'delete' })
    await browser.follow()
    expect(text(browser.last!.body)).to.include('Visa ending 4242 is removed.')
    await newService(customer.id)
    await browser.get(`/payment-methods/${master.publicId}/removal`)
    expect(text(browser.last!.body)).to.include('This payment method cannot be removed now').and.to.include('billed by the hour')
  }))

  it('take a payment once when the button is pressed twice, and say how it went', () => world.in(async () => {
    const customer = await world.customer()
    const card = await world.card(customer)
    const invoice = await newInvoice(customer.id, 4735)
    const at = `/invoices/${invoice.publicId}/payment`
    const browser = await browserOf(customer)
    await browser.get(at)
    expect(text(browser.last!.body)).to.include('$47.35').and.to.include('Visa ending 4242')
    const twice = await Promise.all([browser.post(at, tokenOf(card)), browser.post(at, tokenOf(card))])
    expect(twice.map((a) => a.status)).to.deep.equal([303, 303])
    expect(world.taken()).to.equal(1)
    await browser.get(at)
    expect(text(browser.last!.body)).to.include('This invoice is paid')
  }))

  it('say why a card was declined, on the form, with the choice kept', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const poor = await world.card(customer, 'pm_card_chargeDeclinedInsufficientFunds')
    const invoice = await newInvoice(customer.id, 500)
    const browser = await browserOf(customer)
    await browser.get(`/invoices/${invoice.publicId}/payment`)
    const answer = await browser.post(`/invoices/${invoice.publicId}/payment`, tokenOf(poor))
    expect(answer.status).to.equal(409)
    expect(text(answer.body)).to.include('The card has insufficient funds. Nothing was charged.')
    expect(answer.body).to.match(new RegExp(`value="${poor.publicId}" checked`)).and.to.include('name="after" value="1"')
  }))

  it('send the customer to the bank by a link and show the end when he returns, however often he reloads', () => world.in(async () => {
    const customer = await world.customer()
    const card = await world.card(customer, 'pm_card_authenticationRequired')
    const invoice = await newInvoice(customer.id, 500)
    const browser = await browserOf(customer)
    await browser.get(`/invoices/${invoice.publicId}/payment`)
    await browser.post(`/invoices/${invoice.publicId}/payment`, tokenOf(card))
    await browser.follow()
    expect(text(browser.last!.body)).to.include('Confirm this payment')
    const returned = await submit(simulated(browser.last!.body), { answer: 'complete' })
    for (let reload = 0; reload < 3; reload++) {
      await browser.get(pathOf(returned.headers.get('location')!))
      expect(text(browser.last!.body)).to.include('This invoice is paid')
    }
    expect(world.taken()).to.equal(1)
  }))

  it('say "do not pay again" while the result is unknown, in a part that renews itself, and the end when it is known', () => world.in(async () => {
    const customer = await world.customer()
    const card = await world.card(customer)
    const invoice = await newInvoice(customer.id, 500)
    const browser = await browserOf(customer)
    await browser.get(`/invoices/${invoice.publicId}/payment`)
    world.stripe.faults.request({ kind: 'error-after', method: 'POST', path: '/v1/payment_intents' })
    await browser.post(`/invoices/${invoice.publicId}/payment`, tokenOf(card))
    await browser.follow()
    expect(text(browser.last!.body)).to.include('Please do not pay again')
    expect(browser.last!.body).to.include('hx-trigger="every 5s"').and.not.to.include('name="method"')
    await browser.post(`/invoices/${invoice.publicId}/payment`, tokenOf(card, 1))
    expect(await world.payments()).to.have.length(1)
    await resolvePayment((await world.payments())[0]!)
    const part = await browser.get(`/invoices/${invoice.publicId}/payment`, { 'hx-request': 'true' })
    expect(part.body).to.match(/^\s*<div id="pay"/).and.not.to.include('every 5s')
    expect(text(part.body)).to.include('This invoice is paid')
    expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('paid')
  }))

  it('open the content policy for the gateway\'s card form only when the gateway is the real one', () => world.in(async () => {
    const account = (await GatewayAccount.current())!
    expect(gatewayCsp(account)).to.deep.equal({})
    account.apiBase = null
    expect(gatewayCsp(account)['script-src']).to.deep.equal(['https://js.stripe.com'])
  }))

  it('never show the secrets of the account', () => world.in(async () => {
    const customer = await world.customer()
    const browser = await browserOf(customer)
    await browser.get('/payment-methods')
    await browser.post('/payment-methods/setup')
    await browser.follow()
    expect(browser.last!.body).not.to.match(/sk_test_|whsec_/)
  }))
})
