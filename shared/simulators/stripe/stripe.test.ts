import { expect } from 'chai'
import { mkdtempSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripeGateway } from '../../payments/stripe-gateway.js'
import { StripeSimulator } from './server.js'

type Answer = { status: number; headers: Headers; body: Record<string, unknown> & { data?: Array<Record<string, unknown>>; error?: Record<string, unknown> } }

describe('the Stripe simulator', () => {
  let simulator: StripeSimulator
  const ask = async (method: string, at: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Answer> => {
    const text = new URLSearchParams(fields)
    const answer = await fetch(`${simulator.url}/v1/${at}${method === 'GET' && text.size ? `?${text}` : ''}`, {
      method, headers: { authorization: 'Bearer sk_test_shop', 'content-type': 'application/x-www-form-urlencoded', ...headers }, ...(method === 'GET' ? {} : { body: text }),
    })
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] }
  }
  const pay = (fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Answer> => ask('POST', 'payment_intents', { amount: '500', currency: 'usd', confirm: 'true', payment_method: 'pm_card_visa', return_url: 'http://x.test/', ...fields }, headers)

  before(async () => {
    simulator = await StripeSimulator.start({ deterministicIds: true, retryDelaysMs: [20, 20, 20] })
  })
  after(() => simulator.stop())

  it('wants a test key', async () => {
    expect((await ask('GET', 'customers', {}, { authorization: 'Bearer sk_live_x' })).status).to.equal(401)
    expect((await ask('GET', 'customers', {}, { authorization: '' })).status).to.equal(401)
  })
  it('replays the first answer of a key, refuses another request under it, and says when it is in use', async () => {
    const first = await pay({}, { 'idempotency-key': 'k1' })
    const again = await pay({}, { 'idempotency-key': 'k1' })
    expect(again.body).to.deep.equal(first.body)
    expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).to.deep.equal([null, 'true'])
    const other = await pay({ amount: '501' }, { 'idempotency-key': 'k1' })
    expect([other.status, other.body.error?.type]).to.deep.equal([400, 'idempotency_error'])
    simulator.faults.request({ kind: 'slow', ms: 150, method: 'POST' })
    const [slow, meanwhile] = await Promise.all([pay({}, { 'idempotency-key': 'k2' }), new Promise<Answer>((done) => setTimeout(() => void pay({}, { 'idempotency-key': 'k2' }).then(done), 50))])
    expect([slow.status, meanwhile.status, meanwhile.body.error?.code]).to.deep.equal([200, 409, 'idempotency_key_in_use'])
  })
  it('keeps yesterday\'s decline and 500 under their keys, but not a validation error', async () => {
    const declined = await pay({ payment_method: 'pm_card_chargeDeclined' }, { 'idempotency-key': 'k3' })
    expect([declined.status, declined.body.error?.decline_code]).to.deep.equal([402, 'generic_decline'])
    expect((await pay({ payment_method: 'pm_card_chargeDeclined' }, { 'idempotency-key': 'k3' })).headers.get('idempotent-replayed')).to.equal('true')
    simulator.faults.request({ kind: 'error-after' })
    expect((await pay({}, { 'idempotency-key': 'k4' })).status).to.equal(500)
    expect((await pay({}, { 'idempotency-key': 'k4' })).status).to.equal(500)
    expect((await pay({ amount: '0' }, { 'idempotency-key': 'k5' })).status).to.equal(400)
    expect((await pay({ amount: '600' }, { 'idempotency-key': 'k5' })).status).to.equal(200)
  })
  it('refuses what the pinned version refuses', async () => {
    expect((await pay({ 'payment_method_types[0]': 'card' })).body.error?.code).to.equal('payment_method_types_no_longer_supported')
    expect((await pay({ colour: 'red' })).body.error?.code).to.equal('parameter_unknown')
  })
  it('pages lists by cursor and expands what is asked for', async () => {
    const made = []
    for (let i = 0; i < 3; i++) made.push((await ask('POST', 'customers', { email: 'page@x.test', 'metadata[n]': String(i) })).body.id)
    const first = await ask('GET', 'customers', { email: 'page@x.test', limit: '2' })
    expect([first.body.has_more, first.body.data?.map((c) => c.id)]).to.deep.equal([true, [made[2], made[1]]])
    const next = await ask('GET', 'customers', { email: 'page@x.test', limit: '2', starting_after: String(made[1]) })
    expect([next.body.has_more, next.body.data?.map((c) => c.id)]).to.deep.equal([false, [made[0]]])
    const paid = await pay({ 'expand[0]': 'latest_charge.balance_transaction' })
    expect((paid.body.latest_charge as { balance_transaction: { net: number } }).balance_transaction.net).to.equal(500 - 45)
  })
  it('keeps accounts apart', async () => {
    const paid = await pay()
    expect((await ask('GET', `payment_intents/${String(paid.body.id)}`, {}, { authorization: 'Bearer sk_test_elsewhere' })).status).to.equal(404)
  })
  it('remembers everything in its file, idempotency keys too', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'stripe-')), 'state.json')
    const request = { key: 'c1', email: 'a@x.test', name: 'A', marks: { tenant: 't' } }
    const once = await StripeSimulator.start({ file })
    const id = await stripeGateway({ secretKey: 'sk_test_file', webhookSecret: null, publishableKey: null, apiBase: once.url }).ensureCustomer(request)
    await once.stop()
    const again = await StripeSimulator.start({ file })
    expect(await stripeGateway({ secretKey: 'sk_test_file', webhookSecret: null, publishableKey: null, apiBase: again.url }).ensureCustomer(request)).to.equal(id)
    await again.stop()
  })
  it('knows the cards that ask the bank and are then declined, and those that are disputed after they have paid', async () => {
    const asked = (await pay({ payment_method: 'pm_card_threeDSecureRequiredChargeDeclined' })).body as { next_action?: { redirect_to_url: { url: string } }; id?: unknown; status?: unknown }
    expect(asked.status).to.equal('requires_action')
    await fetch(asked.next_action!.redirect_to_url.url, { method: 'POST', body: new URLSearchParams({ answer: 'complete' }), redirect: 'manual' })
    expect((await ask('GET', `payment_intents/${String(asked.id)}`)).body.status).to.equal('requires_payment_method')
    const disputed = (await pay({ payment_method: 'pm_card_createDispute' })).body
    const inquired = (await pay({ payment_method: 'pm_card_createDisputeInquiry' })).body
    const disputes = (await ask('GET', 'disputes')).body.data ?? []
    expect(disputes.map((d) => [d.payment_intent, d.status])).to.deep.equal([[inquired.id, 'warning_needs_response'], [disputed.id, 'needs_response']])
    const moves = (await ask('GET', 'balance_transactions', { type: 'adjustment' })).body.data ?? []
    expect(moves.map((m) => [m.amount, m.fee, m.source])).to.deep.equal([[-500, 1500, disputes[1]!.id]])
  })
  it('is switched over its control address', async () => {
    const order = { faults: [{ kind: 'rate-limit', retryAfter: 7 }] }
    expect((await fetch(`${simulator.url}/__control`, { method: 'POST', body: JSON.stringify(order) })).status).to.equal(200)
    const limited = await pay()
    expect([limited.status, limited.headers.get('retry-after')]).to.deep.equal([429, '7'])
  })
  it('shows a card page that works without a script, and says when a card is refused', async () => {
    const setup = (await ask('POST', 'setup_intents', { usage: 'off_session' })).body
    const at = `${simulator.url}/pay/setup/${String(setup.client_secret)}`
    const page = await (await fetch(`${at}?return_url=http://shop.test/back`)).text()
    expect(page).to.include('Simulated card page').and.not.include('<script')
    const refused = await fetch(at, { method: 'POST', body: new URLSearchParams({ card: 'pm_card_chargeDeclinedExpiredCard', return_url: 'http://shop.test/back' }), redirect: 'manual' })
    expect([refused.status, (await refused.text()).includes('expired')]).to.deep.equal([402, true])
    const saved = await fetch(at, { method: 'POST', body: new URLSearchParams({ card: 'pm_card_visa', return_url: 'http://shop.test/back?a=1' }), redirect: 'manual' })
    expect(saved.headers.get('location')).to.match(/^http:\/\/shop\.test\/back\?a=1&setup_intent=seti_\w+&setup_intent_client_secret=\w+&redirect_status=succeeded$/)
    expect((await fetch(`${simulator.url}/pay/setup/seti_unknown_secret_1?return_url=http://x.test`)).status).to.equal(404)
    expect((await fetch(`${at}?return_url=javascript:alert(1)`)).status).to.equal(400)
  })

  describe('delivering events', () => {
    let receiver: Server
    let seen: Array<{ id: string; type: string; signature: string; body: string }> = []
    let refuse = 0
    before(async () => {
      receiver = createServer((req, res) => {
        let body = ''
        req.on('data', (chunk) => (body += String(chunk))).on('end', () => {
          const { id, type } = JSON.parse(body) as { id: string; type: string }
          seen.push({ id, type, signature: String(req.headers['stripe-signature']), body })
          res.writeHead(refuse-- > 0 ? 500 : 200).end()
        })
      })
      await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
      const endpoint = await ask('POST', 'webhook_endpoints', { url, 'enabled_events[0]': 'payment_intent.succeeded', 'enabled_events[1]': 'payment_intent.created' })
      secret = String(endpoint.body.secret)
    })
    let secret = ''
    const holds = (event: { body: string; signature: string }): Promise<boolean> =>
      stripeGateway({ secretKey: 'sk_test_shop', webhookSecret: secret, publishableKey: null }).verifyWebhook(Buffer.from(event.body), () => event.signature).then(() => true, () => false)
    beforeEach(async () => {
      await simulator.deliverer.idle()
      seen = []
      refuse = 0
    })
    after(() => receiver.close())
    const types = (): string[] => seen.map((e) => e.type.replace('payment_intent.', ''))

    it('signs them, and repeats until the receiver accepts', async () => {
      refuse = 2
      await pay()
      await simulator.deliverer.idle()
      expect(seen).to.have.length(4)
      expect(await Promise.all(seen.map(holds))).to.deep.equal([true, true, true, true])
      expect(new Set(seen.map((e) => e.id)).size).to.equal(2)
    })
    it('can duplicate, drop, delay and forge', async () => {
      simulator.faults.event({ kind: 'duplicate', type: 'payment_intent.succeeded' })
      simulator.faults.event({ kind: 'drop', type: 'payment_intent.created' })
      await pay()
      await simulator.deliverer.idle()
      expect(types()).to.deep.equal(['succeeded', 'succeeded', 'succeeded'])
      seen = []
      simulator.faults.event({ kind: 'forge', type: 'payment_intent.succeeded' })
      simulator.faults.event({ kind: 'delay', type: 'payment_intent.created', ms: 150 })
      await pay()
      await simulator.deliverer.idle()
      expect(types().at(-1)).to.equal('created')
      expect(await Promise.all(seen.filter((e) => e.type.endsWith('succeeded')).map(holds))).to.have.members([false, true])
    })
    it('can swap the order', async () => {
      simulator.faults.event({ kind: 'reorder', type: 'payment_intent.created' })
      await pay()
      await simulator.deliverer.idle()
      expect(types()).to.deep.equal(['succeeded', 'created'])
    })
  })
})
