import { expect } from 'chai'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PaypalSimulator } from './server.js'

type Answer = { status: number; headers: Headers; body: Record<string, unknown> & { details?: Array<{ issue: string }>; links?: Array<{ rel: string; href: string }> } }

describe('the PayPal simulator', () => {
  let simulator: PaypalSimulator
  let token: string
  const login = async (to: PaypalSimulator, secret = 'secret_shop', id = 'client_shop'): Promise<Answer> => {
    const headers = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(`${to.url}/v1/oauth2/token`, { method: 'POST', headers, body: 'grant_type=client_credentials' })
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] }
  }
  const ask = async (method: string, at: string, body?: unknown, headers: Record<string, string> = {}, to = simulator): Promise<Answer> => {
    const answer = await fetch(`${to.url}${at}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : {}) as Answer['body'] }
  }
  const orderOf = (value = '10.00', currency = 'USD', more = {}) => ({
    intent: 'CAPTURE', purchase_units: [{ amount: { currency_code: currency, value }, ...more }], payment_source: { paypal: { experience_context: { return_url: 'http://shop.test/ok', cancel_url: 'http://shop.test/no' } } },
  })
  const key = (): Record<string, string> => ({ 'paypal-request-id': crypto.randomUUID() })
  const create = (body: unknown = orderOf(), headers = key()): Promise<Answer> => ask('POST', '/v2/checkout/orders', body, { prefer: 'return=representation', ...headers })
  const approve = (id: unknown, answer = 'approve', payer = 'works'): Promise<Response> => fetch(`${simulator.url}/approve/order/${String(id)}`, { method: 'POST', body: new URLSearchParams({ answer, payer }), redirect: 'manual' })
  const issue = (answer: Answer): unknown[] => [answer.status, answer.body.details?.[0]?.issue]

  before(async () => {
    simulator = await PaypalSimulator.start({ lagMs: 3_600_000 })
    token = String((await login(simulator)).body.access_token)
  })
  after(() => simulator.stop())

  it('gives a token for the right id and secret only, and wants it on every call', async () => {
    expect((await login(simulator)).status).to.equal(200)
    for (const [id, secret] of [['client_shop', 'secret_other'], ['somebody', 'secret_somebody']]) expect((await login(simulator, secret, id)).status).to.equal(401)
    expect((await ask('GET', '/v2/checkout/orders/X', undefined, { authorization: 'Bearer wrong' })).status).to.equal(401)
  })
  it('answers 201 first and 200 when a request is repeated; another request under the key and a missing key are refused', async () => {
    const same = key()
    const [first, again] = [await create(orderOf(), same), await create(orderOf(), same)]
    expect([first.status, again.status, again.body.id]).to.deep.equal([201, 200, first.body.id])
    expect(issue(await create(orderOf('11.00'), same))).to.deep.equal([422, 'DUPLICATE_REQUEST_ID'])
    expect(issue(await create(orderOf(), {}))).to.deep.equal([400, 'PAYPAL_REQUEST_ID_REQUIRED'])
    expect(issue(await create(orderOf(), { 'paypal-request-id': 'x'.repeat(109) }))).to.deep.equal([400, 'INVALID_STRING_MAX_LENGTH'])
  })
  it('says that a request still runs while its key is in use', async () => {
    const same = key()
    simulator.faults.request({ kind: 'slow', ms: 200, method: 'POST' })
    const [slow, meanwhile] = await Promise.all([create(orderOf(), same), new Promise<Answer>((done) => setTimeout(() => void create(orderOf(), same).then(done), 60))])
    expect([slow.status, meanwhile.status]).to.deep.equal([201, 409])
    expect((await create(orderOf(), same)).status).to.equal(200)
  })
  it('tells little unless the whole is asked for', async () => {
    const minimal = await ask('POST', '/v2/checkout/orders', orderOf(), key())
    expect(Object.keys(minimal.body)).to.deep.equal(['id', 'status', 'links'])
    expect((await ask('GET', `/v2/checkout/orders/${String(minimal.body.id)}`)).body).to.have.property('purchase_units')
  })
  it('captures only what the payer approved, once; nothing while he has not, or has gone away', async () => {
    const { id } = (await create()).body
    const capture = (): Promise<Answer> => ask('POST', `/v2/checkout/orders/${String(id)}/capture`, {}, { prefer: 'return=representation' })
    expect(issue(await capture())).to.deep.equal([422, 'ORDER_NOT_APPROVED'])
    expect((await approve(id, 'cancel')).headers.get('location')).to.equal(`http://shop.test/no?token=${String(id)}`)
    expect(issue(await capture())).to.deep.equal([422, 'ORDER_NOT_APPROVED'])
    expect((await approve(id)).headers.get('location')).to.match(new RegExp(`^http://shop\\.test/ok\\?token=${String(id)}&PayerID=`))
    expect([(await capture()).status, issue(await capture())]).to.deep.equal([201, [422, 'ORDER_ALREADY_CAPTURED']])
  })
  it('refuses amounts that PayPal does not take', async () => {
    for (const [value, currency, expected] of [['10.00', 'JPY', 'DECIMALS_NOT_SUPPORTED'], ['10', 'USD', 'DECIMAL_PRECISION'], ['1.234', 'KWD', 'CURRENCY_NOT_SUPPORTED'], ['0.00', 'USD', 'CANNOT_BE_ZERO_OR_NEGATIVE']] as const) {
      expect(issue(await create(orderOf(value, currency))), `${value} ${currency}`).to.deep.equal([422, expected])
    }
    expect((await create(orderOf('10', 'JPY'))).status).to.equal(201)
  })
  it('does not let an invoice be paid twice', async () => {
    const pay = async (): Promise<Answer> => {
      const { id } = (await create(orderOf('5.00', 'USD', { invoice_id: 'INV-1' }))).body
      await approve(id)
      return ask('POST', `/v2/checkout/orders/${String(id)}/capture`, {})
    }
    expect([(await pay()).status, issue(await pay())]).to.deep.equal([201, [422, 'DUPLICATE_INVOICE_ID']])
  })
  it('keeps young transactions out of its list', async () => {
    const span = `start_date=${new Date(Date.now() - 86_400_000).toISOString()}&end_date=${new Date(Date.now() + 60_000).toISOString()}`
    expect((await ask('GET', `/v1/reporting/transactions?${span}`)).body.total_items).to.equal(0)
    expect(issue(await ask('GET', `/v1/reporting/transactions?start_date=2026-01-01T00:00:00Z&end_date=2026-03-01T00:00:00Z`))[0]).to.equal(400)
  })
  it('shows its approval page without a script, and does not know what does not exist', async () => {
    const { id } = (await create()).body
    const page = await (await fetch(`${simulator.url}/approve/order/${String(id)}`)).text()
    expect(page).to.include('Pay 10.00 USD?').and.not.include('<script')
    expect((await fetch(`${simulator.url}/approve/order/NOTHING`)).status).to.equal(404)
    expect(JSON.stringify((await create()).body)).not.to.match(/"_/)
  })
  it('is switched over its control address: slow down, errors, refused tokens', async () => {
    const control = (command: unknown): Promise<Response> => fetch(`${simulator.url}/__control`, { method: 'POST', body: JSON.stringify(command) })
    await control({ faults: [{ kind: 'rate-limit', retryAfter: 7 }] })
    const limited = await create()
    expect([limited.status, limited.headers.get('retry-after')]).to.deep.equal([429, '7'])
    await control({ expireTokens: true })
    expect((await create()).status).to.equal(401)
    token = String((await login(simulator)).body.access_token)
    expect((await create()).status).to.equal(201)
  })
  it('remembers everything in its file, keys too, and forgets its tokens', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'paypal-')), 'state.json')
    const first = await PaypalSimulator.start({ file })
    const old = token
    const same = key()
    token = String((await login(first)).body.access_token)
    const { id } = (await ask('POST', '/v2/checkout/orders', orderOf(), same, first)).body
    await first.stop()
    const again = await PaypalSimulator.start({ file })
    expect((await ask('GET', `/v2/checkout/orders/${String(id)}`, undefined, {}, again)).status).to.equal(401)
    token = String((await login(again)).body.access_token)
    expect((await ask('POST', '/v2/checkout/orders', orderOf(), same, again)).body.id).to.equal(id)
    await again.stop()
    token = old
  })
})
