import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../../shared/http/app.js'
import { signIn } from '../../../shared/http/session.js'
import { useServer, type Browser } from '../../../shared/testing/browser.js'
import { findUser } from '../../customers/guard.js'
import type { Customer } from '../../customers/customer.js'
import { newInvoice } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { auditTenant } from '../audit.js'
import { Invoice } from '../invoices/invoice.js'
import type { PaymentMethod } from '../payments/methods/payment-method.js'
import { creditBalance } from './credit.js'
import { creditRoutes } from './routes.js'

const shop = Router()
shop.get('/test-sign-in/:id', async (req, res) => {
  await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
  res.send('in')
})
shop.use(findUser, creditRoutes)

describe('Buying credit', () => {
  const world = usePaymentWorld()
  const server = useServer(() => createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }))
  let customer: Customer
  let browser: Browser
  const withCard = async (token?: string): Promise<PaymentMethod> => {
    const card = await world.in(async () => {
      customer = await world.customer()
      return world.card(customer, token)
    })
    browser = server.browser('acme.localhost')
    await browser.get(`/test-sign-in/${customer.id}`)
    return card
  }
  const formKey = async (): Promise<string> => /name="formKey" value="([^"]+)"/.exec((await browser.get('/credit')).body)![1]!
  const balance = () => world.in(async () => (await creditBalance(customer.id, 'USD')).minor)

  it('charges the card, shows the new balance, and pays what is open', async () => {
    const card = await withCard()
    const invoice = await world.in(() => newInvoice(customer.id, 700))
    const answer = await browser.post('/credit', { amount: '25.00', method: card.publicId, formKey: await formKey() })
    expect([answer.status, answer.headers.location]).to.deep.equal([303, '/credit'])
    const page = await browser.get('/credit')
    for (const text of ['Thank you, your credit was added.', '$18.00', '$25.00', '-$7.00']) expect(page.body).to.contain(text)
    await world.in(async () => {
      expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('paid')
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('twice from one form is one payment', async () => {
    const card = await withCard()
    const fields = { amount: '25', method: card.publicId, formKey: await formKey() }
    await Promise.all([browser.post('/credit', fields), browser.post('/credit', fields)])
    await browser.post('/credit', fields)
    expect([world.taken(), await balance()]).to.deep.equal([1, 2500])
  })

  it('asks again for an amount that cannot be, and keeps what was typed', async () => {
    const card = await withCard()
    for (const amount of ['abc', '4.99', '1000.01', '5.001', '-5', '1e3']) {
      const answer = await browser.post('/credit', { amount, method: card.publicId, formKey: await formKey() })
      expect([amount, answer.status]).to.deep.equal([amount, 422])
      expect(answer.body).to.contain(`value="${amount}"`)
    }
    expect([world.taken(), await balance()]).to.deep.equal([0, 0])
  })

  it('says why a card was declined and books nothing', async () => {
    const card = await withCard('pm_card_chargeCustomerFail')
    const answer = await browser.post('/credit', { amount: '25', method: card.publicId, formKey: await formKey() })
    expect(answer.status).to.equal(409)
    expect(answer.body).to.contain('Nothing was charged. Try another payment method.')
    expect(await balance()).to.equal(0)
  })

  it('takes no card of another customer', async () => {
    const foreign = await withCard()
    await withCard()
    const answer = await browser.post('/credit', { amount: '25', method: foreign.publicId, formKey: await formKey() })
    expect(answer.status).to.equal(404)
    expect(world.taken()).to.equal(0)
  })
})
