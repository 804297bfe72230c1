import { expect } from 'chai'
import { setClock } from '../../../shared/testing/world.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { Invoice } from '../invoices/invoice.js'
import { newCustomer, useBillingWorld } from '../../scenarios/billing-world.js'
import { newProduct } from '../../testing/catalog-world.js'
import { newCoupon, rate, register } from '../../testing/pricing-world.js'
import { change, newSubscription, pass, payOpen, reload, renewAll } from '../../testing/subscription-world.js'
import { taxSettings } from '../tax/tax-settings.js'
import { cancelSubscription } from './cancel-subscription.js'
import { subscriptionRules } from './billing-rules.js'

const small = async () => (await newProduct({}, [{ cycle: 'monthly', price: '10.00' }, { cycle: 'annual', price: '100.00' }])).plans
const large = async () => (await newProduct({}, [{ cycle: 'monthly', price: '30.00' }])).plan
const fifth = { percentPpm: 200_000, duration: 'forever' as const }
const five = { kind: 'fixed' as const, percentPpm: null, amounts: { USD: 500 }, duration: 'forever' as const }
const sums = async (): Promise<number[][]> => (await Invoice.query().whereNot({ status: 'void' }).orderBy('id')).map((i) => [i.subtotalMinor, i.discountMinor, i.taxMinor, i.totalMinor])

describe('Discount and tax when a subscription changes', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-01T00:00:00Z'))
  afterEach(() => world.in(async () => expect(await auditTenant()).to.deep.equal([])))
  const taxed = async (): Promise<number> => {
    await register('US')
    await rate('US', 100_000, { name: 'Tax' })
    return newCustomer({ country: 'US' })
  }

  it('credit what was paid after a percentage, and take the percentage off what is charged', () => world.in(async () => {
    await newCoupon(fifth)
    const [plan] = await small()
    const { subscription } = await newSubscription({ plan: plan!, codes: ['SAVE'] })
    setClock('2026-11-11T00:00:00Z')
    const quote = await change(subscription, await large())
    expect([quote.preview.lines.map((l) => l.amountMinor), quote.preview.discountMinor, quote.totalMinor]).to.deep.equal([[-533, 2000], 400, 1067])
  }))

  it('leave a fixed discount with the days it was given for', () => world.in(async () => {
    await newCoupon(five)
    const [plan] = await small()
    const { subscription } = await newSubscription({ plan: plan!, codes: ['SAVE'] })
    setClock('2026-11-11T00:00:00Z')
    const quote = await change(subscription, await large())
    expect([quote.preview.lines.map((l) => l.amountMinor), quote.preview.discountMinor, quote.totalMinor]).to.deep.equal([[-333, 2000], 333, 1334])
  }))

  it('take back the tax that was charged and tax the rest of the new price', () => world.in(async () => {
    const userId = await taxed()
    await newCoupon(fifth)
    const [plan] = await small()
    const { subscription } = await newSubscription({ plan: plan!, userId, codes: ['SAVE'] })
    setClock('2026-11-11T00:00:00Z')
    const quote = await change(subscription, await large())
    expect([quote.preview.taxMinor, quote.totalMinor]).to.deep.equal([107, 1067 + 107])
    expect(await sums()).to.deep.equal([[1000, 200, 80, 880], [1467, 400, 107, 1174]])
  }))

  it('count the same with tax in the price', () => world.in(async () => {
    const userId = await taxed()
    await taxSettings.write({ ...(await taxSettings.read()), pricesInclusive: true })
    const [plan] = await small()
    const { subscription } = await newSubscription({ plan: plan!, userId })
    setClock('2026-11-11T00:00:00Z')
    const quote = await change(subscription, await large())
    expect([quote.preview.lines.map((l) => l.amountMinor), quote.totalMinor, quote.preview.taxMinor]).to.deep.equal([[-667, 2000], 1333, 121])
  }))

  it('give both halves of an unpaid month their discount, as one period', () => world.in(async () => {
    await newCoupon({ ...fifth, duration: 'periods', periods: 2 })
    const [plan] = await small()
    const { subscription, userId } = await newSubscription({ plan: plan!, codes: ['SAVE'] })
    await pass('2026-12-11T00:00:00Z', { pay: false })
    const quote = await change(await reload(subscription.id), await large(), undefined, undefined, 'staff')
    expect([quote.preview.lines.map((l) => l.amountMinor), quote.totalMinor]).to.deep.equal([[323, 2032], 1884])
    await payOpen(userId)
    setClock('2026-12-26T00:00:00Z')
    await renewAll()
    expect((await sums()).at(-1)).to.deep.equal([3000, 0, 0, 3000])
  }))

  it('take the percentage along into a year', () => world.in(async () => {
    await newCoupon(fifth)
    const [monthly, yearly] = await small()
    const { subscription } = await newSubscription({ plan: monthly!, codes: ['SAVE'] })
    setClock('2026-11-16T00:00:00Z')
    expect((await change(subscription, yearly!)).totalMinor).to.equal(8000 - 400)
  }))

  it('take a fixed amount off the year once', () => world.in(async () => {
    await newCoupon(five)
    const [monthly, yearly] = await small()
    const { subscription } = await newSubscription({ plan: monthly!, codes: ['SAVE'] })
    setClock('2026-11-16T00:00:00Z')
    expect((await change(subscription, yearly!)).totalMinor).to.equal(9500 - 250)
  }))

  it('pay back with tax, after discount, when somebody leaves at once', () => world.in(async () => {
    const userId = await taxed()
    await newCoupon(fifth)
    const [plan] = await small()
    await subscriptionRules.write({ ...(await subscriptionRules.read()), cancelRefund: 'credit' })
    const { subscription } = await newSubscription({ plan: plan!, userId, codes: ['SAVE'] })
    setClock('2026-11-16T00:00:00Z')
    await cancelSubscription(subscription, { timing: 'now', by: 'customer' })
    expect((await creditBalance(userId, 'USD')).minor).to.equal(440)
  }))
})
