import { expect } from 'chai'
import { Router } from 'express'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { createApp } from '../../../shared/http/app.js'
import { forgetBlocked } from '../../../shared/http/rate-limit.js'
import { signIn } from '../../../shared/http/session.js'
import { setClock } from '../../../shared/testing/world.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import { findUser } from '../../customers/guard.js'
import { newInvoice, newPayment } from '../../scenarios/billing-world.js'
import { submit, usePaymentWorld } from '../../testing/payment-world.js'
import type { Customer } from '../../customers/customer.js'
import { Invoice } from '../invoices/invoice.js'
import { bankDetails } from '../transfers/bank-details.js'
import { collectInvoice } from './collect-invoice.js'
import { payLinkRoutes } from './link-routes.js'
import { issuePayLink } from './pay-link.js'
import { PaymentMethod } from './methods/payment-method.js'
import { paymentRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, payLinkRoutes, paymentRoutes)

describe('Paying by the link of a letter', () => {
  const world = usePaymentWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  beforeEach(() => forgetBlocked())
  const text = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  const guest = (host = 'acme.localhost'): Browser => server.browser(host)
  const pathOf = (url: string): string => new URL(url).pathname + new URL(url).search
  const linkTo = (invoice: Invoice): Promise<string> => world.in(async () => pathOf(await tenantTransaction((trx) => issuePayLink(trx, invoice))))
  const status = (invoice: Invoice): Promise<string> => world.in(async () => (await Invoice.findOwned<Invoice>({ id: invoice.id })).status)
  const owing = (token?: string): Promise<{ customer: Customer; card: PaymentMethod | null; invoice: Invoice }> => world.in(async () => {
    const customer = await world.customer()
    return { customer, card: token ? await world.card(customer, token) : null, invoice: await newInvoice(customer.id, 2500) }
  })

  /** Enters a card by the link; where the page leads afterwards, with the card's name. */
  const enter = async (browser: Browser, link: string, token: string): Promise<{ page: string; card: string }> => {
    setClock('2026-11-10T09:00:01.000Z')
    await browser.get(link)
    await browser.post(`${link}/setup`, {})
    const setup = browser.last!.headers.location!
    const form = /href="(http:\/\/127[^"]+\/pay\/setup\/[^"]+)"/.exec((await browser.get(setup)).body)![1]!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')
    let next = (await submit(form, { card: token, return_url: `http://acme.localhost${setup}` })).headers.get('location') ?? ''
    if (next.includes('/pay/authenticate/')) next = (await submit(next, { answer: 'complete' })).headers.get('location') ?? ''
    await browser.get(setup)
    const page = browser.last!.headers.location!
    return { page, card: /card=([a-z0-9]{20})/.exec(page)![1]! }
  }

  it('neither shows nor charges what the customer has saved', async () => {
    const { card, invoice } = await owing('pm_card_visa')
    const link = await linkTo(invoice)
    const browser = guest()
    expect(text((await browser.get(link)).body)).to.include('$25.00').and.not.to.include('Visa ending 4242')
    expect((await browser.get(`${link}?card=${card!.publicId}`)).body).not.to.include('Visa ending 4242')
    expect((await browser.post(link, { method: card!.publicId, after: '0' })).status).to.equal(404)
    expect([await status(invoice), world.taken()]).to.deep.equal(['open', 0])
  })

  it('shows the invoice and takes the payment without signing in, once', async () => {
    const { invoice } = await owing()
    const link = await linkTo(invoice)
    const browser = guest()
    const { page, card } = await enter(browser, link, 'pm_card_visa')
    expect(text((await browser.get(page)).body)).to.include('$25.00').and.to.include('Visa ending 4242')
    for (let again = 0; again < 2; again++) await browser.post(link, { method: card, after: '0' })
    await browser.get(link)
    expect(text(browser.last!.body)).to.include('This invoice is paid')
    expect([await status(invoice), world.taken()]).to.deep.equal(['paid', 1])
  })

  it('is the link in the letter about a declined card; the table holds its hash only', async () => {
    const { invoice } = await owing('pm_card_chargeDeclinedInsufficientFunds')
    await world.in(() => collectInvoice(invoice).then(() => undefined))
    const letter = await world.in(() => tenantDb()('mail_messages').where({ letter: 'payment-failed' }).first<{ html: string }>('html'))
    const path = /\/pay\/([\w-]{43})/.exec(letter.html)!
    expect((await guest().get(path[0])).status).to.equal(200)
    expect(JSON.stringify(await world.in(() => tenantDb()('pay_links').select('*').then((r) => r as unknown[])))).not.to.include(path[1])
  })

  it('is made for a letter only: looking again at an invoice that nothing can be charged for makes none', () => world.in(async () => {
    const customer = await world.customer()
    const method = await world.card(customer)
    const invoice = await newInvoice(customer.id, 1000)
    const { paymentId } = await newPayment(customer.id, null, 100, 'failed')
    await tenantDb()('payments').where({ id: paymentId }).update({ failure_code: 'lost_card', payment_method_id: method.id })
    for (const day of ['12', '14', '16']) {
      setClock(`2026-11-${day}T09:00:00Z`)
      await collectInvoice(invoice)
    }
    expect([await tenantDb()('pay_links').pluck('invoice_id'), await world.letters()]).to.deep.equal([[invoice.id], ['payment-failed']])
  }))

  it('opens nothing for another shop, a wrong or an old token, and nothing else of the customer', async () => {
    const { card, invoice } = await owing('pm_card_visa')
    const stranger = await owing('pm_card_mastercard')
    const link = await linkTo(invoice)
    expect((await guest('globex.localhost').get(link)).status).to.equal(404)
    for (const bad of ['/pay/nothing', `/pay/${'a'.repeat(43)}`, `${link}x`]) expect((await guest().get(bad)).status, bad).to.equal(404)
    const browser = guest()
    await browser.get(link)
    expect((await browser.post(link, { method: stranger.card!.publicId, after: '0' })).status).to.equal(404)
    expect((await browser.get(`/invoices/${invoice.publicId}/payment`)).status).to.equal(303)
    setClock('2026-12-10T08:59:59.999Z')
    expect((await guest().get(link)).status).to.equal(200)
    setClock('2026-12-10T09:00:00.000Z')
    expect((await guest().get(link)).status).to.equal(404)
    expect((await browser.post(link, { method: card!.publicId, after: '0' })).status).to.equal(404)
    expect(world.taken()).to.equal(0)
  })

  it('leads a guest through the bank’s page and says how it ended, however often the page is reloaded', async () => {
    const { invoice } = await owing()
    const link = await linkTo(invoice)
    const browser = guest()
    const { card } = await enter(browser, link, 'pm_card_authenticationRequired')
    await browser.post(link, { method: card, after: '0' })
    await browser.get(link)
    const bank = (/href="(http:\/\/127[^"]+\/pay\/[^"]+)"/.exec(browser.last!.body)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')
    const returned = await submit(bank, { answer: 'complete' })
    for (let reload = 0; reload < 3; reload++) {
      await browser.get(pathOf(returned.headers.get('location')!))
      await browser.follow()
      expect(text(browser.last!.body)).to.include('Thank you, your payment was received').and.to.include('$25.00')
    }
    expect([await status(invoice), world.taken()]).to.deep.equal(['paid', 1])
  })

  it('tells how to pay by bank transfer with the invoice’s number, where the shop offers it', async () => {
    const { invoice } = await owing()
    const link = await linkTo(invoice)
    expect((await guest().get(link)).body).not.to.include('bank transfer')
    await world.in(() => bankDetails.write({ enabled: true, holder: 'Acme Ltd.', iban: 'DE89 3704 0044 0532 0130 00', bic: '', bank: '', note: 'Two days' }))
    const page = text((await guest().get(link)).body)
    for (const part of ['DE89 3704 0044 0532 0130 00', invoice.label, 'Two days']) expect(page).to.include(part)
  })
})

describe('Paying all from the page', () => {
  const world = usePaymentWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  const field = (body: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)![1]!

  it('charges what the page added up, and asks again when the choice is another sum', async () => {
    const { customer, card, ids } = await world.in(async () => {
      const customer = await world.customer()
      return { customer, card: await world.card(customer), ids: [(await newInvoice(customer.id, 1000)).publicId, (await newInvoice(customer.id, 250)).publicId] }
    })
    const browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${customer.id}`)
    const page = (await browser.get('/pay-all')).body
    expect(page).to.include('Pay $12.50')
    await browser.post('/pay-all', { method: card.publicId, formKey: field(page, 'formKey'), total: field(page, 'total'), invoice: ids[0]! })
    const again = (await browser.follow()).body
    expect(again).to.include('Pay $10.00').and.to.include('The total has changed')
    expect(world.taken()).to.equal(0)
    const fields = { method: card.publicId, formKey: field(again, 'formKey'), total: '1000', invoice: ids[0]! }
    for (let twice = 0; twice < 2; twice++) expect((await browser.post('/pay-all', fields)).headers.location).to.equal('/invoices')
    expect(world.taken()).to.equal(1)
  })
})
