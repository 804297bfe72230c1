import { expect } from 'chai'
import { FormErrors, NotFound, OutsideError, Refusal } from '../../../../shared/errors.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { newInvoice } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import { usePaypal } from '../../../testing/paypal-world.js'
import { changeKeys, disconnectAccount, disconnectFacts, renewWebhook, testAccount } from './change-account.js'
import { chargeInvoice } from '../charge-invoice.js'
import { connectPaypal, connectStripe } from './connect-account.js'
import { GatewayAccount } from './gateway-account.js'
import { Payment } from '../payment.js'
import { hasPaymentMethod, PaymentMethod } from '../methods/payment-method.js'
import { refundPayment } from '../refunds/refund-payment.js'
import { webhookDesk } from '../webhooks/receive-webhook.js'

const problem = (work: Promise<unknown>): Promise<unknown> => work.then(() => null, (e: unknown) => e)
const at = (iso: string): Date => new Date(iso)

describe('The gateway accounts of a shop', function () {
  this.timeout(20_000)
  const world = usePaymentWorld()
  const paypal = usePaypal(world)
  const keys = (more = {}) => ({ clientId: 'client_acme', secret: 'secret_acme', mode: 'test' as const, apiBase: paypal.simulator.url, ...more })
  const webhooks = (): unknown[] => paypal.simulator.account('acme').all('webhook').map((w) => w.url)

  it('stand beside each other, one a gateway; their keys are sealed and their events come to the shop\'s own address', () => world.in(async () => {
    expect((await GatewayAccount.active()).map((a) => [a.label, a.mode])).to.deep.equal([['Stripe', 'test'], ['PayPal', 'test']])
    expect(webhooks()).to.deep.equal([`http://acme.localhost:3000/webhooks/paypal/${paypal.account.publicId}`])
    expect(JSON.stringify(await tenantDb()('gateway_accounts').where({ gateway: 'paypal' }))).not.to.include('secret_acme')
    expect(paypal.account.open().name).to.equal('paypal')
  }))
  it('are not connected twice: the same keys are the same account, others have to wait until it is disconnected', () => world.in(async () => {
    const same = await Promise.all([1, 2, 3].map(() => world.apart(() => connectPaypal(keys()))))
    expect(new Set(same.map((a) => a.id))).to.deep.equal(new Set([paypal.account.id]))
    expect(await problem(connectPaypal(keys({ clientId: 'client_second', secret: 'secret_second' })))).to.be.instanceOf(FormErrors)
    expect(webhooks()).to.have.length(1)
  }))
  it('keep nothing when the gateway does not accept the keys', () => world.in(async () => {
    await disconnectAccount(paypal.account)
    expect(await problem(connectPaypal(keys({ clientId: 'client_second', secret: 'wrong' })))).to.be.instanceOf(OutsideError).with.property('code', 'authentication')
    expect(await problem(connectPaypal(keys({ clientId: '' })))).to.be.instanceOf(FormErrors)
    expect(await GatewayAccount.current('paypal')).to.equal(null)
  }))
  it('are connected also where the gateway cannot send events, and say so', () => world.in(async () => {
    await disconnectAccount(paypal.account)
    paypal.simulator.faults.request({ kind: 'error-before', path: '/v1/notifications/webhooks' })
    const account = await connectPaypal(keys())
    expect([account.webhookId, account.status, account.webhookState(null, new Date())]).to.deep.equal([null, 'active', 'missing'])
    expect(account.checkError).to.include('does not send its events')
    expect(await renewWebhook(account)).to.equal(null)
    expect((await GatewayAccount.findOwned({ id: account.id })).webhookState(null, new Date())).to.equal('waiting')
  }))
  it('tell whether their keys work', () => world.in(async () => {
    expect(await testAccount(paypal.account)).to.equal(null)
    paypal.simulator.faults.request({ kind: 'error-before', path: '/v1/oauth2/token' })
    expect(await testAccount(paypal.account)).to.include('error of its own')
    expect((await GatewayAccount.findOwned({ id: paypal.account.id })).checkError).to.include('error of its own')
  }))

  it('say that events are silent an hour after money came in without one, not before', () => {
    const account = GatewayAccount.fromJson({ webhookId: 'x', lastEventAt: at('2026-11-10T09:00:00Z') })
    const state = (paidAt: string | null, now: string): string => account.webhookState(paidAt === null ? null : at(paidAt), at(now))
    expect(state(null, '2027-01-01T00:00:00Z')).to.equal('good')
    expect(state('2026-11-10T09:00:00Z', '2027-01-01T00:00:00Z'), 'the event came with the money').to.equal('good')
    expect(state('2026-11-10T10:00:00Z', '2026-11-10T11:00:00Z')).to.equal('good')
    expect(state('2026-11-10T10:00:00Z', '2026-11-10T11:00:00.001Z')).to.equal('silent')
    account.lastEventAt = null
    expect([account.webhookState(null, at('2027-01-01T00:00:00Z')), account.webhookState(at('2026-11-10T10:00:00Z'), at('2027-01-01T00:00:00Z'))]).to.deep.equal(['waiting', 'silent'])
  })

  describe('when their keys are changed', () => {
    const paidByPaypal = async (): Promise<Payment> => {
      const customer = await world.customer()
      await paypal.save(customer)
      await chargeInvoice(await newInvoice(customer.id, 500), { offSession: true })
      return (await world.payments())[0]!
    }
    it('stay the same account with the same saved methods', () => world.in(async () => {
      const payment = await paidByPaypal()
      await changeKeys(paypal.account, { secret: 'secret_acme', publishableKey: 'client_acme' })
      const again = (await GatewayAccount.current('paypal'))!
      expect([again.id, again.webhookId]).to.deep.equal([paypal.account.id, paypal.account.webhookId])
      expect((await again.open().retrievePayment(payment.gatewayPaymentId!)).status).to.equal('succeeded')
    }))
    it('are refused when the new ones open another account, or nothing', () => world.in(async () => {
      await paidByPaypal()
      expect(await problem(changeKeys(paypal.account, { secret: 'secret_other', publishableKey: 'client_other' }))).to.be.instanceOf(FormErrors).with.property('message').that.includes('another PayPal account')
      expect(await problem(changeKeys(paypal.account, { secret: 'nonsense', publishableKey: 'client_acme' }))).to.be.instanceOf(OutsideError)
      expect((await GatewayAccount.current('paypal'))!.secretKey).to.equal('secret_acme')
    }))
  })

  describe('when one is disconnected', () => {
    it('takes no new payments and offers none of its saved methods; its events are still heard, and earlier payments can be refunded', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      await chargeInvoice(await newInvoice(customer.id, 500), { offSession: true })
      expect(await disconnectFacts(paypal.account)).to.deep.equal({ methods: 1, openPayments: 0 })
      await disconnectAccount(paypal.account)
      expect([await GatewayAccount.current('paypal'), await PaymentMethod.activeOf(customer.id), await hasPaymentMethod(customer.id), webhooks().length]).to.deep.equal([null, [], false, 1])
      expect(await webhookDesk('paypal').open(paypal.account.publicId)).not.to.equal(null)
      expect(await problem(chargeInvoice(await newInvoice(customer.id, 300), { offSession: true }))).to.be.instanceOf(Refusal)
      const [payment] = await world.payments()
      expect((await refundPayment({ payment: payment!, amount: payment!.amount, to: 'source', reason: 'goodwill', key: 'r1' })).status).to.equal('succeeded')
    }))
    it('asks for no more events when none of its payments can be disputed any more', () => world.in(async () => {
      await disconnectAccount(paypal.account)
      expect([webhooks(), (await GatewayAccount.findOwned({ id: paypal.account.id })).webhookId]).to.deep.equal([[], null])
    }))
    it('makes the next method of the customer his default', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      await disconnectAccount(paypal.account)
      await world.card(customer)
      expect((await PaymentMethod.activeOf(customer.id)).map((m) => [m.label, m.isDefault])).to.deep.equal([['Visa ending 4242', true]])
    }))
    it('comes back with its saved methods when it is connected again', () => world.in(async () => {
      const customer = await world.customer()
      await paypal.save(customer)
      await disconnectAccount(paypal.account)
      const again = await connectPaypal(keys())
      expect([again.id, again.status, (await PaymentMethod.activeOf(customer.id)).length, webhooks().length]).to.deep.equal([paypal.account.id, 'active', 1, 1])
      expect((await GatewayAccount.findOwned({ id: again.id })).disconnectedAt).to.equal(null)
    }))
    it('leaves the other gateway alone, and is not found by another shop', () => world.in(async () => {
      await disconnectAccount(paypal.account)
      expect((await connectStripe({ secretKey: 'sk_test_acme', publishableKey: null, apiBase: world.stripe.url })).status).to.equal('active')
      expect(await world.apart(() => problem(GatewayAccount.findOwned({ publicId: paypal.account.publicId })), world.globex)).to.be.instanceOf(NotFound)
    }))
  })
})
