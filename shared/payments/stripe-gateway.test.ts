import { expect } from 'chai'
import { OutsideError } from '../errors.js'
import { StripeSimulator } from '../simulators/stripe/server.js'
import { signatureHeader } from '../simulators/stripe/webhooks.js'
import { gatewayContract } from './gateway.contract.js'
import { stripeGateway } from './stripe-gateway.js'

const secret = 'whsec_0123456789abcdef0123'
const cards = { works: 'pm_card_visa', declined: 'pm_card_chargeDeclinedInsufficientFunds', lost: 'pm_card_chargeDeclinedLostCard', 'asks-bank': 'pm_card_authenticationRequired', slow: 'pm_usBankAccount' }
const faults = { 'timeout-after': 'timeout-after', 'timeout-before': 'timeout-before', error: 'error-before', 'rate-limit': 'rate-limit', garbage: 'garbage', 'error-after': 'error-after' } as const
let simulator: StripeSimulator
const account = (more = {}) => ({ secretKey: 'sk_test_contract', webhookSecret: secret, publishableKey: 'pk_test_contract', apiBase: simulator.url, ...more })

async function submit(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
}

/** Saves a card as a customer does: on the simulated card page, and on the bank's page where the card wants it. */
async function saveCard(customerId: string, kind: keyof typeof cards): Promise<string> {
  const gateway = stripeGateway(account())
  const setup = await gateway.createSetup({ key: crypto.randomUUID(), customerId, marks: { tenant: 't' } })
  const next = (await submit(`${simulator.url}/pay/setup/${setup.clientSecret}`, { card: cards[kind], return_url: 'http://shop.test/back' })).headers.get('location') ?? ''
  if (next.includes('/pay/authenticate/')) await submit(next, { answer: 'complete' })
  return (await gateway.retrieveSetup(setup.id)).method?.id ?? ''
}

describe('Stripe', () => {
  before(async () => {
    simulator = await StripeSimulator.start()
  })
  after(() => simulator.stop())

  gatewayContract('Stripe through its SDK, against the simulator', async () => ({
    gateway: stripeGateway(account()),
    impatient: stripeGateway(account({ timeoutMs: 250 })),
    saveCard,
    answerBank: async (url, yes) => void (await submit(url, { answer: yes ? 'complete' : 'fail' })),
    breakNext: (how) => simulator.faults.request({ kind: faults[how], method: 'POST', path: '/v1/payment_intents' }),
    moneyTaken: () => simulator.account('contract').all('payment_intent').filter((p) => p.status === 'succeeded').length,
    signedEvent: (secondsAgo = 0) => {
      const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', api_version: '2026-10-28.endive', data: { object: { id: 'pi_1', object: 'payment_intent' } } })
      return { body: Buffer.from(body), signature: signatureHeader(body, secret, Math.floor(Date.now() / 1000) - secondsAgo) }
    },
  }))

  it('refuses every event while the account has no webhook secret, an empty one or a short one', () => {
    const body = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'x', data: { object: { id: 'pi_1' } } }))
    for (const webhookSecret of [null, '', 'whsec_short']) {
      const header = signatureHeader(body.toString(), webhookSecret ?? '')
      expect(() => stripeGateway(account({ webhookSecret })).verifyWebhook(body, header)).to.throw('no webhook secret')
    }
  })
  it('says so plainly when the secret key is wrong, and never repeats the key', async () => {
    const error: unknown = await stripeGateway(account({ secretKey: 'sk_test_invalidkey' })).retrievePayment('pi_1').catch((e: unknown) => e)
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
})
