import { expect } from 'chai'
import { overrideConfig } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { newPublicId } from '../../../shared/security/token.js'
import { applyControl } from '../../../shared/simulators/stripe/control.js'
import { StripeSimulator } from '../../../shared/simulators/stripe/server.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { clock } from '../../../shared/time/clock.js'
import { chargeInvoice } from '../../../tenant/billing/payments/charge-invoice.js'
import { syncDispute } from '../../../tenant/billing/payments/disputes/dispute-sync.js'
import { Dispute } from '../../../tenant/billing/payments/disputes/dispute.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { insertRow, newCustomer, newInvoice, newRun, newService } from '../../../tenant/scenarios/billing-world.js'
import { connectShop, saveCard } from '../../../tenant/testing/payment-world.js'
import '../../../tenant/timetable.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'

describe('a dispute at the desk', function () {
  this.timeout(90_000)
  const { inAcme, member, staff } = useDesk({ at: '2026-11-10T09:00:00Z' })
  let stripe: StripeSimulator
  let owner: Browser
  let at: string
  const shown = async (browser: Browser, path: string): Promise<string> => words((await browser.get(path)).body)
  const atStripe = () => stripe.account('acme').all('dispute').at(-1)!

  before(async () => {
    stripe = await StripeSimulator.start()
    overrideConfig({ STRIPE_API_BASE: stripe.url })
    owner = await member('acme')
  })
  after(async () => {
    overrideConfig({ STRIPE_API_BASE: undefined })
    await stripe.stop()
  })
  beforeEach(() => clock.set('2026-11-10T09:00:00Z'))
  /** A customer who ordered, signed in, used a workspace, paid, and now disputes it. */
  const disputed = async (reason = 'fraudulent'): Promise<string> => inAcme(async () => {
    const gateway = (await tenantDb()('gateway_accounts').first('id')) ? null : await connectShop(stripe, 'acme')
    const customer = await Customer.findOwned<Customer>({ id: await newCustomer({ name: 'Dora Dispute', address_line1: '4 Quay', city: 'Porttown', country: 'US' }) })
    await saveCard(stripe, customer)
    const service = await newService(customer.id, 'render-box')
    const invoice = await newInvoice(customer.id, 1500, { serviceId: service.serviceId })
    const order = await insertRow('orders', { public_id: newPublicId(), checkout_key: newPublicId(), user_id: customer.id, invoice_id: invoice.id, status: 'paid', currency: 'USD', terms_version: 3, terms_accepted_at: clock.now(), detail: '{}', created_at: clock.now(), updated_at: clock.now() })
    const happened = { user_id: customer.id, actor_kind: 'user', actor_id: customer.id, data: '{}', occurred_at: clock.now(), dispatched_at: clock.now() }
    await tenantDb()('events').insert([{ ...happened, type: 'order.placed', subject_type: 'orders', subject_id: order, ip: '203.0.113.7' }, { ...happened, type: 'user.signed-in', subject_type: 'users', subject_id: customer.id, ip: '203.0.113.8' }])
    await newRun(service, '2026-11-10T09:00:00Z', '2026-11-10T11:05:00Z')
    await chargeInvoice(invoice, { offSession: true })
    const payment = (await Payment.query().orderBy('id', 'desc').first())!
    applyControl(stripe, { dispute: { account: 'acme', payment: payment.gatewayPaymentId!, reason } })
    await syncDispute(gateway ?? (await GatewayAccount.current('stripe'))!, atStripe().id)
    return `/reseller/gateways/disputes/${(await Dispute.query().orderBy('id', 'desc').first())!.publicId}`
  })
  const send = async (browser: Browser, here: string) => browser.post(`${here}/submission`, { version: hidden((await browser.get(`${here}/answer/preview`)).body, 'version') })

  it('says what it is about, what usually wins, and until when; the list puts what needs an answer first', async () => {
    at = await disputed()
    const page = await shown(owner, at)
    for (const part of ['Dispute over $15.00', 'somebody else paid with it', 'What usually wins', 'Nov 18, 2026', 'in 8 days', 'Dora Dispute', 'Needs an answer', 'Nothing is sent yet', 'Opened: the gateway holds the money']) expect(page).to.include(part)
    const list = await shown(owner, '/reseller/gateways/disputes?state=needs-answer')
    expect(list).to.include('Dora Dispute').and.to.include('Needs an answer 1').and.to.include('in 8 days')
    expect(await shown(owner, '/reseller/gateways/disputes?state=review')).to.include('No such dispute')
    expect(await shown(owner, '/reseller')).to.include('Disputes to answer')
    expect((await owner.get('/reseller/gateways/disputes.csv')).body).to.match(/Dora Dispute,Fraudulent,15\.00,USD,Money held,2026-11-18T/)
  })

  it('is answered from what the shop can prove: draft, preview of every word, sent once, and then shown as sent', async () => {
    const form = await owner.get(`${at}/answer`)
    for (const fact of ['203.0.113.7', 'version 3,', 'signed in from 203.0.113.8', 'render-box', 'used for 2 h 5 min', '4 Quay', 'Dora Dispute', '/terms']) expect(form.body, fact).to.include(fact)
    const fields = { statement: 'She ordered & used it.\r\nSee the log.', accessLog: '2026-11-10 signed in', purchaseIp: '203.0.113.7', customerName: 'Dora Dispute' }
    const wrong = await owner.post(`${at}/answer`, { _method: 'put', ...fields, purchaseIp: 'everywhere' })
    expect([wrong.status, words(wrong.body).includes('Enter one IP address'), wrong.body.includes('She ordered &amp; used it.')]).to.deep.equal([422, true, true])
    await owner.post(`${at}/answer`, { _method: 'put', ...fields, next: 'draft' })
    expect([await shown(owner, at), atStripe().status]).to.satisfy(([page, status]: string[]) => page!.includes('Go on with the answer') && status === 'needs_response')
    expect((await owner.post(`${at}/answer`, { _method: 'put', ...fields, next: 'preview' })).headers.location).to.match(/answer\/preview$/)
    const preview = await owner.get(`${at}/answer/preview`)
    expect(words(preview.body)).to.include('Send this answer to Stripe?').and.to.include('See the log.').and.to.include('No file goes along.')
    expect((await send(owner, at)).headers.location).to.match(/disputes\/\w{20}$/)
    expect([atStripe().status, (atStripe().evidence as Record<string, string>)['uncategorized_text'], (atStripe().evidence as Record<string, string>)['customer_purchase_ip']]).to.deep.equal(['under_review', 'She ordered & used it.\nSee the log.', '203.0.113.7'])
    const after = await shown(owner, at)
    for (const part of ['Sent. The decision is made', 'Under review', 'See the log.', 'Answer sent off', 'acme owner']) expect(after.toLowerCase(), part).to.include(part.toLowerCase())
    const again = await owner.post(`${at}/submission`, { version: hidden(preview.body, 'version') })
    expect([again.status, words(again.body).includes('nothing can be added')]).to.deep.equal([409, true])
  })

  it('is given in to by staff of the platform after a page that says what that means', async () => {
    const here = (await disputed('product_not_received')).replace('/reseller', '/tenants/acme')
    const sam = await staff()
    expect(await shown(sam, `${here}/acceptance`)).to.include('let the customer keep $15.00').and.to.include('cannot be undone')
    await sam.post(`${here}/acceptance`)
    expect(await shown(sam, here)).to.include('Lost').and.to.include('Given in').and.to.include('Sam').and.not.include('Prepare the answer')
    expect(atStripe().status).to.equal('lost')
    expect((await sam.get(`${here}/answer`)).status).to.equal(409)
  })

  it('is looked at by support, who changes nothing; another shop does not find it', async () => {
    const here = await disputed()
    const support = await member('acme', 'support')
    expect(await shown(support, here)).to.include('Needs an answer').and.not.include('Prepare the answer')
    for (const path of ['/answer', '/answer/preview', '/acceptance']) expect((await support.get(`${here}${path}`)).status, path).to.equal(409)
    for (const act of [support.post(`${here}/submission`, { version: '1' }), support.post(`${here}/acceptance`), support.post(`${here}/answer`, { _method: 'put', statement: 'x' })]) expect((await act).status).to.equal(409)
    const globex = await member('globex')
    for (const path of ['', '/answer', '/answer/preview', '/acceptance']) expect((await globex.get(`${here}${path}`)).status, path).to.equal(404)
    await globex.get('/reseller/gateways')
    for (const act of [globex.post(`${here}/submission`, { version: '1' }), globex.post(`${here}/acceptance`), globex.post(`${here}/look`)]) expect((await act).status).to.equal(404)
    expect(atStripe().status).to.equal('needs_response')
  })
})
