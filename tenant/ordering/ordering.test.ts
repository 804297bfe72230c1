import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Refusal } from '../../shared/errors.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../catalog/plan.js'
import { Customer } from '../customers/customer.js'
import { seedTemplates } from '../kasm/templates/seed-templates.js'
import { Template } from '../kasm/templates/template.js'
import { imageId, simulatedTemplates } from '../../shared/simulators/kasm/state.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { useShop } from '../testing/shop.js'
import { placeOrder } from './place-order.js'

describe('Ordering a workspace', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const count = (table: string) => inAcme(async () => (await tenantDb()(table).count({ n: '*' }))[0]!['n'] as number)
  const page = '/order/developer_basic'
  const fieldOf = (body: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? ''

  /** A customer who may order, their browser, and the fields of the form as shown. */
  async function ready(change: Record<string, unknown> = {}, method = true) {
    await world.plan()
    await inAcme(() => seedTemplates())
    const userId = await world.customer()
    await inAcme(async () => tenantDb()('users').where({ id: userId }).update({ currency: 'USD', ...change }))
    if (!method) await inAcme(async () => tenantDb()('payment_methods').where({ user_id: userId }).delete())
    const browser = await shop.as(userId)
    const { body, status } = await browser.get(page)
    const fields = { checkout_key: fieldOf(body, 'checkout_key'), plan_version: fieldOf(body, 'plan_version'), template: fieldOf(body, 'template'), name: 'api-box' }
    return { userId, browser, body, status, fields }
  }
  const giveCredit = (userId: number, minor: number) => inAcme(async () => {
    const now = clock.now()
    const account = async (code: string, kind: string, balance: number) => ((await tenantDb()('ledger_accounts').insert({ code, kind, user_id: kind === 'credit' ? userId : null, currency: 'USD', balance_minor: balance, created_at: now })) as number[])[0]
    await account(`credit:${userId}`, 'credit', -minor)
  })

  it('shows the price before anything is asked: a quarter hour, a day, a month', async () => {
    const { body, status } = await ready()
    expect(status).to.equal(200)
    expect(body).to.contain('$0.20/h').and.to.contain('$0.05').and.to.contain('$1.60').and.to.contain('$34.67').and.to.contain('$146.00')
    expect(body).to.contain('Ubuntu 22.04 with VS Code').and.to.not.contain('Windows 11 Business')
  })

  it('leads to the service, which sets itself up', async () => {
    const { browser, fields } = await ready()
    const ordered = await browser.post(page, fields)
    expect(ordered.status).to.equal(303)
    expect((await browser.follow()).body).to.contain('Order received').and.to.contain('api-box')
    for (let n = 0; n < 5; n++) await world.later(3)
    expect((await browser.get(ordered.headers.location!)).body).to.contain('Open workspace')
    const [service] = await inAcme(async () => tenantDb()('services').select())
    expect(service).to.include({ status: 'active', price_micros: 200_000, currency: 'USD', name: 'api-box' })
    expect(await world.events()).to.include('order.placed')
  })

  it('is one order, however often the button is pressed', async () => {
    const { browser, fields } = await ready()
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser.post(page, fields)))
    answers.push(await browser.post(page, fields))
    expect(new Set(answers.map((a) => `${a.status} ${a.headers.location}`)).size).to.equal(1)
    expect([await count('orders'), await count('services'), await count('kasm_workspaces')]).to.deep.equal([1, 1, 1])
    for (let n = 0; n < 5; n++) await world.later(3)
    expect(world.kasm.alive).to.have.length(1)
  })

  it('does not take another customer’s checkout for its own', async () => {
    const first = await ready()
    await first.browser.post(page, first.fields)
    const second = await ready()
    const other = await second.browser.post(page, first.fields)
    expect(other.headers.location).to.not.equal(first.browser.last?.headers.location)
    expect(await count('services')).to.equal(2)
  })

  it('is refused in words without a payment method and with less than $5.00 of credit', async () => {
    const { browser, body, fields, userId } = await ready({}, false)
    expect(body).to.contain('Add a way to pay first').and.to.contain('href="/payment-methods').and.to.contain('href="/credit').and.to.contain('$5.00')
    await giveCredit(userId, 499)
    const refused = await browser.post(page, fields)
    expect(refused.status).to.equal(409)
    expect(refused.body).to.contain('Add a payment method, or at least $5.00 of credit').and.to.contain('value="api-box"')
    expect([await count('orders'), await count('services')]).to.deep.equal([0, 0])
  })

  it('takes $5.00 of credit instead of a payment method', async () => {
    const { browser, fields, userId } = await ready({}, false)
    await giveCredit(userId, 500)
    expect((await browser.post(page, fields)).status).to.equal(303)
  })

  it('needs a confirmed address and an account', async () => {
    const { browser } = await ready({ email_verified_at: null })
    expect(browser.last?.headers.location).to.contain('/verify-email')
    expect((await shop.guest().get(page)).headers.location).to.contain('/sign-in?next=%2Forder%2Fdeveloper_basic')
  })

  it('says no when the price changed since the page was shown', async () => {
    const { browser, fields } = await ready()
    await inAcme(async () => tenantDb()('plans').update({ price_micros: 250_000, version: 2 }))
    const refused = await browser.post(page, fields)
    expect(refused.status).to.equal(409)
    expect(refused.body).to.contain('The price has changed').and.to.contain('$0.25/h').and.to.contain('name="plan_version" value="2"')
  })

  it('keeps the price of the order when the plan becomes dearer later', async () => {
    const { browser, fields } = await ready()
    await browser.post(page, fields)
    await inAcme(async () => tenantDb()('plans').update({ price_micros: 900_000, version: 2 }))
    for (let n = 0; n < 5; n++) await world.later(3)
    expect((await world.sessions())[0]!.costPerHourMicros).to.equal(200_000)
  })

  it('refuses templates of other sizes and plans that are not offered', async () => {
    const { browser, fields } = await ready()
    const big = await inAcme(() => Template.query().findOne({ vcpu_default: 8 }))
    expect((await browser.post(page, { ...fields, template: String(big!.id) })).status).to.equal(404)
    expect((await browser.post(page, { ...fields, template: 'x' })).status).to.equal(422)
    await inAcme(async () => tenantDb()('plans').update({ status: 'retired' }))
    expect((await browser.get(page)).status).to.equal(404)
  })

  it('leaves nothing half-made when it fails in the middle', async () => {
    const { userId } = await ready()
    const [customer, plan, template] = await inAcme(async () => [(await Customer.query().findById(userId))!, (await Plan.query().first())!, (await Template.query().first())!] as const)
    const wish = { checkoutKey: newPublicId(), planVersion: plan.version, templateId: template.id, name: 'n'.repeat(61) }
    const error = await inAcme(() => placeOrder(customer, plan, wish)).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(Error).and.to.not.be.instanceOf(Refusal)
    expect([await count('orders'), await count('services'), await count('kasm_workspaces')]).to.deep.equal([0, 0, 0])
  })

  it('offers only templates that the Kasm server of a fresh installation has', async () => {
    await inAcme(() => seedTemplates())
    await inAcme(() => seedTemplates())
    const ids = await inAcme(async () => (await Template.query()).map((t) => t.kasmTemplateId))
    const known = simulatedTemplates.flatMap((t) => ['basic', 'pro', 'enterprise'].map((size) => imageId(t.key, size)))
    expect([...ids].sort()).to.deep.equal([...known].sort())
  })
})
