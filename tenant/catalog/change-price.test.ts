import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { useWorld } from '../../shared/testing/world.js'
import { newProduct } from '../testing/catalog-world.js'
import { changePrice } from './change-price.js'
import { PlanMigration, PlanVersion } from './plan-migration.js'
import { Plan } from './plan.js'
import { OptionChoice, PlanOptionPrice } from './product-option.js'
import { setOptionPrices } from './save-option.js'
import { seedCatalog } from './seed-plans.js'
import { refreshWholesaleCopies, setWholesaleSku } from './wholesale-copy.js'

describe('Changing a price', function () {
  this.timeout(30_000)
  const world = useWorld()
  const inAcme = <T>(work: () => Promise<T>): Promise<T> => world.as(world.acme, work)

  it('lets one of many who change the same price at the same time through, and writes one version for it', async () => {
    const { plan } = await inAcme(() => newProduct())
    const tries = await Promise.allSettled(Array.from({ length: 8 }, (_n, i) => inAcme(async () => changePrice(await Plan.findOwned({ id: plan.id, version: 1 }), { priceMicros: 6_000_000 + i * 10_000 }, { move: { noticeDays: 30 } }))))
    const won = tries.filter((t) => t.status === 'fulfilled').length
    const versions = await inAcme(async () => PlanVersion.query().where({ planId: plan.id }).orderBy('version'))
    expect([won, versions.map((v) => v.version)]).to.deep.equal([1, [1, 2]])
    expect((await inAcme(() => Plan.findOwned({ id: plan.id }))).priceMicros).to.equal(versions[1]!.priceMicros)
    expect(await inAcme(() => PlanMigration.query().where({ planId: plan.id }).resultSize())).to.equal(1)
    expect(await inAcme(async () => tenantDb()('events').where({ type: 'plan.price-changed', subject_id: plan.id }))).to.have.length(1)
  })
  it('changes nothing when the price is the same, and nothing at all when any part is impossible', () => inAcme(async () => {
    const { plan } = await newProduct()
    await changePrice(plan, { priceMicros: 5_000_000 })
    for (const wrong of [{ priceMicros: 6_005_000 }, { priceMicros: 6_000_000, setupFeeMinor: -1 }, { priceMicros: 6_000_000, setupFeeMinor: 0.5 }]) expect(await changePrice(plan, wrong).then(() => 'done', (e: Error) => e.name)).to.equal('FormErrors')
    for (const noticeDays of [0, 367, 1.5]) expect(await changePrice(plan, { priceMicros: 6_000_000 }, { move: { noticeDays } }).then(() => 'done', (e: Error) => e.name)).to.equal('FormErrors')
    expect((await Plan.findOwned({ id: plan.id })).version).to.equal(1)
  }))
  it('lets customers move to the present price later on, without changing it', () => inAcme(async () => {
    const { plan } = await newProduct()
    await changePrice(plan, { priceMicros: 7_000_000 })
    await changePrice(plan, { priceMicros: 7_000_000 }, { move: { noticeDays: 30 } })
    const [move] = await PlanMigration.query().where({ planId: plan.id })
    expect([move!.priceMicros, move!.version, (await Plan.findOwned({ id: plan.id })).priceMicros]).to.deep.equal([7_000_000, 3, 7_000_000])
  }))
  it('replaces the steps of an option whole, and refuses steps that overlap or do not begin at 1', () => inAcme(async () => {
    const at = await newProduct({}, undefined, [{ name: 'Slots', kind: 'quantity', choices: { slot: { 1: '1.00', 11: '0.80' } } }])
    const choice = await OptionChoice.findOwned({ id: at.option('Slots').choiceId })
    const step = (fromQuantity: number, unitMicros = 1) => ({ fromQuantity, unitMicros, setupMinor: 0 })
    for (const wrong of [[step(2)], [step(1), step(1)], [step(1), step(5), step(3)], [step(1, -1)], [step(1, 0.5)]]) expect(await setOptionPrices(at.plan, choice, wrong).then(() => 'done', (e: Error) => e.name)).to.equal('FormErrors')
    await setOptionPrices(at.plan, choice, [step(1, 900_000)])
    const rows = await PlanOptionPrice.query().where({ planId: at.plan.id })
    expect([rows.length, rows[0]!.unitMicros, (await Plan.findOwned({ id: at.plan.id })).version]).to.deep.equal([1, 900_000, 2])
    const stranger = await newProduct()
    expect(await setOptionPrices(stranger.plan, choice, [step(1)]).then(() => 'done', (e: Error) => e.name)).to.equal('NotFound')
  }))
  it('copies wholesale prices of the right unit and currency, follows the list, and forgets what is not on it any more', () => inAcme(async () => {
    const { plans: [dollars, euros] } = await newProduct({}, [{ cycle: 'annual', price: '50.00' }, { cycle: 'annual', currency: 'EUR', price: '50.00' }])
    const list = (priceMicros: number) => [{ sku: 'vps.s', unit: 'month' as const, currency: 'USD', priceMicros }, { sku: 'vps.s', unit: 'hour' as const, currency: 'USD', priceMicros: 1 }, { sku: 'kasm.developer_basic', unit: 'hour' as const, currency: 'USD', priceMicros: 100_000 }]
    const copies = async () => Promise.all([dollars!, euros!].map(async (p) => (await Plan.findOwned({ id: p.id })).wholesalePriceMicros))
    world.directory.prices = list(3_000_000)
    for (const plan of [dollars!, euros!]) await setWholesaleSku(plan, 'vps.s')
    expect([...(await copies()), (await Plan.findOwned({ id: dollars!.id })).marginPercent]).to.deep.equal([3_000_000, null, 28])
    await seedCatalog(world.acme)
    world.directory.prices = list(4_500_000)
    expect([await refreshWholesaleCopies(), await refreshWholesaleCopies(), ...(await copies()), (await Plan.findOwned({ id: dollars!.id })).isBelowCost]).to.deep.equal([1, 0, 4_500_000, null, true])
    world.directory.prices = []
    expect([await refreshWholesaleCopies(), ...(await copies())]).to.deep.equal([2, null, null])
  }))
})
