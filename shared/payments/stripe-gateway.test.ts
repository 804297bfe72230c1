import { expect } from 'chai'
import { OutsideError } from '../errors.js'
import { applyControl } from '../simulators/stripe/control.js'
import { StripeSimulator } from '../simulators/stripe/server.js'
import { signatureHeader } from '../simulators/stripe/webhooks.js'
import { gatewayContract } from './gateway.contract.js'
import { stripeGateway } from './stripe-gateway.js'

const secret = 'whsec_0123456789abcdef0123'
const cards = {
  works: 'pm_card_visa', declined: 'pm_card_chargeDeclinedInsufficientFunds', lost: 'pm_card_chargeDeclinedLostCard', 'asks-bank': 'pm_card_authenticationRequired', slow: 'pm_usBankAccount', 'refund-fails': 'pm_card_refundFail',
}
const faults = { 'timeout-after': 'timeout-after', 'timeout-before': 'timeout-before', error: 'error-before', 'rate-limit': 'rate-limit', garbage: 'garbage', 'error-after': 'error-after' } as const
let simulator: StripeSimulator
const account = (more = {}) => ({ secretKey: 'sk_test_contract', webhookSecret: secret, publishableKey: 'pk_test_contract', apiBase: simulator.url, ...more })
const setup = (customerId: string) => ({ key: crypto.randomUUID(), customerId, marks: { tenant: 't' }, returnUrl: 'http://shop.test/back', cancelUrl: 'http://shop.test/away', brandName: 'Shop' })

async function submit(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
}

/** Saves a card as a customer does: on the simulated card page, and on the bank's page where the card wants it. */
async function saveCard(customerId: string, kind: keyof typeof cards): Promise<string> {
  const gateway = stripeGateway(account())
  const made = await gateway.createSetup(setup(customerId))
  const next = (await submit(`${simulator.url}/pay/setup/${made.clientSecret}`, { card: cards[kind], return_url: 'http://shop.test/back' })).headers.get('location') ?? ''
  if (next.includes('/pay/authenticate/')) await submit(next, { answer: 'complete' })
  return (await gateway.completeSetup(made.id)).method?.id ?? ''
}

describe('Stripe', () => {
  before(async () => {
    simulator = await StripeSimulator.start()
  })
  after(() => simulator.stop())

  gatewayContract('Stripe through its SDK, against the simulator', async () => ({
    gateway: stripeGateway(account()),
    impatient: stripeGateway(account({ timeoutMs: 250 })),
    saveMethod: saveCard,
    answer: async (url, yes) => void (await submit(url, { answer: yes ? 'complete' : 'fail' })),
    breakNext: (how) => simulator.faults.request({ kind: faults[how], method: 'POST', path: '/v1/payment_intents' }),
    moneyTaken: () => simulator.account('contract').all('payment_intent').filter((p) => p.status === 'succeeded').length,
    signedEvent: (secondsAgo = 0) => {
      const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', api_version: '2026-10-28.endive', data: { object: { id: 'pi_1', object: 'payment_intent' } } })
      return { body: Buffer.from(body), headers: { 'stripe-signature': signatureHeader(body, secret, Math.floor(Date.now() / 1000) - secondsAgo) } }
    },
    dispute: (payment) => {
      applyControl(simulator, { dispute: { account: 'contract', payment } })
      return simulator.account('contract').all('dispute').at(-1)!.id
    },
    decide: (dispute, outcome) => applyControl(simulator, { decide: { account: 'contract', dispute, outcome } }),
    breakAnswer: (how) => simulator.faults.request({ kind: faults[how], method: 'POST', path: '/v1/disputes/' }),
    answered: (id) => {
      const said = simulator.account('contract').get('dispute', id).evidence as Record<string, string>
      return { text: Object.values(said).join('\n'), file: said['receipt'] ? String(simulator.account('contract').get('file', said['receipt'])._data) : null }
    },
    failRefund: (refund) => applyControl(simulator, { refund: { account: 'contract', refund, outcome: 'failed' } }),
    facts: { brand: 'visa', lostCode: 'lost_card', unanswered: 'failed', tolerance: 300, amounts: [['JPY', 1500], ['EUR', 1999], ['KWD', 12_340], ['HUF', 100_000]], refusedCurrency: null },
  }))

  it('says at once that an amount between its steps cannot be charged or refunded, and asks nobody', async () => {
    const [gateway, before] = [stripeGateway(account()), simulator.account('contract').requests.length]
    const facts = { key: crypto.randomUUID(), amountMinor: 1167, currency: 'KWD', marks: { tenant: 't', attempt: 'a', refund: 'r' } }
    for (const call of [() => gateway.charge({ ...facts, customerId: 'cus_1', methodId: 'pm_1', offSession: true, description: '', returnUrl: '' }), () => gateway.refund({ ...facts, paymentId: 'pi_1' })]) {
      expect(await call().then(() => null, (error: unknown) => error)).to.be.instanceOf(OutsideError).and.include({ retryable: false, unknown: false, code: 'amount_step' })
    }
    expect(simulator.account('contract').requests.length).to.equal(before)
  })

  it('refuses every event while the account has no webhook secret, an empty one or a short one', async () => {
    const body = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'x', data: { object: { id: 'pi_1' } } }))
    for (const webhookSecret of [null, '', 'whsec_short']) {
      const header = signatureHeader(body.toString(), webhookSecret ?? '')
      const error: unknown = await stripeGateway(account({ webhookSecret })).verifyWebhook(body, () => header).catch((e: unknown) => e)
      expect(String(error)).to.include('no webhook secret')
    }
  })
  it('says so plainly when the secret key is wrong, and never repeats the key', async () => {
    const error: unknown = await stripeGateway(account({ secretKey: 'sk_test_invalidkey' })).check().catch((e: unknown) => e)
    expect(error).to.be.instanceOf(OutsideError).and.include({ code: 'authentication', retryable: false, unknown: false })
    expect(JSON.stringify(error) + String(error)).not.to.include('sk_test')
  })
  it('knows that nothing happened when Stripe cannot be reached', async () => {
    const error: unknown = await stripeGateway(account({ apiBase: 'http://127.0.0.1:9' })).retrievePayment('pi_1').catch((e: unknown) => e)
    expect(error).to.include({ code: 'unreachable', unknown: false, retryable: true })
  })
  it('does not see objects of another account', async () => {
    const customer = await stripeGateway(account()).ensureCustomer({ key: crypto.randomUUID(), email: 'a@b.test', name: 'A', marks: { tenant: 't' } })
    const method = await saveCard(customer, 'works')
    const error: unknown = await stripeGateway(account({ secretKey: 'sk_test_other' })).retrieveMethod(method).catch((e: unknown) => e)
    expect(error).to.include({ code: 'resource_missing' })
  })
  it('leaves amounts under the published minimum to the next invoice when the account is real', () => {
    const real = stripeGateway({ secretKey: 'sk_test_x', webhookSecret: null, publishableKey: null })
    expect([real.tooSmall(49, 'USD'), real.tooSmall(50, 'USD'), real.tooSmall(49, 'JPY')]).to.deep.equal([true, false, true])
  })
  it('tells a refund as done and then as failed, and the money is back on the balance, by the card whose refunds fail', async () => {
    const gateway = stripeGateway(account())
    const customerId = await gateway.ensureCustomer({ key: crypto.randomUUID(), email: 'r@b.test', name: 'R', marks: { tenant: 't' } })
    const attempt = crypto.randomUUID()
    const payment = await gateway.charge({ key: attempt, customerId, methodId: await saveCard(customerId, 'refund-fails'), amountMinor: 900, currency: 'USD', offSession: true, returnUrl: 'http://x.test', description: 'I', marks: { tenant: 't', attempt } })
    const refund = await gateway.refund({ key: crypto.randomUUID(), paymentId: payment.id, amountMinor: 900, currency: 'USD', marks: { tenant: 't', refund: 'r1' } })
    expect([refund.status, (await gateway.retrieveRefund(refund.id)).status, (await gateway.retrieveRefund(refund.id)).failure]).to.deep.equal(['succeeded', 'failed', 'lost_or_stolen_card'])
    const moves = (await gateway.listTransactions({ since: new Date(Date.now() - 60_000), until: new Date(Date.now() + 60_000) })).filter((m) => m.paymentId === payment.id)
    expect(moves.map((m) => [m.kind, m.amountMinor])).to.deep.equal([['charge', 900], ['refund', -900], ['refund-failure', 900]])
  })
})
