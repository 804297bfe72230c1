import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { hourly } from '../../shared/money/rate.js'
import type { ProviderConnection } from '../../shared/tenancy/directory.js'
import { formatMoney } from '../../shared/views/format.js'
import { Plan } from '../catalog/plan.js'
import { recommendedPlans, seedCatalog } from '../catalog/seed-plans.js'
import { Customer } from '../customers/customer.js'
import { saveLimits } from '../kasm/limits/save-limits.js'
import { seedTemplates } from '../kasm/templates/seed-templates.js'
import { Template } from '../kasm/templates/template.js'
import { useKasmWorld } from '../testing/kasm-world.js'
import { useShop } from '../testing/shop.js'
import { billedSecondsOf, ownEstimate, usualEstimates, usualHabit } from './workspace-estimate.js'
import { placeFor, regionName, regionsOf, stateOf } from './workspace-place.js'

const text = ({ minor, currency }: { minor: number; currency: string }): string => formatMoney(minor, currency, 'en-US')
const server = (change: Partial<ProviderConnection>): ProviderConnection => ({
  id: 1, kind: 'kasm', name: 'a', label: 'A', region: null, own: false, active: true, health: 'ok', failingSince: null, maxSessions: null, sessions: null, baseUrl: 'https://a.example', secrets: {}, settings: {}, ...change,
})
const codeOf = (fn: () => unknown): string => {
  try {
    fn()
    return 'none'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('What a workspace will cost', () => {
  it('is told for all six types at the document’s prices, to the cent', () => {
    const seen = Object.fromEntries(recommendedPlans.map((plan) => [plan.slug, usualEstimates(hourly(plan.priceMicros, 'USD')).map((e) => text(e.amount))]))
    expect(seen).to.deep.equal({
      developer_basic: ['$0.04', '$1.20', '$26.00', '$109.50'], developer_pro: ['$0.08', '$2.40', '$52.00', '$219.00'], developer_enterprise: ['$0.15', '$4.80', '$104.00', '$438.00'],
      business_basic: ['$0.05', '$1.60', '$34.67', '$146.00'], business_pro: ['$0.10', '$3.20', '$69.33', '$292.00'], business_enterprise: ['$0.20', '$6.40', '$138.67', '$584.00'],
    })
  })

  it('comes to the same for a month of work on a plan’s card and on the page that orders it', () => {
    for (const { priceMicros } of recommendedPlans) {
      const [, , month] = usualEstimates(hourly(priceMicros, 'USD'))
      expect(month).to.deep.include({ text: '173 hours: 40 a week', amount: Object.assign(new Plan(), { priceMicros, currency: 'USD' }).workingMonth })
    }
    expect(usualHabit, 'what the form begins with, in whole days').to.deep.equal({ hoursPerDay: 8, daysPerMonth: 22 })
  })

  it('rounds each day up to the quarter hour, as the meter does, at the very boundary', () => {
    expect([0.25, 0.2501, 1, 1.0834, 24].map(billedSecondsOf)).to.deep.equal([900, 1800, 3600, 4500, 86_400])
    const { day, month, hours } = ownEstimate(hourly(200_000, 'USD'), { hoursPerDay: 65 / 60, daysPerMonth: 20 })
    expect([text(day), text(month), hours]).to.deep.equal(['$0.25', '$5.00', 25])
  })
})

describe('Where a workspace may stand', () => {
  const here = server({ id: 1, region: 'eu-west', maxSessions: 10, sessions: 9 })
  const there = server({ id: 2, region: 'us' })
  const template = Object.assign(Object.create(Template.prototype) as Template, { name: 'VS Code', ownName: null, status: 'active', enabled: true, images: null })

  it('is asked only where there are several regions, and each says how it is', () => {
    expect([regionsOf([here]), regionsOf([here, there, server({ id: 3 })])]).to.deep.equal([[], ['eu-west', 'us']])
    expect([stateOf([here], 'eu-west'), stateOf([{ ...here, sessions: 10 }], 'eu-west'), stateOf([{ ...here, health: 'failing' }], null)]).to.deep.equal(['open', 'full', 'failing'])
    expect([regionName('eu-west'), regionName('frankfurt')]).to.deep.equal(['EU West', 'Frankfurt'])
  })

  it('keeps the region that was asked for, waits for a failing server, and says sold out at the last place', () => {
    expect(placeFor(template, [here, there], 'us').id).to.equal(2)
    expect(placeFor(template, [{ ...there, health: 'failing' }], null).id).to.equal(2)
    expect(codeOf(() => placeFor(template, [{ ...here, sessions: 10 }, there], 'eu-west'))).to.equal('order.sold-out')
    expect(codeOf(() => placeFor(template, [here], 'mars'))).to.equal('order.region-unknown')
    expect(codeOf(() => placeFor(template, [], null))).to.equal('order.no-server')
  })

  it('goes only to servers that have the template', () => {
    const only = Object.assign(Object.create(Template.prototype) as Template, template, { images: [{ connectionId: 2, imageId: 'x', offered: true }, { connectionId: 1, imageId: 'y', offered: false }] })
    expect(placeFor(only, [here, there], null).id).to.equal(2)
    expect(codeOf(() => placeFor(only, [here, there], 'eu-west'))).to.equal('order.template-elsewhere')
  })
})

describe('Ordering a workspace, on the page', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const inAcme = <T>(fn: () => PromiseLike<T>): Promise<T> => world.as(world.acme, async () => await fn())
  const count = (table: string) => inAcme(async () => (await tenantDb()(table).count({ n: '*' }))[0]!['n'] as number)
  const fieldOf = (body: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? ''
  const page = '/order/business_pro'

  async function ready() {
    await inAcme(async () => { await seedCatalog(world.acme); await seedTemplates() })
    const userId = await world.customer()
    const browser = await shop.as(userId)
    const { body } = await browser.get(page)
    return { userId, browser, body, fields: { checkout_key: fieldOf(body, 'checkout_key'), plan_version: fieldOf(body, 'plan_version'), template: fieldOf(body, 'template'), name: 'desk' } }
  }
  /** A second server: region us beside eu. */
  function twoRegions(change: Partial<ProviderConnection> = {}) {
    const { connection } = world.directory.connected[0]!
    world.directory.connected.length = 0
    world.directory.connect({ ...connection, region: 'eu' })
    world.directory.connect({ ...connection, id: 2, name: 'second', region: 'us', ...change })
  }

  it('shows the six types with sizes and prices, the templates of this one with their apps, and no region where there is one', async () => {
    const { body, browser } = await ready()
    for (const word of ['Developer Basic', '$0.15/h', 'Developer Pro', '$0.30/h', 'Developer Enterprise', '$0.60/h', 'Business Basic', '$0.20/h', 'Business Pro', '$0.40/h', 'Business Enterprise', '$0.80/h', '8 vCPU · 16 GB RAM', 'LibreOffice']) expect(body, word).to.contain(word)
    expect(body).to.contain('href="/order/business_pro" aria-current="page"').and.to.not.contain('PyCharm').and.to.not.contain('name="region"')
    expect((await browser.get('/order')).headers.location).to.equal('/order/developer_basic')
  })

  it('answers an estimate for other hours: a fragment for htmx, the whole form as it was without scripts', async () => {
    const { browser, fields } = await ready()
    const wish = { ...fields, name: 'my <desk>', hours: '1.1', days: '10' }
    const part = await browser.post(`${page}/estimate`, wish, { 'hx-request': 'true' })
    expect(part.body).to.match(/^\s*<section class="card" id="estimate"/).and.to.contain('$0.50').and.to.contain('$5.00').and.to.contain('A month, 12.5 hours')
    const whole = await browser.post(`${page}/estimate`, wish)
    expect(whole.status).to.equal(200)
    expect(whole.body).to.contain('value="my &lt;desk&gt;"').and.to.contain(`name="checkout_key" value="${fields.checkout_key}"`).and.to.contain('A month, 12.5 hours')
    const wrong = await browser.post(`${page}/estimate`, { ...wish, hours: '25' })
    expect([wrong.status, wrong.body.includes('A day has 24 hours.')]).to.deep.equal([422, true])
    expect(await count('services')).to.equal(0)
  })

  it('stores the server and the region with the workspace, from the customer’s choice', async () => {
    twoRegions()
    const { browser, fields, body } = await ready()
    expect(body).to.contain('name="region"').and.to.contain('EU').and.to.contain('US')
    expect((await browser.post(page, { ...fields, region: 'us' })).status).to.equal(303)
    const [row] = await inAcme(async () => tenantDb()('kasm_workspaces').select())
    expect(row).to.include({ provider_connection_id: 2, region: 'us' })
  })

  it('says that a region is sold out, keeps the form, and orders nothing; the other region still sells', async () => {
    twoRegions({ maxSessions: 5, sessions: 5 })
    const { browser, fields, body } = await ready()
    expect(body).to.match(/value="us"[^>]* disabled/).and.to.contain('Sold out at the moment')
    const refused = await browser.post(page, { ...fields, region: 'us' })
    expect([refused.status, await count('services'), await count('orders')]).to.deep.equal([409, 0, 0])
    expect(refused.body).to.contain('US is sold out at the moment. Nothing was ordered.').and.to.contain('value="desk"')
    expect((await browser.post(page, { ...fields, region: 'eu' })).status).to.equal(303)
  })

  it('says beforehand that no server answers, takes the order all the same, and stops it where there is none', async () => {
    const { connection } = world.directory.connected[0]!
    world.directory.connect({ ...connection, health: 'failing' })
    const { browser, fields, body } = await ready()
    expect(body).to.contain('Our servers do not answer just now')
    expect((await browser.post(page, fields)).status).to.equal(303)
    world.directory.connected.length = 0
    expect((await browser.get(page)).body).to.contain('Workspaces cannot be ordered at the moment').and.to.match(/<button[^>]* disabled[^>]*><span>Order workspace/)
    expect((await browser.post(page, { ...fields, checkout_key: 'a'.repeat(20) })).status).to.equal(409)
    expect(await count('services')).to.equal(1)
  })

  it('keeps to the customer’s limit, also when two orders arrive together, and does not count one order twice', async () => {
    const { userId, browser, fields } = await ready()
    await inAcme(async () => saveLimits((await Customer.query().findById(userId))!, { workspaces: 1, running: null, types: null }))
    const twice = await Promise.all([browser.post(page, fields), browser.post(page, fields)])
    expect(twice.map((a) => a.status), 'one order, two clicks').to.deep.equal([303, 303])
    expect(new Set(twice.map((a) => a.headers.location)).size).to.equal(1)
    const more = await Promise.all(['b', 'c'].map((letter) => browser.post(page, { ...fields, checkout_key: letter.repeat(20) })))
    expect(more.map((a) => a.status)).to.deep.equal([409, 409])
    expect(more[0]!.body).to.contain('Your account can have 1 workspace at a time')
    expect(await count('kasm_workspaces')).to.equal(1)
    expect((await browser.get(page)).body).to.contain('One more is not possible')
  })

  it('names a workspace’s template as the shop does', async () => {
    const { browser, fields } = await ready()
    await inAcme(async () => tenantDb()('kasm_workspace_templates').where({ id: Number(fields.template) }).update({ own_name: 'Acme Office' }))
    await browser.post(page, fields)
    expect((await inAcme(async () => tenantDb()('kasm_workspaces').first('template_name') as Promise<{ template_name: string }>)).template_name).to.equal('Acme Office')
    await inAcme(async () => tenantDb()('kasm_workspace_templates').where({ id: Number(fields.template) }).update({ status: 'deprecated' }))
    expect((await browser.get(page)).body).to.not.contain('Acme Office')
    expect((await browser.post(page, { ...fields, checkout_key: 'd'.repeat(20) })).status, 'a page that was opened before').to.equal(404)
  })
})
