import { expect } from 'chai'
import { overrideConfig } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { PaypalSimulator } from '../../../shared/simulators/paypal/server.js'
import { StripeSimulator } from '../../../shared/simulators/stripe/server.js'
import { runAsPlatform } from '../../../shared/tenancy/context.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { disputePolicy } from '../../../tenant/billing/payments/disputes/dispute-policy.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { WebhookEvent } from '../../../tenant/billing/payments/webhooks/webhook-event.js'
import { newCustomer, newPayment } from '../../../tenant/scenarios/billing-world.js'
import { Dispute } from '../../../tenant/billing/payments/disputes/dispute.js'
import '../../../tenant/timetable.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'
import { pretty } from './event-pages.js'

describe('gateways at the desk', function () {
  this.timeout(60_000)
  const { inShop, inAcme, member, staff } = useDesk()
  let stripe: StripeSimulator
  let paypal: PaypalSimulator
  let owner: Browser
  const shown = async (browser: Browser, path: string): Promise<string> => words((await browser.get(path)).body)

  before(async () => {
    ;[stripe, paypal] = [await StripeSimulator.start(), await PaypalSimulator.start()]
    overrideConfig({ STRIPE_API_BASE: stripe.url, PAYPAL_API_BASE: paypal.url })
    owner = await member('acme')
  })
  after(async () => {
    overrideConfig({ STRIPE_API_BASE: undefined, PAYPAL_API_BASE: undefined })
    await stripe.stop()
    await paypal.stop()
  })

  it('let the owner connect Stripe and PayPal, say what is wrong with keys, and never show a secret again', async () => {
    expect(await shown(owner, '/reseller/gateways')).to.include('No payment account yet').and.to.include('Connect Stripe').and.to.include('Connect PayPal')
    const wrong = await owner.post('/reseller/gateways/paypal', { clientId: 'client_acme', secret: 'secret_nope', mode: 'test' })
    expect([wrong.status, words(wrong.body).includes('PayPal does not accept this'), wrong.body.includes('value="client_acme"'), wrong.body.includes('secret_nope')]).to.deep.equal([422, true, true, false])
    await owner.post('/reseller/gateways/paypal', { clientId: 'client_acme', secret: 'secret_acme', mode: 'test' })
    await owner.post('/reseller/gateways/stripe', { secretKey: 'sk_test_acme', publishableKey: 'pk_test_acme' })
    const page = await owner.get('/reseller/gateways')
    expect(words(page.body)).to.include('Connected in test mode').and.to.include('Test mode: no real money').and.to.include('Waiting for the first event').and.not.include('Connect Stripe')
    expect(page.body).not.to.match(/secret_acme|sk_test_acme/)
    expect(await inAcme(async () => (await GatewayAccount.active()).map((a) => a.gateway))).to.deep.equal(['stripe', 'paypal'])
    expect(await inShop('globex', async () => await GatewayAccount.query())).to.deep.equal([])
  })
  it('test a connection, make the webhook anew, and change keys', async () => {
    const account = await inAcme(async () => (await GatewayAccount.current('paypal'))!)
    const at = `/reseller/gateways/${account.publicId}`
    await owner.post(`${at}/test`)
    expect(await shown(owner, '/reseller/gateways')).to.include('PayPal answers, and the keys work.')
    await owner.post(`${at}/webhook`)
    expect(paypal.account('acme').all('webhook')).to.have.length(1)
    expect((await inAcme(async () => (await GatewayAccount.current('paypal'))!)).webhookId).to.not.equal(account.webhookId)
    expect(await shown(owner, `${at}/keys`)).to.include('Change keys')
    expect((await owner.post(`${at}/keys`, { _method: 'put', publishableKey: 'client_acme', secret: 'secret_bad' })).status).to.equal(422)
    expect((await owner.post(`${at}/keys`, { _method: 'put', publishableKey: 'client_acme', secret: 'secret_acme' })).status).to.equal(303)
  })
  it('are the owner\'s and staff\'s to change; others may look, and another shop finds nothing', async () => {
    const account = await inAcme(async () => (await GatewayAccount.current('paypal'))!)
    const sam = await staff()
    expect(await shown(sam, '/tenants/acme/gateways')).to.include('Test mode: no real money').and.to.include('Change keys')
    const supporter = await member('acme', 'support')
    const support = await shown(supporter, '/reseller/gateways')
    expect(support).to.include('PayPal').and.not.include('Change keys')
    for (const act of [supporter.post('/reseller/gateways/stripe', { secretKey: 'sk_test_x' }), supporter.post(`/reseller/gateways/${account.publicId}`, { _method: 'delete' })]) expect((await act).status).to.equal(409)
    const globex = await member('globex')
    await globex.get('/reseller/gateways')
    for (const path of [`/reseller/gateways/${account.publicId}/keys`, `/reseller/gateways/${account.publicId}/disconnection`]) expect((await globex.get(path)).status, path).to.equal(404)
    expect((await globex.post(`/reseller/gateways/${account.publicId}/test`)).status).to.equal(404)
  })

  it('show what events came and what became of them, masked, and replay one', async () => {
    const id = await inAcme(async () => {
      const account = (await GatewayAccount.current('stripe'))!
      const event = { gatewayAccountId: account.id, payload: JSON.stringify({ id: 'evt_1', type: 'invoice.paid', data: { object: { id: 'in_1', client_secret: 'pi_1_secret_xyz', amount: 500 } } }), attempts: 8, receivedAt: new Date() }
      await WebhookEvent.query().insert({ ...event, eventId: 'evt_2', type: 'payment_intent.succeeded', status: 'processed' })
      return (await WebhookEvent.query().insertAndFetch({ ...event, eventId: 'evt_1', type: 'invoice.paid', status: 'dead', error: 'stripe: did not answer.' })).id
    })
    const list = await shown(owner, '/reseller/gateways/events?state=dead')
    expect(list).to.include('invoice.paid').and.to.include('stripe: did not answer.').and.not.include('payment_intent.succeeded')
    expect(await shown(owner, '/reseller/gateways/events?about=evt_2')).to.include('payment_intent.succeeded').and.not.include('invoice.paid')
    expect(await shown(owner, '/reseller/gateways/events?about=%25')).to.include('No such event')
    const detail = await owner.get(`/reseller/gateways/events/${id}`)
    expect(words(detail.body)).to.include('Given up').and.to.include('500').and.to.include('Replay')
    expect(detail.body).not.to.include('pi_1_secret_xyz')
    await owner.post(`/reseller/gateways/events/${id}/replay`)
    await runAsPlatform(() => runDueJobs())
    expect(await inAcme(async () => (await WebhookEvent.findOwned<WebhookEvent>({ id })).status)).to.equal('ignored')
    expect((await (await member('globex')).get(`/reseller/gateways/events/${id}`)).status).to.equal(404)
  })
  it('replay many events after a preview, once for each confirmed form, and none of another shop', async () => {
    const made = await inAcme(async () => {
      const event = { gatewayAccountId: (await GatewayAccount.current('stripe'))!.id, payload: JSON.stringify({ id: 'evt_b', type: 'invoice.paid', data: { object: { id: 'in_1' } } }), type: 'invoice.paid', attempts: 8, receivedAt: new Date() }
      const one = async (eventId: string, status: 'dead' | 'parked' | 'received'): Promise<number> => (await WebhookEvent.query().insertAndFetch({ ...event, eventId, status })).id
      return [await one('evt_b1', 'dead'), await one('evt_b2', 'parked'), await one('evt_b3', 'received')]
    })
    const picks = { act: 'replay', ...Object.fromEntries([...made, 987654].map((id) => [`pick_${id}`, 'on'])) }
    const states = (): Promise<string[]> => inAcme(async () => (await WebhookEvent.query().whereIn('id', made).orderBy('id')).map((e) => e.status))
    const preview = await owner.post('/reseller/gateways/events/selection', picks)
    expect(words(preview.body)).to.include('Replay 2 events').and.to.include('Left alone: This event is being worked on already.')
    expect(await states()).to.deep.equal(['dead', 'parked', 'received'])
    const form = Object.fromEntries(['act', 'ids', 'seen', 'formKey'].map((name) => [name, hidden(preview.body, name)]))
    for (const [name, expected] of [['globex', 422], ['acme', 409]] as const) {
      const stranger = await member(name, name === 'acme' ? 'support' : 'owner')
      await stranger.get('/reseller/gateways/events')
      expect((await stranger.post('/reseller/gateways/events/selection/acts', form)).status).to.equal(expected)
    }
    expect(words((await owner.post('/reseller/gateways/events/selection/acts', form)).body)).to.include('Replayed 2 events')
    await runAsPlatform(() => runDueJobs())
    const after = await states()
    expect(after.slice(0, 2)).to.deep.equal(['ignored', 'ignored'])
    expect(words((await owner.post('/reseller/gateways/events/selection/acts', form)).body)).to.include('It was worked on since it was shown.')
    expect(await states()).to.deep.equal(after)
  })
  it('mask secrets wherever they stand, and nothing else', () => {
    const masked = pretty('{"a":{"client_secret":"x1","list":[{"access_token":"x2","signature":"x3"}]},"amount":5,"email":"a@b.c"}')
    expect(masked).not.to.match(/x1|x2|x3/)
    expect(masked).to.include('"amount": 5').and.to.include('a@b.c')
    expect(pretty('<html>')).to.equal('(not readable)')
  })

  it('list disputes with their deadline, and keep what the shop wants to happen to services', async () => {
    await inAcme(async () => {
      const userId = await newCustomer({ name: 'Dora Dispute' })
      const { paymentId, gatewayAccountId } = await newPayment(userId, null, 1500)
      await Dispute.query().insert({ publicId: 'd'.repeat(20), gatewayAccountId, gatewayDisputeId: 'du_1', paymentId, userId, amountMinor: 1500, currency: 'USD', creditTakenMinor: 0, reason: 'fraudulent', status: 'open', respondBy: new Date('2020-01-01'), openedAt: new Date(), closedAt: null })
    })
    expect(await shown(owner, '/reseller/gateways/disputes')).to.include('Dora Dispute').and.to.include('$15.00').and.to.include('Fraudulent').and.to.include('Too late')
    expect(await shown(owner, '/reseller/gateways/disputes?state=won')).to.include('No such dispute')
    expect(await shown(owner, '/reseller/gateways/disputes/policy')).to.include('Do nothing')
    expect((await owner.post('/reseller/gateways/disputes/policy', { _method: 'put', default: 'explode' })).status).to.equal(422)
    await owner.post('/reseller/gateways/disputes/policy', { _method: 'put', default: 'nothing', 'type.vps': 'suspend' })
    expect(await inAcme(() => disputePolicy.read())).to.deep.equal({ default: 'nothing', byServiceType: { vps: 'suspend' } })
  })

  it('disconnect only after saying what that means', async () => {
    const account = await inAcme(async () => (await GatewayAccount.current('paypal'))!)
    expect(await shown(owner, `/reseller/gateways/${account.publicId}/disconnection`)).to.include('Disconnect PayPal?').and.to.include('0 saved payment methods can no longer be charged')
    await owner.post(`/reseller/gateways/${account.publicId}`, { _method: 'delete' })
    expect(await shown(owner, '/reseller/gateways')).to.include('PayPal is disconnected').and.to.include('Connect PayPal')
    expect(await inAcme(async () => (await tenantDb()('events').where('type', 'like', 'gateway.%').pluck('type')) as string[])).to.include.members(['gateway.connected', 'gateway.webhook-renewed', 'gateway.keys-changed', 'gateway.disconnected'])
  })
})
