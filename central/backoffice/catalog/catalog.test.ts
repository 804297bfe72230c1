import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { PlanMigration, PlanVersion } from '../../../tenant/catalog/plan-migration.js'
import { priceSelection } from '../../../tenant/catalog/price-selection.js'
import { OptionChoice, ProductOption } from '../../../tenant/catalog/product-option.js'
import { ProductGroup } from '../../../tenant/catalog/product-group.js'
import { Product } from '../../../tenant/catalog/product.js'
import { newProduct, type TestProduct } from '../../../tenant/testing/catalog-world.js'
import { useDesk, words } from '../../testing/desk-world.js'

describe('The catalogue at the desk', function () {
  this.timeout(60_000)
  const { inShop, inAcme, member, staff } = useDesk()
  const holder = async (planId: number): Promise<void> => {
    const dated = { created_at: clock.now(), updated_at: clock.now() }
    const [userId] = (await tenantDb()('users').insert({ public_id: newPublicId(), email: `${newPublicId()}@example.com`, name: 'Casey', currency: 'USD', time_zone: 'UTC', locale: 'en', ...dated })) as [number]
    await tenantDb()('services').insert({ public_id: newPublicId(), user_id: userId, plan_id: planId, service_type: 'vps', name: 'box', status: 'active', currency: 'USD', price_micros: 5_000_000, ...dated })
  }
  const product = (more: Partial<Product> = {}, ...rest: [Parameters<typeof newProduct>[1]?, Parameters<typeof newProduct>[2]?]): Promise<TestProduct> => inAcme(() => newProduct(more, ...rest))
  const again = (plan: Plan): Promise<Plan> => inAcme(() => Plan.findOwned({ id: plan.id }))

  it('shows the prepared products of a new shop, hidden, and the same to staff', async () => {
    for (const [browser, base] of [[await member('acme'), '/reseller'], [await staff(), '/tenants/acme']] as const) {
      const { status, body } = await browser.get(`${base}/products?status=hidden`)
      expect([status, words(body).includes('VPS S'), words(body).includes('Hidden')], base).to.deep.equal([200, true, true])
      const href = new RegExp(`href="(${base}/products/[a-z0-9]{20})"[^>]*>VPS S<`).exec(body)![1]!
      expect(words((await browser.get(href)).body)).to.include('$5.00 a month').and.include('Extra memory').and.include('Managed support')
      expect((await browser.get(`${base}/products/prices.csv`)).body).to.match(/^VPS S,vps,Hidden,monthly,USD,5\.00,0\.00,/m)
    }
  })
  it('creates a product, gives it prices in two currencies, and publishes it', async () => {
    const browser = await member('acme')
    const form = { kind: 'plan', service_type: 'vps', name: 'Tiny box', slug: 'tiny-box', features: '1 vCPU\r\n1 GB', max_quantity: '3', tax_class: 'standard', upgrade: 'now', downgrade: 'period-end' }
    const wrong = await browser.fill('/reseller/products/new', { ...form, slug: 'Tiny Box', max_quantity: '0' }, '/reseller/products')
    expect([wrong.status, wrong.body.includes('value="Tiny Box"'), words(wrong.body).includes('small letters')]).to.deep.equal([422, true, true])
    const made = await browser.post('/reseller/products', form)
    expect(made.status).to.equal(303)
    const href = String(made.headers.location)
    expect((await browser.post('/reseller/products', form)).status).to.equal(422)
    const bad = await browser.fill(href, { currency: 'USD', price_monthly: '3.005', price_annual: '30' }, `${href}/plans`)
    expect([bad.status, words(bad.body).includes('cannot be finer'), bad.body.includes('value="3.005"')]).to.deep.equal([422, true, true])
    expect((await browser.post(`${href}/plans`, { currency: 'USD', setup: '1.50', price_monthly: '3', price_annual: '30' })).status).to.equal(303)
    expect((await browser.post(`${href}/plans`, { currency: 'KWD', price_monthly: '0.950' })).status).to.equal(303)
    expect((await browser.post(`${href}/plans`, { currency: 'USD', price_monthly: '4' })).status).to.equal(422)
    expect((await browser.post(`${href}/plans`, { currency: 'XQX', price_monthly: '4' })).status).to.equal(422)
    await browser.post(`${href}/status`, { _method: 'put', status: 'active' })
    const plans = await inAcme(async () => {
      const tiny = await Product.findOwned({ slug: 'tiny-box' })
      expect([tiny.status, tiny.features]).to.deep.equal(['active', ['1 vCPU', '1 GB']])
      return Plan.query().where({ productId: tiny.id }).orderBy('id')
    })
    expect(plans.map((p) => [p.billingCycle, p.currency, p.price.toString(), p.setupFee.toString()])).to.deep.equal([['monthly', 'USD', '3.00', '1.50'], ['annual', 'USD', '30.00', '1.50'], ['monthly', 'KWD', '0.950', '0.000']])
    expect(await inShop('globex', () => Product.query().where({ slug: 'tiny-box' }).resultSize())).to.equal(0)
  })
  it('previews a new price with who keeps the old one, then changes it as a new version for new orders', async () => {
    const { plan, product: { publicId } } = await product()
    await inAcme(() => holder(plan.id))
    const href = `/reseller/products/${publicId}/plans/${plan.publicId}`
    const browser = await member('acme')
    const wish = { price: '6.50', setup: '2', who: 'new', notice: '30', version: '1' }
    const preview = words((await browser.fill(href, wish, `${href}/preview`)).body)
    expect(preview).to.include('$5.00 a month').and.include('$6.50 a month').and.include('1 existing customer keep')
    expect((await again(plan)).priceMicros).to.equal(5_000_000)
    expect((await browser.post(`${href}/price`, { _method: 'put', ...wish })).status).to.equal(303)
    const after = await again(plan)
    expect([after.priceMicros, after.setupFeeMinor, after.version]).to.deep.equal([6_500_000, 200, 2])
    expect((await inAcme(async () => PlanVersion.query().where({ planId: plan.id }).orderBy('version'))).map((v) => [v.version, v.priceMicros])).to.deep.equal([[1, 5_000_000], [2, 6_500_000]])
    expect(await inAcme(() => PlanMigration.query().where({ planId: plan.id }).resultSize())).to.equal(0)
    // The same preview again: the price has moved on since.
    expect((await browser.post(`${href}/price`, { _method: 'put', ...wish, price: '9' })).status).to.equal(409)
    for (const price of ['-1', '1e3', '6.505', 'free', '10000000']) expect((await browser.post(`${href}/preview`, { ...wish, version: '2', price })).status, price).to.equal(422)
    expect((await again(plan)).version).to.equal(2)
  })
  it('records the wish to move existing customers with its notice, once, and drops an older wish that nobody has acted on', async () => {
    const { plan, product: { publicId } } = await product()
    const href = `/reseller/products/${publicId}/plans/${plan.publicId}`
    const browser = await member('acme')
    await browser.get(href)
    clock.set('2026-11-10T12:00:00Z')
    for (const [price, version] of [['6', '1'], ['7', '2']] as const) expect((await browser.post(`${href}/price`, { _method: 'put', price, who: 'move', notice: '45', version })).status).to.equal(303)
    const moves = await inAcme(async () => PlanMigration.query().where({ planId: plan.id }).orderBy('id'))
    expect(moves.map((m) => [m.status, m.priceMicros, m.earliestAt.toISOString()])).to.deep.equal([['cancelled', 6_000_000, '2026-12-25T12:00:00.000Z'], ['requested', 7_000_000, '2026-12-25T12:00:00.000Z']])
    const events = (await inAcme(async () => tenantDb()('events').where({ type: 'plan.migration-requested', subject_id: moves[1]!.id }))) as unknown[]
    expect(events).to.have.length(1)
    expect((await browser.post(`${href}/preview`, { price: '8', who: 'move', notice: '0', version: '3' })).status).to.equal(422)
  })
  it('warns below cost, exactly at the boundary, for the cycle’s share of the wholesale month', async () => {
    const { plans: [weekly, annual] } = await product({}, [{ cycle: 'weekly', price: '1.00' }, { cycle: 'annual', price: '120.00' }])
    const below = (plan: Plan, wholesalePriceMicros: number) => inAcme(async () => {
      await Plan.query().patch({ wholesalePriceMicros }).where({ id: plan.id })
      return (await Plan.findOwned({ id: plan.id })).isBelowCost
    })
    // A week is 12/52 of a month: 4.333333 × 12/52 is just under 1.00, 4.333334 just over.
    expect([await below(weekly!, 4_333_333), await below(weekly!, 4_333_334)]).to.deep.equal([false, true])
    expect([await below(annual!, 10_000_000), await below(annual!, 10_000_001)]).to.deep.equal([false, true])
    expect(words((await (await member('acme')).get('/reseller/products?q=VPS%20S')).body)).to.include('Below cost')
  })
  it('lays out an option with steps and prices them for each plan; orders pay exactly that', async () => {
    const at = await product({}, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'annual', price: '50.00' }])
    const base = `/reseller/products/${at.product.publicId}`
    const browser = await member('acme')
    const made = await browser.fill(`${base}/options/new`, { kind: 'quantity', name: 'Slots', unit: 'slots', min: '0', max: '64' }, `${base}/options`)
    const href = String(made.headers.location)
    const { option, choice } = await inAcme(async () => {
      const option = await ProductOption.findOwned({ productId: at.product.id, code: 'slots' })
      return { option, choice: await OptionChoice.findOwned({ optionId: option.id }) }
    })
    const cell = (step: number, plan: Plan) => `unit_${choice.id}_${step}_${plan.id}`
    const [monthly, annual] = at.plans as [Plan, Plan]
    const prices = { [cell(0, monthly)]: '0.50', [cell(1, monthly)]: '0.405', from_1: '11', [cell(0, annual)]: '5' }
    expect((await browser.get(href)).body).to.include(cell(0, monthly))
    expect((await browser.post(`${href}/prices`, { _method: 'put', ...prices, [cell(2, monthly)]: '0.30' })).status).to.equal(422)
    expect((await browser.post(`${href}/prices`, { _method: 'put', ...prices, from_1: '1' })).status).to.equal(422)
    expect((await browser.post(`${href}/prices`, { _method: 'put', ...prices })).status).to.equal(303)
    const total = (plan: Plan, quantity: number) => inAcme(async () => (await priceSelection(await Plan.findOwned({ id: plan.id }), { quantity: 1, options: [{ optionId: option.id, choiceId: choice.id, quantity }] })).recurring.minor)
    expect([await total(monthly, 10), await total(monthly, 11), await total(annual, 11)]).to.deep.equal([1000, 946, 10_500])
    expect((await again(monthly)).version).to.equal(2)
    await browser.post(`${href}/prices`, { _method: 'put', ...prices })
    expect((await again(monthly)).version).to.equal(2)
  })
  it('shows what a percent change of many prices would do, with its rounding, then does just that or nothing', async () => {
    const [one, two] = [await product({ name: 'Bulk one' }, [{ cycle: 'monthly', price: '4.99' }]), await product({ name: 'Bulk two' }, [{ cycle: 'monthly', currency: 'JPY', price: '505' }])]
    const browser = await member('acme')
    const ticked = { act: 'price', percent: '2.5', rounding: 'minor', [`p_${one.product.publicId}`]: 'on', [`p_${two.product.publicId}`]: 'on' }
    const preview = words((await browser.fill('/reseller/products', ticked, '/reseller/products/preview')).body)
    expect(preview).to.include('halves up').and.include('$4.99 a month').and.include('$5.11 a month').and.include('¥518 a month')
    const seen = { [`v_${one.plan.publicId}`]: '1', [`v_${two.plan.publicId}`]: '1' }
    expect((await browser.post('/reseller/products/acts', { ...ticked, ...seen, [`v_${two.plan.publicId}`]: '7' })).status).to.equal(409)
    expect([(await again(one.plan)).priceMicros, (await again(two.plan)).priceMicros]).to.deep.equal([4_990_000, 505_000_000])
    expect((await browser.post('/reseller/products/acts', { ...ticked, ...seen })).status).to.equal(303)
    expect([(await again(one.plan)).priceMicros, (await again(two.plan)).priceMicros]).to.deep.equal([5_110_000, 518_000_000])
    expect((await browser.post('/reseller/products/preview', { ...ticked, percent: '-95' })).status).to.equal(422)
    const hide = { act: 'hidden', rounding: 'minor', [`p_${one.product.publicId}`]: 'on' }
    expect(words((await browser.post('/reseller/products/preview', hide)).body)).to.include('direct links still sell them')
    await browser.post('/reseller/products/acts', hide)
    expect((await inAcme(() => Product.findOwned({ id: one.product.id }))).status).to.equal('hidden')
  })
  it('puts products under headings, renames their plans with them, and keeps products when a heading goes', async () => {
    const { product: { id, publicId }, plan } = await product()
    const browser = await member('acme')
    const group = { name: 'Linux servers', slug: 'linux', description: 'With root access.', sort: '3' }
    expect((await browser.fill('/reseller/products/groups', { ...group, slug: 'Not good' })).status).to.equal(422)
    expect((await browser.post('/reseller/products/groups', group)).status).to.equal(303)
    const row = await inAcme(() => ProductGroup.findOwned({ slug: 'linux' }))
    const wrong = await browser.post(`/reseller/products/groups/${row.publicId}`, { _method: 'put', ...group, name: 'x'.repeat(121) })
    expect([wrong.status, /<details open>[\s\S]*x{121}/.test(wrong.body)]).to.deep.equal([422, true])
    const details = { name: 'Renamed box', slug: 'renamed-box', group: String(row.id), max_quantity: '2', stock: '4', trial_days: '7', tax_class: 'reduced', upgrade: 'period-end', downgrade: 'now' }
    expect((await browser.post(`/reseller/products/${publicId}/details`, { _method: 'put', ...details, group: '999999' })).status).to.equal(422)
    expect((await browser.post(`/reseller/products/${publicId}/details`, { _method: 'put', ...details })).status).to.equal(303)
    expect(await inAcme(() => Product.findOwned({ id }))).to.include({ name: 'Renamed box', groupId: row.id, stockLimit: 4, trialDays: 7, taxClass: 'reduced', upgradePolicy: 'period-end', downgradePolicy: 'now' })
    expect([(await again(plan)).name, (await again(plan)).version]).to.deep.equal(['Renamed box', 1])
    expect(words((await browser.get('/reseller/products/groups')).body)).to.match(/Linux servers linux 1 With root access/)
    await browser.post(`/reseller/products/groups/${row.publicId}`, { _method: 'delete' })
    expect((await inAcme(() => Product.findOwned({ id }))).groupId).to.equal(null)
  })
  it('lets support look at everything and change nothing', async () => {
    const at = await product({}, undefined, [{ name: 'Ram', choices: { '8 GB': { 1: '2.00' } } }])
    const base = `/reseller/products/${at.product.publicId}`
    const option = `${base}/options/${at.option('Ram').optionId}`
    const browser = await member('acme', 'support')
    for (const path of ['/reseller/products', base, `${base}/plans/${at.plan.publicId}`, option, '/reseller/products/groups']) {
      const { status, body } = await browser.get(path)
      expect(status, path).to.equal(200)
      expect(body, path).to.not.match(/>(Publish|Hide|Save prices|Add prices|Check the new price|Add group|New product)</)
    }
    const tries: Array<[string, Record<string, string>]> = [
      [`${base}/status`, { _method: 'put', status: 'retired' }], [`${base}/plans`, { currency: 'EUR', price_monthly: '1' }], [`${base}/plans/${at.plan.publicId}/price`, { _method: 'put', price: '1', who: 'new', version: '1' }],
      [`${base}/plans/${at.plan.publicId}/status`, { _method: 'put', status: 'retired' }], [`${base}/addons`, { _method: 'put' }], [`${option}/prices`, { _method: 'put' }], [`${option}/status`, { _method: 'put', status: 'retired' }],
      ['/reseller/products/acts', { act: 'retired', [`p_${at.product.publicId}`]: 'on' }], ['/reseller/products/groups', { name: 'x', slug: 'x' }], ['/reseller/products', { kind: 'plan', service_type: 'vps', name: 'x', slug: 'x-x', max_quantity: '1' }],
    ]
    for (const [path, fields] of tries) expect((await browser.post(path, fields)).status, path).to.equal(409)
    await inAcme(async () => {
      expect([(await Product.findOwned({ id: at.product.id })).status, (await Plan.findOwned({ id: at.plan.id })).version, await Plan.query().where({ productId: at.product.id }).resultSize()]).to.deep.equal(['active', 1, 1])
    })
  })
  it('reaches only the own shop, and only parts of the product in the address', async () => {
    const [mine, other] = [await product({}, undefined, [{ name: 'Ram', choices: { a: { 1: '1' } } }]), await product({}, undefined, [{ name: 'Ram', choices: { a: { 1: '1' } } }])]
    const stranger = await member('globex')
    expect((await stranger.get(`/reseller/products/${mine.product.publicId}`)).status).to.equal(404)
    const browser = await member('acme')
    expect((await browser.get(`/reseller/products/${mine.product.publicId}/plans/${other.plan.publicId}`)).status).to.equal(404)
    expect((await browser.get(`/reseller/products/${mine.product.publicId}/options/${other.option('Ram').optionId}`)).status).to.equal(404)
    const href = `/reseller/products/${mine.product.publicId}/options/${mine.option('Ram').optionId}`
    await browser.get(href)
    expect((await browser.post(`${href}/choices`, { _method: 'put', [`label_${other.option('Ram').choiceId}`]: 'taken over' })).status).to.equal(404)
    expect((await browser.post(`/reseller/products/${mine.product.publicId}/plans/${mine.plan.publicId}/wholesale`, { _method: 'put', sku: 'kasm.developer_basic' })).status).to.equal(409)
  })
})
