import { expect } from 'chai'
import { OutsideError } from '../errors.js'
import { applyControl } from '../simulators/paypal/control.js'
import { payers } from '../simulators/paypal/payers.js'
import { PaypalSimulator } from '../simulators/paypal/server.js'
import { paypalSignature } from '../simulators/paypal/webhooks.js'
import { gatewayContract } from './gateway.contract.js'
import { minorOf, paypalMoney } from './paypal-amounts.js'
import { paypalGateway } from './paypal-gateway.js'
import { PAYPAL_TOLERANCE } from './paypal-rest.js'

const kinds = { works: 'works', declined: 'declined', lost: 'locked', 'asks-bank': 'asks', slow: 'slow', 'refund-fails': 'slow-refunds' } as const
const faults = { 'timeout-after': 'timeout-after', 'timeout-before': 'timeout-before', error: 'error-before', 'rate-limit': 'rate-limit', garbage: 'garbage', 'error-after': 'error-after' } as const
let simulator: PaypalSimulator
let webhookId: string
const account = (more = {}) => ({ clientId: 'client_contract', secret: 'secret_contract', mode: 'test' as const, webhookId, apiBase: simulator.url, ...more })
const setup = (customerId: string) => ({ key: crypto.randomUUID(), customerId, marks: { tenant: 't' }, returnUrl: 'http://shop.test/back?next=%2Fx', cancelUrl: 'http://shop.test/away', brandName: 'Shop' })
const submit = (url: string, fields: Record<string, string>): Promise<Response> => fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

/** Saves an account as a customer does: on the simulated approval page. */
async function savePaypal(customerId: string, kind: keyof typeof kinds): Promise<string> {
  const gateway = paypalGateway(account())
  const made = await gateway.createSetup(setup(customerId))
  await submit(made.actionUrl ?? '', { payer: kinds[kind], answer: 'approve' })
  const [first, again] = [await gateway.completeSetup(made.id), await gateway.completeSetup(made.id)]
  expect(again.method?.id).to.equal(first.method?.id)
  return first.method?.id ?? ''
}
const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null, (e: unknown) => e)

describe('PayPal', () => {
  before(async () => {
    simulator = await PaypalSimulator.start()
    webhookId = (await paypalGateway(account({ webhookId: null })).registerWebhook('http://shop.test/webhooks/paypal/a')).id
  })
  after(() => simulator.stop())

  gatewayContract('PayPal through its SDK, against the simulator', async () => ({
    gateway: paypalGateway(account()),
    impatient: paypalGateway(account({ timeoutMs: 250 })),
    saveMethod: savePaypal,
    answer: async (url, yes) => void (await submit(url, { answer: yes ? 'approve' : 'cancel' })),
    breakNext: (how) => simulator.faults.request({ kind: faults[how], method: 'POST', path: '/v2/checkout/orders' }),
    moneyTaken: () => simulator.account('contract').all('capture').filter((c) => c._fee !== undefined).length,
    signedEvent: (secondsAgo = 0) => {
      const body = `{"id": "WH-1", "event_type":"PAYMENT.CAPTURE.COMPLETED","resource_version":"2.0","resource":{"id":"CAP1", "supplementary_data":{"related_ids":{"order_id":"ORDER1"}}}}`
      return { body: Buffer.from(body), headers: paypalSignature(body, webhookId, simulator.url, { secondsAgo }) }
    },
    dispute: (payment) => {
      applyControl(simulator, { dispute: { account: 'contract', payment } })
      return simulator.account('contract').all('dispute').at(-1)!.id
    },
    decide: (dispute, outcome) => applyControl(simulator, { decide: { account: 'contract', dispute, outcome } }),
    breakAnswer: (how) => simulator.faults.request({ kind: faults[how], method: 'POST', path: '/v1/customer/disputes/' }),
    answered: (id) => {
      const { evidences, _files: files } = simulator.account('contract').get('dispute', id) as unknown as { evidences: Array<{ notes?: string }>; _files: Array<{ begins: string }> }
      return { text: evidences.map((e) => e.notes ?? '').join('\n'), file: files[0]?.begins ?? null }
    },
    failRefund: (refund) => applyControl(simulator, { refund: { account: 'contract', refund, outcome: 'failed' } }),
    facts: { brand: 'paypal', lostCode: 'payer_account_locked_or_closed', unanswered: 'requires_action', tolerance: PAYPAL_TOLERANCE, amounts: [['JPY', 1500], ['EUR', 1999], ['HUF', 100_000]], refusedCurrency: 'KWD' },
  }))

  describe('a payment without a saved method', () => {
    const checkout = (more = {}) => {
      const attempt = crypto.randomUUID()
      return { key: attempt, customerId: 'c1', amountMinor: 2500, currency: 'USD', returnUrl: 'http://shop.test/paid?a=1', cancelUrl: 'http://shop.test/away', description: 'Invoice 7', brandName: 'Shop', marks: { tenant: 't', invoice: 'i', attempt }, ...more }
    }
    it('is approved by the customer and then taken once, however often it is completed', async () => {
      const gateway = paypalGateway(account())
      const request = checkout()
      const started = await gateway.startCheckout(request)
      expect(started).to.include({ status: 'requires_action', amountMinor: 2500, receivedMinor: 0 })
      expect((await gateway.startCheckout(request)).id, 'the same key is the same order').to.equal(started.id)
      const back = (await submit(started.actionUrl!, { payer: 'works', answer: 'approve' })).headers.get('location')
      expect(back).to.match(new RegExp(`^http://shop\\.test/paid\\?a=1&token=${started.id}&PayerID=\\w+$`))
      expect(await gateway.retrievePayment(started.id)).to.include({ status: 'requires_action', actionUrl: null, receivedMinor: 0 })
      const done = await Promise.all([1, 2, 3].map(() => gateway.completePayment(started.id)))
      expect(done.map((p) => [p.status, p.receivedMinor])).to.deep.equal([['succeeded', 2500], ['succeeded', 2500], ['succeeded', 2500]])
      expect(simulator.account('contract').all('capture').filter((c) => c._order === started.id)).to.have.length(1)
    })
    it('that was completed while the answer got lost is found as taken', async () => {
      const started = await paypalGateway(account()).startCheckout(checkout())
      await submit(started.actionUrl!, { payer: 'works', answer: 'approve' })
      simulator.faults.request({ kind: 'timeout-after', method: 'POST', path: `/v2/checkout/orders/${started.id}/capture` })
      expect(await failureOf(paypalGateway(account({ timeoutMs: 250 })).completePayment(started.id))).to.include({ unknown: true })
      expect(await paypalGateway(account()).completePayment(started.id)).to.include({ status: 'succeeded', receivedMinor: 2500 })
      expect(simulator.account('contract').all('capture').filter((c) => c._order === started.id)).to.have.length(1)
    })
    it('that is declined when it is taken has failed, and this order is never captured', async () => {
      const gateway = paypalGateway(account())
      const started = await gateway.startCheckout(checkout())
      await submit(started.actionUrl!, { payer: 'declined', answer: 'approve' })
      const failed = await gateway.completePayment(started.id)
      expect([failed.status, failed.failure?.code]).to.deep.equal(['failed', 'instrument_declined'])
      expect((await gateway.completePayment(started.id)).status).to.equal('canceled')
    })
  })

  it('asks for one token however many ask at once, and renews it once when it is refused', async () => {
    const fresh = account({ clientId: 'client_tokens', secret: 'secret_tokens' })
    const asked = () => simulator.account('tokens').requests.filter((r) => r.path === '/v1/oauth2/token').length
    const gateway = paypalGateway(fresh)
    const look = () => failureOf(gateway.retrievePayment('NOSUCHORDER'))
    expect((await Promise.all([look(), look(), look(), look()])).map((e) => (e as OutsideError).code)).to.deep.equal(Array.from({ length: 4 }, () => 'resource_missing'))
    expect(asked()).to.equal(1)
    applyControl(simulator, { expireTokens: true })
    expect(await look()).to.include({ code: 'resource_missing' })
    expect(await failureOf(gateway.retrieveDispute('PP-D-1'))).to.include({ code: 'resource_missing' })
    expect(asked()).to.equal(2)
  })
  it('says so plainly when client id or secret are wrong, and never repeats them', async () => {
    const error = await failureOf(paypalGateway(account({ secret: 'secret_wrong' })).check())
    expect(error).to.be.instanceOf(OutsideError).and.include({ code: 'authentication', retryable: false, unknown: false })
    expect(JSON.stringify(error) + String(error)).not.to.match(/secret_wrong|client_contract/)
  })
  it('knows that nothing happened when PayPal cannot be reached, or when it gave no token', async () => {
    expect(await failureOf(paypalGateway(account({ apiBase: 'http://127.0.0.1:2' })).retrievePayment('X'))).to.include({ code: 'unreachable', unknown: false, retryable: true })
    simulator.faults.request({ kind: 'error-before', path: '/v1/oauth2/token' })
    expect(await failureOf(paypalGateway(account({ clientId: 'client_other', secret: 'secret_other' })).retrievePayment('X'))).to.include({ unknown: false, retryable: true })
  })
  it('does not see objects of another account', async () => {
    const method = await savePaypal('c9', 'works')
    expect((await paypalGateway(account({ clientId: 'client_other', secret: 'secret_other' })).retrieveMethod(method)).customerId).to.equal(null)
    expect((await paypalGateway(account()).retrieveMethod(method)).account).to.equal(payers[0]!.email)
  })
  it('never captures a second payment for an attempt whose key was forgotten: the invoice id was paid before', async () => {
    const gateway = paypalGateway(account())
    const methodId = await savePaypal('c7', 'works')
    const marks = { tenant: 't', invoice: 'i', attempt: crypto.randomUUID() }
    const request = { key: crypto.randomUUID(), customerId: 'c7', methodId, amountMinor: 100, currency: 'USD', offSession: true, returnUrl: 'http://x.test', description: 'I', marks }
    expect((await gateway.charge(request)).status).to.equal('succeeded')
    expect(await failureOf(gateway.charge({ ...request, key: crypto.randomUUID() }))).to.include({ unknown: true, retryable: false })
  })
  it('refuses every event while the account has no webhook, and one whose certificate is not PayPal\'s', async () => {
    const body = '{"id":"WH-2","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C"}}'
    const good = paypalSignature(body, webhookId, simulator.url)
    const check = (more: object, headers: Record<string, string>) => failureOf(paypalGateway(account(more)).verifyWebhook(Buffer.from(body), (name) => headers[name]))
    expect(await check({}, good)).to.equal(null)
    expect(String(await check({ webhookId: null }, good))).to.include('no webhook')
    for (const url of ['https://api.paypal.com.evil.example/cert', 'http://api.paypal.com/cert', 'nonsense']) expect(String(await check({}, { ...good, 'paypal-cert-url': url })), url).to.include('certificate')
    expect(String(await check({}, paypalSignature(body, webhookId, simulator.url, { honest: false })))).to.include('does not hold')
  })
  it('does not call an event false when it could not ask', async () => {
    const body = '{"id":"WH-3","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C"}}'
    simulator.faults.request({ kind: 'error-before', path: '/v1/notifications/verify-webhook-signature' })
    const headers = paypalSignature(body, webhookId, simulator.url)
    expect(await failureOf(paypalGateway(account()).verifyWebhook(Buffer.from(body), (name) => headers[name]))).to.be.instanceOf(OutsideError)
  })
  it('registers its webhook once for one address', async () => {
    expect((await paypalGateway(account()).registerWebhook('http://shop.test/webhooks/paypal/a')).id).to.equal(webhookId)
  })
  it('writes amounts as PayPal wants them, and reads them back to the same cent', () => {
    const cases: Array<[number, string, string]> = [[1, 'USD', '0.01'], [123_456, 'EUR', '1234.56'], [1500, 'JPY', '1500'], [100_000, 'HUF', '1000'], [7_00, 'TWD', '7']]
    for (const [minor, currency, value] of cases) {
      expect(paypalMoney(minor, currency)).to.deep.equal({ currencyCode: currency, value })
      expect(minorOf({ currencyCode: currency, value })).to.equal(minor)
    }
    expect(minorOf({ currencyCode: 'JPY', value: '1500.00' })).to.equal(1500)
    expect(() => minorOf({ currencyCode: 'USD', value: '1.005' })).to.throw(RangeError)
    expect(() => paypalMoney(50, 'HUF')).to.throw(OutsideError)
  })
})
