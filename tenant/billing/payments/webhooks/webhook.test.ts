import { expect } from 'chai'
import type { Server } from 'node:http'
import { Router } from 'express'
import { createApp } from '../../../../shared/http/app.js'
import { sealed } from '../../../../shared/database/sealed-column.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { applyControl } from '../../../../shared/simulators/stripe/control.js'
import { signatureHeader } from '../../../../shared/simulators/stripe/webhooks.js'
import type { ApiObject } from '../../../../shared/simulators/stripe/wire.js'
import type { Tenant } from '../../../../shared/tenancy/tenant.js'
import { exchange, useServer } from '../../../../shared/testing/browser.js'
import { balances, newInvoice } from '../../../scenarios/billing-world.js'
import { connectShop, relayTo, submit, usePaymentWorld, WEBHOOK_SECRET } from '../../../testing/payment-world.js'
import { Invoice } from '../../invoices/invoice.js'
import { startAddingMethod } from '../methods/add-payment-method.js'
import { chargeInvoice } from '../charge-invoice.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { PaymentMethod } from '../methods/payment-method.js'
import { Payment } from '../payment.js'
import { WebhookEvent } from './webhook-event.js'
import { webhookRoutes } from '../methods/gateway-routes.js'

describe('Webhooks of the payment gateway', () => {
  const world = usePaymentWorld()
  const server = useServer(() => createApp({ tenantApp: webhookRoutes, consoleApp: Router(), platformApp: Router() }))
  let account: GatewayAccount
  beforeEach(async () => {
    account = await world.in(async () => (await GatewayAccount.current())!)
  })
  const post = async (body: string, headers: Record<string, string>, to: { host?: string; id?: string } = {}): Promise<number> =>
    (await exchange(server.port, `/webhooks/stripe/${to.id ?? account.publicId}`, { method: 'POST', headers: { host: to.host ?? 'acme.localhost', 'content-type': 'application/json', ...headers }, body })).status
  const signed = (event: unknown, secret = WEBHOOK_SECRET, secondsAgo = 0): [string, Record<string, string>] => {
    const body = JSON.stringify(event)
    return [body, { 'stripe-signature': signatureHeader(body, secret, Math.floor(Date.now() / 1000) - secondsAgo) }]
  }
  const eventAbout = (object: { id: string; object: string }, type = 'payment_intent.succeeded', id = `evt_${object.id}_${type}`) => ({ id, object: 'event', type, api_version: '2026-10-28.endive', data: { object } })
  const stored = (): Promise<WebhookEvent[]> => WebhookEvent.query().orderBy('id').then((rows) => rows)
  const ledgerHash = async (): Promise<string> => JSON.stringify([await balances(), await tenantDb()('ledger_entries').orderBy('id')])

  /** An invoice whose charge went through at the gateway while the answer was lost to us. */
  const lostCharge = async (amount = 1500) => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, amount)
    world.stripe.faults.request({ kind: 'error-after', method: 'POST', path: '/v1/payment_intents' })
    await chargeInvoice(invoice, { offSession: true })
    const intent = world.stripe.account('acme').all('payment_intent').at(-1) as ApiObject
    return { customer, invoice, intent }
  }

  it('are refused with 400, and nothing is stored, unless header, secret, body and age hold', () => world.in(async () => {
    const { intent } = await lostCharge()
    const before = await ledgerHash()
    const [body, good] = signed(eventAbout(intent as never))
    const flipped = `${body.slice(0, 20)}${String.fromCharCode(body.charCodeAt(20) ^ 1)}${body.slice(21)}`
    const cases: Array<[string, string, Record<string, string>]> = [
      ['no header', body, {}], ['empty header', body, { 'stripe-signature': '' }], ['wrong secret', ...signed(eventAbout(intent as never), 'whsec_wrong_0123456789')], ['one bit flipped', flipped, good],
      ['301 s old', ...signed(eventAbout(intent as never), WEBHOOK_SECRET, 301)], ['no scheme we know', body, { 'stripe-signature': good['stripe-signature']!.replace('v1=', 'v0=') }], ['empty body', '', good], ['not an event', ...signed({ hello: 1 })],
    ]
    for (const [name, text, headers] of cases) expect(await post(text, headers), name).to.equal(400)
    expect(await stored()).to.have.length(0)
    expect(await ledgerHash()).to.equal(before)
  }))

  it('are refused while the account has no secret or an empty one', () => world.in(async () => {
    const { intent } = await lostCharge()
    for (const secret of [null, '']) {
      const webhookSecretSealed = secret === null ? null : sealed('gateway_accounts', 'webhook_secret', account.publicId).seal(secret)
      await GatewayAccount.query().patch({ webhookSecretSealed }).where({ id: account.id })
      expect(await post(...signed(eventAbout(intent as never), secret ?? ''))).to.equal(400)
    }
  }))

  it('settle a payment whose answer was lost, once, however often and in whatever order they come', () => world.in(async () => {
    const { invoice, intent } = await lostCharge()
    const types = ['payment_intent.processing', 'payment_intent.succeeded', 'payment_intent.payment_failed', 'payment_intent.succeeded', 'payment_intent.requires_action']
    const answers = await Promise.all(types.flatMap((type, i) => [1, 2, 3].map(() => post(...signed(eventAbout(intent as never, type, `evt_${i}`))))))
    expect(new Set(answers)).to.deep.equal(new Set([200]))
    await world.jobs()
    expect((await stored()).map((e) => e.status)).to.deep.equal(types.map(() => 'processed'))
    expect(await balances()).to.deep.equal({ cash: 1500, 'revenue:other': -1500 })
    expect((await world.events()).filter((e) => e === 'payment.succeeded')).to.have.length(1)
    expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('paid')
  }))

  it('are only hints: a signed event that lies about the payment changes nothing that the gateway does not confirm', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer, 'pm_usBankAccount')
    const invoice = await newInvoice(customer.id, 1500)
    await chargeInvoice(invoice, { offSession: true })
    const intent = world.stripe.account('acme').all('payment_intent').at(-1) as ApiObject
    await post(...signed(eventAbout({ ...intent, status: 'succeeded', amount_received: 1500 } as never)))
    await world.jobs()
    expect((await world.payments())[0]!.status).to.equal('processing')
    expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('open')
  }))

  it('tell that a slow payment failed: the next card is tried, or the customer is written to', () => world.in(async () => {
    const customer = await world.customer()
    const slow = await world.card(customer, 'pm_usBankAccount')
    const [alone, present] = [await newInvoice(customer.id, 1500), await newInvoice(customer.id, 700)]
    await chargeInvoice(alone, { offSession: true })
    await chargeInvoice(present, { method: slow, offSession: false })
    await world.card(customer)
    const intents = world.stripe.account('acme').all('payment_intent')
    for (const intent of intents) {
      applyControl(world.stripe, { settle: { account: 'acme', payment: intent.id, outcome: 'failed' } })
      await post(...signed(eventAbout(intent as never, 'payment_intent.payment_failed')))
    }
    await world.jobs()
    const rows = (await world.payments()).map((p) => [p.invoiceId, p.status])
    expect(rows).to.deep.equal([[alone.id, 'failed'], [present.id, 'failed'], [alone.id, 'succeeded']])
    expect(await world.letters()).to.have.members(['payment-failed', 'payment-receipt'])
  }))

  const wrong: Array<[string, (intent: ApiObject, other: { publicId: string }) => void]> = [
    ['another amount', (intent) => Object.assign(intent, { amount: 1, amount_received: 1 })],
    ['another currency', (intent) => Object.assign(intent, { currency: 'eur' })],
    ['less money than asked for', (intent) => Object.assign(intent, { amount_received: 1499 })],
    ['another invoice', (intent, other) => Object.assign(intent.metadata as object, { invoice: other.publicId })],
    ['another attempt', (intent) => Object.assign(intent.metadata as object, { attempt: 'aaaaaaaaaaaaaaaaaaaa' })],
    ['another customer', (intent) => Object.assign(intent, { customer: 'cus_somebody_else' })],
    ['another shop', (intent) => Object.assign(intent.metadata as object, { tenant: world.globex.uuid })],
  ]
  for (const [what, tamper] of wrong) {
    it(`park a payment that is about ${what}, and leave the ledger alone`, () => world.in(async () => {
      const { customer, invoice, intent } = await lostCharge()
      tamper(intent, await newInvoice(customer.id, 77))
      const before = await ledgerHash()
      expect(await post(...signed(eventAbout(intent as never)))).to.equal(200)
      await world.jobs()
      expect((await stored()).map((e) => e.status)).to.deep.equal(['parked'])
      expect(await ledgerHash()).to.equal(before)
      expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('open')
      expect(await world.events()).to.include('webhook.parked')
    }))
  }

  it('of another shop are refused, and touch nobody', async () => {
    await world.in(() => connectShop(world.stripe, 'globex').then((made) => GatewayAccount.query().patch({ webhookSecretSealed: null }).where({ id: made.id })), world.globex)
    const theirs = await world.in(async () => (await GatewayAccount.current())!, world.globex)
    const before = await world.checksum(world.globex)
    const { intent } = await world.in(() => lostCharge())
    expect(await post(...signed(eventAbout(intent as never)), { host: 'globex.localhost', id: theirs.publicId })).to.equal(400)
    expect(await post(...signed(eventAbout(intent as never)), { host: 'globex.localhost' }), 'acme\'s address on globex\'s host').to.equal(404)
    expect(await world.checksum(world.globex as Tenant)).to.equal(before)
  })

  it('about things that are not ours are left alone', () => world.in(async () => {
    const stranger = world.stripe.account('acme').add('payment_intent', 'pi', { amount: 100, amount_received: 100, currency: 'usd', status: 'succeeded', metadata: {}, customer: null, payment_method: null, next_action: null, last_payment_error: null })
    await post(...signed(eventAbout(stranger as never)))
    await post(...signed(eventAbout({ id: 'in_1', object: 'invoice' }, 'invoice.paid')))
    await world.jobs()
    expect((await stored()).map((e) => e.status)).to.deep.equal(['ignored', 'ignored'])
  }))

  it('wait and are tried again while the gateway does not answer', () => world.in(async () => {
    const { invoice, intent } = await lostCharge()
    await post(...signed(eventAbout(intent as never)))
    world.stripe.faults.request({ kind: 'error-before', method: 'GET', path: '/v1/payment_intents' })
    await world.jobs()
    expect((await stored())[0]).to.include({ status: 'received', attempts: 1 })
    await world.later(2)
    expect((await stored())[0]).to.include({ status: 'processed', attempts: 2 })
    expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('paid')
  }))

  it('save a card when the customer never came back from the card page', () => world.in(async () => {
    const customer = await world.customer()
    const setup = await startAddingMethod(customer)
    await submit(`${world.stripe.url}/pay/setup/${setup.clientSecret}`, { card: 'pm_card_visa', return_url: 'http://acme.localhost/back' })
    await post(...signed({ ...eventAbout(world.stripe.account('acme').get('setup_intent', setup.id) as never, 'setup_intent.succeeded') }))
    await world.jobs()
    expect((await PaymentMethod.activeOf(customer.id)).map((m) => m.label)).to.deep.equal(['Visa ending 4242'])
  }))

  it('take a card off that was removed at the gateway', () => world.in(async () => {
    const customer = await world.customer()
    const [first, second] = [await world.card(customer), await world.card(customer, 'pm_card_mastercard')]
    await account.open().removeMethod(first.gatewayMethodId)
    await post(...signed(eventAbout({ id: first.gatewayMethodId, object: 'payment_method' }, 'payment_method.detached')))
    await world.jobs()
    expect((await PaymentMethod.activeOf(customer.id)).map((m) => [m.id, m.isDefault])).to.deep.equal([[second.id, true]])
  }))

  describe('sent by the simulator itself', () => {
    let relay: { url: string; server: Server; seen: number[] }
    before(async () => {
      relay = await relayTo(() => server.port, 'acme.localhost', () => `/webhooks/stripe/${account.publicId}`)
    })
    after(() => relay.server.close())
    beforeEach(() => {
      relay.seen.length = 0
      const made = world.stripe.account('acme').add('webhook_endpoint', 'we', { url: relay.url, enabled_events: ['payment_intent.succeeded', 'payment_intent.created', 'payment_intent.processing'], status: 'enabled' })
      made._secret = WEBHOOK_SECRET
    })

    it('come duplicated, swapped, late and forged, and lead to one payment each', () => world.in(async () => {
      const customer = await world.customer()
      await world.card(customer)
      for (const kind of ['duplicate', 'reorder', 'delay', 'forge'] as const) world.stripe.faults.event({ kind, ms: 100, type: 'payment_intent.succeeded' })
      for (const amount of [100, 200, 300, 400]) {
        world.stripe.faults.request({ kind: 'error-after', method: 'POST', path: '/v1/payment_intents' })
        await chargeInvoice(await newInvoice(customer.id, amount), { offSession: true })
      }
      await new Promise((done) => setTimeout(done, 300))
      await world.stripe.deliverer.idle()
      await world.jobs()
      expect(relay.seen.filter((status) => status === 400), 'the forged one').to.have.length(1)
      expect((await Payment.query()).map((p) => p.status)).to.deep.equal(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
      expect(await balances()).to.deep.equal({ cash: 1000, 'revenue:other': -1000 })
    }))
  })
})
