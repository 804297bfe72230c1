import { expect } from 'chai'
import { FormErrors } from '../../shared/errors.js'
import { useWorld } from '../../shared/testing/world.js'
import { newProduct, type TestProduct } from '../testing/catalog-world.js'
import { optionsOn } from './option-offer.js'
import { Plan } from './plan.js'
import { unitsByTier, type ChosenOption } from './price-items.js'
import { priceSelection } from './price-selection.js'
import { readAddons, readSelection, selectionFields } from './read-selection.js'
import { setOptionStatus } from './save-option.js'
import { ProductOption } from './product-option.js'
import { setPlanStatus } from './set-offer-status.js'

const faults = async (work: Promise<unknown>): Promise<Record<string, string>> => {
  try {
    await work
  } catch (error) {
    if (error instanceof FormErrors) return error.fields
    throw error
  }
  return {}
}
const times = (given: { optionId: number; choiceId: number }, quantity = 1): ChosenOption => ({ ...given, quantity })

describe('The price of a selection', function () {
  this.timeout(30_000)
  const world = useWorld()
  const inAcme = <T>(work: () => Promise<T>): Promise<T> => world.as(world.acme, work)
  const slots = (tierMode: 'volume' | 'graduated') => ({ name: 'Slots', kind: 'quantity' as const, max: 100, tierMode, choices: { slot: { 1: '1.00', 11: '0.80', 51: '0.505' } } })
  const total = async (at: TestProduct, options: readonly ChosenOption[], quantity = 1): Promise<number> => (await priceSelection(at.plan, { quantity, options })).recurring.minor

  it('prices every unit by the tier that the quantity reaches, at and around each boundary', () => inAcme(async () => {
    const at = await newProduct({}, undefined, [slots('volume')])
    const prices = []
    for (const n of [1, 10, 11, 50, 51, 100]) prices.push((await total(at, [times(at.option('Slots'), n)])) - 500)
    expect(prices).to.deep.equal([100, 1000, 880, 4000, 2576, 5050])
  }))
  it('prices each unit by its own tier when tiers are graduated, one line a tier, each rounded once', () => inAcme(async () => {
    const at = await newProduct({}, undefined, [slots('graduated')])
    const prices = []
    for (const n of [10, 11, 50, 51, 53]) prices.push((await total(at, [times(at.option('Slots'), n)])) - 500)
    expect(prices).to.deep.equal([1000, 1080, 4200, 4251, 4352])
    const { items } = await priceSelection(at.plan, { quantity: 2, options: [times(at.option('Slots'), 53)] })
    expect(items.map((i) => [i.tier ?? '', i.quantity, i.unitMicros, i.amountMinor])).to.deep.equal([['', 2, 5_000_000, 1000], ['1–10', 20, 1_000_000, 2000], ['11–50', 80, 800_000, 6400], ['51+', 6, 505_000, 303]])
  }))
  it('never loses or doubles a unit between tiers', () => {
    const tiers = [1, 4, 5, 20].map((fromQuantity) => ({ fromQuantity, unitMicros: fromQuantity, setupMinor: 0 }))
    for (let n = 1; n <= 40; n++) for (const mode of ['volume', 'graduated'] as const) expect(unitsByTier(tiers, n, mode).reduce((sum, t) => sum + t.units, 0), `${mode} ${n}`).to.equal(n)
  })
  it('adds items up to the price and the set-up fee, for each currency’s own smallest unit', () => inAcme(async () => {
    const at = await newProduct({}, [{ cycle: 'annual', currency: 'JPY', price: '5000', setup: '300' }, { cycle: 'monthly', currency: 'KWD', price: '1.505', setup: '0.001' }], [{ name: 'Ram', kind: 'quantity', choices: { gb: { 1: '0.5' } } }])
    const of = async (plan: Plan) => {
      const { recurring, setup, items } = await priceSelection(plan, { quantity: 3, options: [times(at.option('Ram'), 5)] })
      expect(items.reduce((sum, i) => sum + i.amountMinor, 0)).to.equal(recurring.minor)
      return [recurring.toString(), setup.toString(), recurring.currency]
    }
    // 3 × ¥5000 + 15 × ¥0.5 = 15007.5 → 15008
    expect(await of(at.plans[0]!)).to.deep.equal(['15008', '900', 'JPY'])
    // 3 × 1.505 + 15 × 0.5
    expect(await of(at.plans[1]!)).to.deep.equal(['12.015', '0.003', 'KWD'])
  }))
  it('refuses impossible quantities of a product and of an option, and never computes with them', () => inAcme(async () => {
    const at = await newProduct({ maxQuantity: 10 }, undefined, [{ ...slots('volume'), min: 2 }])
    for (const quantity of [0, -1, 1e9, 1.5, NaN, 11]) expect(await faults(priceSelection(at.plan, { quantity, options: [times(at.option('Slots'), 2)] })), String(quantity)).to.have.all.keys('quantity')
    for (const n of [0, -1, 1, 101, 1e9, 0.5, Infinity]) expect(await faults(priceSelection(at.plan, { quantity: 1, options: [times(at.option('Slots'), n)] })), String(n)).to.have.all.keys(`option_${at.option('Slots').optionId}`)
    expect(await faults(priceSelection(at.plan, { quantity: 1, options: [] }))).to.have.all.keys(`option_${at.option('Slots').optionId}`)
  }))
  it('refuses amounts beyond what can be counted instead of rounding them', () => inAcme(async () => {
    const at = await newProduct({ maxQuantity: 10_000 }, [{ cycle: 'monthly', currency: 'JPY', price: '1000000' }], [{ name: 'Ram', kind: 'quantity', max: 1_000_000, choices: { gb: { 1: '1000000' } } }])
    expect(await faults(priceSelection(at.plan, { quantity: 10_000, options: [times(at.option('Ram'), 1_000_000)] }))).to.have.all.keys('quantity')
  }))
  it('refuses options of another product, choices of another option, choices without a price on the plan, and the same option twice', () => inAcme(async () => {
    const ram = { name: 'Ram', choices: { '4 GB': { 1: '0' }, '8 GB': { 1: '2.00' } } }
    const [at, other] = [await newProduct({}, [{ cycle: 'monthly', price: '5.00' }], [ram]), await newProduct({}, undefined, [ram])]
    const annual = (await newProduct({}, [{ cycle: 'annual', price: '50.00' }])).plan
    const field = `option_${at.option('Ram').optionId}`
    expect(await faults(priceSelection(at.plan, { quantity: 1, options: [times(other.option('Ram'))] }))).to.have.all.keys('options')
    expect(await faults(priceSelection(annual, { quantity: 1, options: [times(at.option('Ram'))] }))).to.have.all.keys('options')
    expect(await faults(priceSelection(at.plan, { quantity: 1, options: [{ ...at.option('Ram'), choiceId: other.option('Ram').choiceId, quantity: 1 }] }))).to.have.all.keys(field)
    expect(await faults(priceSelection(at.plan, { quantity: 1, options: [times(at.option('Ram')), times(at.option('Ram', '8 GB'))] }))).to.have.all.keys(field)
    expect(await faults(priceSelection(at.plan, { quantity: 1, options: [times(at.option('Ram'), 2)] }))).to.have.all.keys(field)
  }))
  it('keeps what an existing customer pays when plan and option are retired or dearer, and refuses both to new ones', () => inAcme(async () => {
    const at = await newProduct({}, undefined, [{ name: 'Ram', choices: { '8 GB': { 1: '2.00' } } }])
    const wish = { quantity: 2, options: [times(at.option('Ram'))] }
    await setOptionStatus((await ProductOption.query().findById(at.option('Ram').optionId))!, 'retired')
    expect(await faults(priceSelection(at.plan, wish))).to.have.all.keys('options')
    await setPlanStatus(at.plan, 'retired')
    expect(await faults(priceSelection(at.plan, { quantity: 1, options: [] }))).to.have.all.keys('plan')
    const kept = await priceSelection(at.plan, wish, { priceMicros: 3_000_000, optionMicros: new Map([[at.option('Ram').choiceId, 1_000_000]]) })
    expect(kept.recurring.minor).to.equal(800)
  }))
  it('gives a customer a plan by its public id only in the customer’s currency, never a retired one', () => inAcme(async () => {
    const { plans: [dollars, euros] } = await newProduct({}, [{ cycle: 'monthly', price: '5.00' }, { cycle: 'monthly', currency: 'EUR', price: '5.00' }])
    expect((await Plan.chosen(dollars!.publicId, 'USD')).id).to.equal(dollars!.id)
    await setPlanStatus(dollars!, 'hidden')
    expect((await Plan.chosen(dollars!.publicId, 'USD')).id).to.equal(dollars!.id)
    await setPlanStatus(dollars!, 'retired')
    for (const id of [dollars!.publicId, euros!.publicId, 'x'.repeat(20), '']) expect(await faults(Plan.chosen(id, 'USD')), id).to.have.all.keys('plan')
  }))
  it('reads a form into the selection it came from, and refuses fields of options that are not there', () => inAcme(async () => {
    const at = await newProduct({}, undefined, [slots('volume'), { name: 'Os', required: true, choices: { Ubuntu: { 1: '0' }, Debian: { 1: '0' } } }, { name: 'Backups', kind: 'checkbox', choices: { daily: { 1: '2.00' } } }])
    const selection = { quantity: 3, options: [times(at.option('Slots'), 12), times(at.option('Os', 'Debian')), times(at.option('Backups'))] }
    expect(await readSelection(at.plan, selectionFields(selection, await optionsOn(at.plan)))).to.deep.equal(selection)
    expect(await readSelection(at.plan, { quantity: '', [`option_${at.option('Slots').optionId}`]: '0', plan: 'x' })).to.deep.equal({ quantity: 1, options: [] })
    for (const text of ['1e3', '-1', '0x10', '99999999999', '1.0', 'ten']) expect(await faults(readSelection(at.plan, { quantity: text }).then((s) => priceSelection(at.plan, s))), text).to.include.keys('quantity')
    expect(await faults(readSelection(at.plan, { option_999999: '1' }))).to.have.all.keys('options')
    expect(readAddons({ [`addon_${'a'.repeat(20)}`]: 'on', [`addon_${'b'.repeat(20)}`]: '', addon_x: 'on' })).to.deep.equal(['a'.repeat(20)])
  }))
})
