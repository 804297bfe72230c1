import { expect } from 'chai'
import type { Server } from 'node:http'
import { Router } from 'express'
import { createApp } from '../../../../shared/http/app.js'
import { centralDb } from '../../../../shared/database/central-database.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { applyControl } from '../../../../shared/simulators/paypal/control.js'
import type { Order } from '../../../../shared/simulators/paypal/orders.js'
import { paypalSignature } from '../../../../shared/simulators/paypal/webhooks.js'
import { runAsPlatform } from '../../../../shared/tenancy/context.js'
import { exchange, useServer } from '../../../../shared/testing/browser.js'
import { balances, newInvoice } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import { relayPaypal, usePaypal } from '../../../testing/paypal-world.js'
import { Invoice } from '../../invoices/invoice.js'
import { startAddingMethod } from '../methods/add-payment-method.js'
import { chargeInvoice } from '../charge-invoice.js'
import { closeBankPage } from '../close-bank-page.js'
import { connectPaypal } from '../gateways/connect-account.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { webhookRoutes } from '../methods/gateway-routes.js'
import { payInvoice } from '../pay-invoice.js'
import { PaymentMethod } from '../methods/payment-method.js'
import { replayWebhook, resumeWebhooks } from './process-webhook.js'
import { refundPayment } from '../refunds/refund-payment.js'
import { WebhookEvent } from './webhook-event.js'

describe('Webhooks of PayPal', function () {
  this.timeout(20_000)
  const world = usePaymentWorld()
  const paypal = usePaypal(world)
  const server = useServer(() => createApp({ tenantApp: webhookRoutes, consoleApp: Router(), platformApp: Router() }))
  const post = async (body: string, headers: Record<string, string>, to: { host?: string; path?: string } = {}): Promise<number> =>
    (await exchange(server.port, to.path ?? `/webhooks/paypal/${paypal.account.publicId}`, { method: 'POST', headers: { host: to.host ?? 'acme.localhost', 'content-type': 'application/json', ...headers }, body })).status
  const signed = (event: unknown, how: { secondsAgo?: number; honest?: boolean } = {}): [string, Record<string, string>] => {
    const body = JSON.stringify(event, null, 1)
    return [body, paypalSignature(body, paypal.account.webhookId!, paypal.simulator.url, how)]
  }
  const aboutOrder = (orderId: string, type = 'PAYMENT.CAPTURE.COMPLETED', id = `WH-${type}-${orderId}`) =>
    ({ id, event_type: type, resource_version: '2.0', resource: type.startsWith('CHECKOUT') ? { id: orderId } : { id: 'CAPTURE', supplementary_data: { related_ids: { order_id: orderId } } } })
  const stored = (): Promise<WebhookEvent[]> => WebhookEvent.query().orderBy('id').then((rows) => rows)
  const statuses = async (): Promise<string[]> => (await stored()).map((e) => e.status)
  const ledgerHash = async (): Promise<string> => JSON.stringify([await balances(), await tenantDb()('ledger_entries').orderBy('id')])
  const order = (): Order => paypal.simulator.account('acme').all('order').at(-1) as Order

  /** An invoice whose charge went through at PayPal while the answer was lost to us. */
  const lostCharge = async (amount = 1500) => {
    const customer = await world.customer()
    await paypal.save(customer)
    const invoice = await newInvoice(customer.id, amount)
    paypal.simulator.faults.request({ kind: 'error-after', method: 'POST', path: '/v2/checkout/orders' })
    await chargeInvoice(invoice, { offSession: true })
    return { customer, invoice }
  }

  it('are refused with 400, and nothing is stored, unless every header, the body, the key and the account hold', () => world.in(async () => {
    await lostCharge()
    const before = await ledgerHash()
    const [body, good] = signed(aboutOrder(order().id))
    const without = (name: string): Record<string, string> => Object.fromEntries(Object.entries(good).filter(([n]) => n !== name))
    const cases: Array<[string, string, Record<string, string>]> = [
      ...Object.keys(good).map((name): [string, string, Record<string, string>] => [`without ${name}`, body, without(name)]),
      ['no headers', body, {}], ['Stripe\'s header only', body, { 'stripe-signature': 't=1,v1=00' }], ['one bit flipped', `${body.slice(0, 12)}${String.fromCharCode(body.charCodeAt(12) ^ 1)}${body.slice(13)}`, good],
      ['written anew', JSON.stringify(JSON.parse(body)), good], ['another key', ...signed(aboutOrder(order().id), { honest: false })], ['older than PayPal tries', ...signed(aboutOrder(order().id), { secondsAgo: 3 * 86_400 + 5 })],
      ['another webhook', body, paypalSignature(body, 'ANOTHERWEBHOOK', paypal.simulator.url)], ['a certificate from elsewhere', body, { ...good, 'paypal-cert-url': 'https://paypal.com.evil.example/c' }], ['empty body', '', good], ['no event', ...signed({ hello: 1 })],
    ]
    for (const [name, text, headers] of cases) expect(await post(text, headers), name).to.equal(400)
    expect(await stored()).to.deep.equal([])
    expect(await ledgerHash()).to.equal(before)
    expect(await post(body, good), 'the right one').to.equal(200)
  }))

  it('find no address at the other gateway, and none in another shop', async () => {
    await world.in(() => connectPaypal({ clientId: 'client_globex', secret: 'secret_globex', mode: 'test', apiBase: paypal.simulator.url }), world.globex)
    const theirs = await world.in(async () => (await GatewayAccount.current('paypal'))!, world.globex)
    const before = await world.checksum(world.globex)
    const [body, good] = await world.in(async () => {
      await lostCharge()
      return signed(aboutOrder(order().id))
    })
    expect(await post(body, good, { path: `/webhooks/stripe/${paypal.account.publicId}` })).to.equal(404)
    expect(await post(body, good, { host: 'globex.localhost' })).to.equal(404)
    expect(await post(body, good, { host: 'globex.localhost', path: `/webhooks/paypal/${theirs.publicId}` }), 'signed for acme\'s webhook').to.equal(400)
    expect(await world.checksum(world.globex)).to.equal(before)
  })

  it('come again when PayPal could not be asked for the signature: nothing is stored, nothing is lost', () => world.in(async () => {
    await lostCharge()
    paypal.simulator.faults.request({ kind: 'error-before', path: '/v1/notifications/verify-webhook-signature' })
    const event = aboutOrder(order().id)
    expect(await post(...signed(event))).to.equal(502)
    expect(await stored()).to.deep.equal([])
    expect(await post(...signed(event))).to.equal(200)
  }))

  it('settle a payment whose answer was lost, once, in whatever order and number they come', () => world.in(async () => {
    const { invoice } = await lostCharge()
    const types = ['PAYMENT.CAPTURE.PENDING', 'PAYMENT.CAPTURE.COMPLETED', 'PAYMENT.CAPTURE.DENIED', 'PAYMENT.CAPTURE.DECLINED', 'CHECKOUT.ORDER.APPROVED']
    const answers = await Promise.all(types.flatMap((type) => [1, 2, 3].map(() => post(...signed(aboutOrder(order().id, type))))))
    expect(new Set(answers)).to.deep.equal(new Set([200]))
    await world.jobs()
    expect(await statuses()).to.deep.equal(types.map(() => 'processed'))
    expect(await balances()).to.deep.equal({ cash: 1500, 'revenue:other': -1500 })
    expect([(await Invoice.findOwned({ id: invoice.id })).status, paypal.taken().length]).to.deep.equal(['paid', 1])
  }))

  const wrong: Array<[string, (o: Order, otherInvoice: string) => void]> = [
    ['another amount', (o) => Object.assign(o.purchase_units[0]!.amount, { value: '0.01' })],
    ['another currency', (o) => Object.assign(o.purchase_units[0]!.amount, { currency_code: 'EUR' })],
    ['another invoice', (o, other) => remark(o, 1, other)],
    ['another attempt', (o) => remark(o, 2, 'aaaaaaaaaaaaaaaaaaaa')],
    ['another customer', (o) => remark(o, 3, 'cSOMEBODYELSE')],
    ['another shop', (o) => remark(o, 0, '00000000-0000-4000-8000-000000000000')],
  ]
  const remark = (o: Order, at: number, value: string): void => {
    const marks = o.purchase_units[0]!.custom_id!.split(':')
    marks[at] = value
    o.purchase_units[0]!.custom_id = marks.join(':')
  }
  for (const [what, tamper] of wrong) {
    it(`park a payment that is about ${what}, and leave the ledger alone`, () => world.in(async () => {
      const { customer, invoice } = await lostCharge()
      tamper(order(), (await newInvoice(customer.id, 77)).publicId)
      const before = await ledgerHash()
      expect(await post(...signed(aboutOrder(order().id)))).to.equal(200)
      await world.jobs()
      expect(await statuses()).to.deep.equal(['parked'])
      expect(await ledgerHash()).to.equal(before)
      expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('open')
      expect(await world.events()).to.include('webhook.parked')
    }))
  }

  describe('about what a customer approved', () => {
    const approved = async () => {
      const customer = await world.customer()
      const invoice = await newInvoice(customer.id, 2500)
      await payInvoice(customer, invoice, 'paypal', 0)
      const [payment] = await world.payments()
      const { actionUrl } = await paypal.account.open().retrievePayment(payment!.gatewayPaymentId!)
      await paypal.approve(actionUrl!)
      return { invoice, payment: payment! }
    }
    it('take the money of a customer who never came back, once', () => world.in(async () => {
      const { invoice, payment } = await approved()
      for (const id of ['WH-1', 'WH-2']) await post(...signed(aboutOrder(payment.gatewayPaymentId!, 'CHECKOUT.ORDER.APPROVED', id)))
      await world.jobs()
      expect([(await Invoice.findOwned({ id: invoice.id })).status, paypal.taken().length, await statuses()]).to.deep.equal(['paid', 1, ['processed', 'processed']])
    }))
    it('take nothing for an attempt that we have given up', () => world.in(async () => {
      const { payment } = await approved()
      expect((await closeBankPage(payment)).status).to.equal('canceled')
      await post(...signed(aboutOrder(payment.gatewayPaymentId!, 'CHECKOUT.ORDER.APPROVED')))
      await world.jobs()
      expect([paypal.taken().length, (await world.payments())[0]!.status]).to.deep.equal([0, 'canceled'])
    }))
    it('take nothing when the order says another amount than our row', () => world.in(async () => {
      const { payment } = await approved()
      order().purchase_units[0]!.amount.value = '2.50'
      await post(...signed(aboutOrder(payment.gatewayPaymentId!, 'CHECKOUT.ORDER.APPROVED')))
      await world.jobs()
      expect([paypal.taken().length, await statuses(), (await world.payments())[0]!.status]).to.deep.equal([0, ['parked'], 'requires_action'])
    }))
  })

  it('keep an account that was saved while the answer got lost, and take one off that was removed at PayPal', () => world.in(async () => {
    const customer = await world.customer()
    const setup = await startAddingMethod(customer, 'paypal')
    await paypal.approve(setup.actionUrl!)
    await paypal.account.open().completeSetup(setup.id)
    const [token] = paypal.simulator.account('acme').all('payment-token')
    await post(...signed({ id: 'WH-T', event_type: 'VAULT.PAYMENT-TOKEN.CREATED', resource: { id: token!.id } }))
    await world.jobs()
    expect((await PaymentMethod.activeOf(customer.id)).map((m) => m.gatewayMethodId)).to.deep.equal([token!.id])
    await paypal.account.open().removeMethod(token!.id)
    await post(...signed({ id: 'WH-D', event_type: 'VAULT.PAYMENT-TOKEN.DELETED', resource: { id: token!.id } }))
    await world.jobs()
    expect([await PaymentMethod.activeOf(customer.id), await statuses()]).to.deep.equal([[], ['processed', 'processed']])
  }))

  describe('that cannot be worked on', () => {
    it('are tried eight times with growing waits, are then given up with an alert, and do their work when they are replayed', () => world.in(async () => {
      const { invoice } = await lostCharge()
      await tenantDb()('payments').update({ next_check_at: null })
      paypal.simulator.faults.request({ kind: 'error-before', method: 'GET', path: '/v2/checkout/orders', times: 99 })
      await post(...signed(aboutOrder(order().id)))
      const minutes = [0, 1, 1, 3, 11, 43, 171, 683]
      for (const [i, wait] of minutes.entries()) {
        if (wait) await world.later(wait)
        else await world.jobs()
        expect((await stored())[0]!.attempts, `try ${i + 1}`).to.equal(i + 1)
      }
      expect((await stored())[0]).to.include({ status: 'dead', nextTryAt: null }).and.to.have.property('error').that.includes('error of its own')
      await world.later(60 * 24)
      await resumeWebhooks(new Date('2027-01-01'))
      await world.jobs()
      expect((await stored())[0]).to.include({ status: 'dead', attempts: 8 })
      expect((await world.events()).filter((e) => e === 'webhook.dead')).to.have.length(1)
      paypal.simulator.faults.clear()
      await replayWebhook((await stored())[0]!)
      await world.jobs()
      expect([await statuses(), (await Invoice.findOwned({ id: invoice.id })).status, (await balances())['cash']]).to.deep.equal([['processed'], 'paid', 1500])
    }))
    it('are picked up by the timetable when their job got lost, but not before their time', () => world.in(async () => {
      await lostCharge()
      await post(...signed(aboutOrder(order().id)))
      await runAsPlatform(async () => void (await centralDb()('agenda_jobs').delete()))
      await tenantDb()('webhook_events').update({ next_try_at: new Date('2026-11-10T12:00:00Z'), received_at: new Date('2026-11-10T08:00:00Z') })
      await resumeWebhooks(new Date('2026-11-10T11:59:59.999Z'))
      await world.jobs()
      expect(await statuses()).to.deep.equal(['received'])
      await resumeWebhooks(new Date('2026-11-10T12:00:00Z'))
      await world.jobs()
      expect(await statuses()).to.deep.equal(['processed'])
    }))
    it('can be replayed any number of times without booking anything twice', () => world.in(async () => {
      await lostCharge()
      await post(...signed(aboutOrder(order().id)))
      await world.jobs()
      const before = await ledgerHash()
      for (let i = 0; i < 3; i++) {
        await replayWebhook((await stored())[0]!)
        await world.jobs()
      }
      expect([await ledgerHash(), await statuses()]).to.deep.equal([before, ['processed']])
    }))
  })

  describe('sent by the simulator itself', () => {
    let relay: { url: string; server: Server; seen: number[] }
    before(async () => {
      relay = await relayPaypal(() => server.port, 'acme.localhost', () => `/webhooks/paypal/${paypal.account.publicId}`)
    })
    after(() => relay.server.close())
    beforeEach(() => {
      relay.seen.length = 0
      Object.assign(paypal.simulator.account('acme').get('webhook', paypal.account.webhookId!), { url: relay.url })
    })
    it('come duplicated, swapped, late, forged, and once more in a storm, and lead to one payment each', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      for (const kind of ['duplicate', 'reorder', 'delay', 'forge'] as const) paypal.simulator.faults.event({ kind, ms: 100, type: 'PAYMENT.CAPTURE' })
      for (const amount of [100, 200, 300, 400]) {
        paypal.simulator.faults.request({ kind: 'error-after', method: 'POST', path: '/v2/checkout/orders' })
        await chargeInvoice(await newInvoice(customer.id, amount), { offSession: true })
      }
      await new Promise((done) => setTimeout(done, 250))
      await paypal.simulator.deliverer.idle()
      await world.jobs()
      await paypal.simulator.deliverer.redeliverAll(paypal.simulator.account('acme'), { copies: 3, shuffle: true })
      await world.jobs()
      expect(relay.seen.filter((status) => status === 400), 'the forged one').to.have.length(1)
      expect((await world.payments()).map((p) => p.status)).to.deep.equal(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
      expect(await balances()).to.deep.equal({ cash: 1000, 'revenue:other': -1000 })
    }))
    it('bring a refund that failed after it was done', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      await chargeInvoice(await newInvoice(customer.id, 700), { offSession: true })
      const [payment] = await world.payments()
      const refund = await refundPayment({ payment: payment!, amount: payment!.amount, to: 'source', reason: 'test', key: 'refund-1' })
      expect([refund.status, (await balances())['cash']]).to.deep.equal(['succeeded', undefined])
      applyControl(paypal.simulator, { refund: { account: 'acme', refund: refund.gatewayRefundId!, outcome: 'failed' } })
      await paypal.simulator.deliverer.idle()
      await world.jobs()
      expect((await balances())['cash']).to.equal(700)
      expect(await world.events()).to.include('payment.refund-failed')
    }))
  })
})
