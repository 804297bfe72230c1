import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Refusal } from '../../shared/errors.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { creditBalance } from '../billing/credit/credit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { applyChange } from '../billing/subscriptions/apply-change.js'
import { quoteChange } from '../billing/subscriptions/quote-change.js'
import { taxSettings } from '../billing/tax/tax-settings.js'
import { newProduct } from '../testing/catalog-world.js'
import { newCoupon, rate, register } from '../testing/pricing-world.js'
import { usd } from './billing-world.js'
import { useCustomerWorld } from './customer-world.js'

interface Case {
  name: string
  coupon?: 'percent' | 'fixed'
  tax?: 'exclusive' | 'inclusive'
  /** Ordered · to 30.00 with 20 of 30 days left · to 60.00 with 10 left · the renewal at 60.00, taken back · at 10.00 · to a year of 100.00 with half of December left. */
  invoices: readonly [number, number, number, number, number, number]
  taxes?: readonly number[]
}
const cases: readonly Case[] = [
  { name: 'at the list price', invoices: [1000, 1333, 1000, 6000, 1000, 9500] },
  { name: 'with 3.00 off each period', coupon: 'fixed', invoices: [700, 1333, 1000, 5700, 700, 9350] },
  { name: 'with a fifth off and a tenth of tax on top', coupon: 'percent', tax: 'exclusive', invoices: [880, 1174, 880, 5280, 880, 8360], taxes: [80, 107, 80, 480, 80, 760] },
  { name: 'with 3.00 off each period and tax in the prices', coupon: 'fixed', tax: 'inclusive', invoices: [700, 1333, 1000, 5700, 700, 9350], taxes: [64, 122, 91, 518, 64, 850] },
]

describe('A subscription that is changed four times in two months, on the pages and from the card', function () {
  this.timeout(120_000)
  const world = useCustomerWorld()

  async function conditions({ coupon, tax }: Case): Promise<void> {
    if (coupon === 'percent') await newCoupon({ code: 'SAVE', percentPpm: 200_000, duration: 'forever' })
    if (coupon === 'fixed') await newCoupon({ code: 'SAVE', kind: 'fixed', percentPpm: null, amounts: { USD: 300 }, duration: 'forever' })
    if (!tax) return
    await register('US')
    await rate('US', 100_000, { name: 'Tax' })
    await taxSettings.write({ ...(await taxSettings.read()), pricesInclusive: tax === 'inclusive' })
  }

  for (const each of cases) it(`${each.name}: upgrade, second upgrade in the same month, downgrade, a year`, async () => {
    setClock('2026-11-01T00:00:00Z')
    const [small, year, middle, large] = await world.in(async () => {
      await conditions(each)
      const { plans } = await newProduct({ name: 'Small' }, [{ cycle: 'monthly', price: '10.00' }, { cycle: 'annual', price: '100.00' }])
      return [plans[0]!, plans[1]!, (await newProduct({ name: 'Middle' }, [{ cycle: 'monthly', price: '30.00' }])).plan, (await newProduct({ name: 'Large' }, [{ cycle: 'monthly', price: '60.00' }])).plan] as const
    })
    const person = await world.person()
    const subscription = await person.order(small, each.coupon ? { code: 'SAVE' } : {})
    await world.until('2026-11-11T00:00:00Z')
    const preview = await person.change(subscription, middle)
    expect(preview).to.contain(`Change and pay $${(each.invoices[1] / 100).toFixed(2)}`)
    await world.until('2026-11-21T00:00:00Z')
    await person.change(subscription, large)
    await world.until('2026-11-26T00:00:00Z')
    expect(await person.change(subscription, small)).to.contain('December 1, 2026')
    await world.until('2026-12-16T12:00:00Z', 24 * 6)
    await person.change(subscription, year)
    await world.until('2027-12-20T00:00:00Z', 24 * 60)

    const [ordered, first, second, withdrawn, renewed, yearly] = each.invoices
    const nextYear = { percent: 8000, fixed: 9700, none: 10_000 }[each.coupon ?? 'none'] * (each.tax === 'exclusive' ? 1.1 : 1)
    expect(await person.invoices()).to.deep.equal([
      `order ${ordered} paid`, `change ${first} paid`, `change ${second} paid`, `renewal ${withdrawn} void`, `renewal ${renewed} paid`, `change ${yearly} paid`, `renewal ${Math.round(nextYear)} paid`,
    ])
    expect(await person.taken()).to.equal(ordered + first + second + renewed + yearly + Math.round(nextYear))
    await world.in(async () => {
      const rows = await Invoice.query().orderBy('id')
      if (each.taxes) expect(rows.slice(0, 6).map((i) => i.taxMinor)).to.deep.equal(each.taxes)
      else expect(rows.reduce((sum, i) => sum + i.taxMinor, 0)).to.equal(0)
      expect((await creditBalance(person.customer.id, 'USD')).minor).to.equal(0)
    })
    expect((await person.lines(subscription)).map((line) => line.replace(/:.*/, ''))).to.deep.equal([
      'recurring 2026-11-01 – 2026-12-01', 'change-credit 2026-11-11 – 2026-12-01', 'change-charge 2026-11-11 – 2026-12-01', 'change-credit 2026-11-21 – 2026-12-01', 'change-charge 2026-11-21 – 2026-12-01',
      'recurring 2026-12-01 – 2027-01-01', 'change-credit 2026-12-16T12', 'recurring 2026-12-16T12', 'recurring 2027-12-16 – 2028-12-16',
    ])
  })

  it('while its month is overdue only staff changes it: that invoice is void, one over both parts stands in its place, no credit is made, and one payment settles it', async () => {
    setClock('2026-11-01T00:00:00Z')
    const [small, large] = await world.in(async () => [(await newProduct({}, [{ cycle: 'monthly', price: '10.00' }])).plan, (await newProduct({}, [{ cycle: 'monthly', price: '30.00' }])).plan] as const)
    const person = await world.person({}, null)
    const subscription = await person.order(small)
    await world.in(() => addCredit({ userId: person.customer.id, amount: usd(1000), key: 'transfer', description: 'Transfer' }))
    await world.until('2026-12-06T00:00:00Z', 24)
    await world.in(async () => {
      const wish = { plan: large, selection: { quantity: 1, options: [] } }
      expect(await quoteChange(subscription, wish).catch((error: Refusal) => error.code)).to.equal('subscription.overdue')
      const { publicId } = await quoteChange(subscription, { ...wish, by: 'staff' })
      await applyChange(subscription, publicId, clock.now(), 'staff')
    })
    // 5 of 31 days at 10.00 = 1.61, 26 of 31 at 30.00 = 25.16.
    expect(await person.invoices()).to.deep.equal(['order 1000 paid', 'renewal 1000 void', 'renewal 2677 open'])
    expect((await person.lines(subscription)).slice(1)).to.deep.equal(['recurring 2026-12-01 – 2026-12-06: 161 open', 'change-charge 2026-12-06 – 2027-01-01: 2516 open'])
    const card = await world.in(() => world.card(person.customer))
    await person.pay(card)
    await world.until('2027-01-02T00:00:00Z', 24)
    expect(await person.invoices()).to.deep.equal(['order 1000 paid', 'renewal 1000 void', 'renewal 2677 paid', 'renewal 3000 paid'])
    expect([await person.taken(), await world.in(() => tenantDb()('invoice_lines').where({ kind: 'change-credit' }))]).to.deep.equal([5677, []])
  })

  it('cancelled for the end and kept again on the last day runs on; cancelled again ends there, and nothing is charged afterwards', async () => {
    setClock('2026-11-01T00:00:00Z')
    const { plan } = await world.in(() => newProduct({}, [{ cycle: 'monthly', price: '10.00' }]))
    const person = await world.person()
    const subscription = await person.order(plan)
    await world.until('2026-11-26T00:00:00Z')
    await person.cancel(subscription, 'end')
    expect((await person.invoices()).at(-1)).to.equal('renewal 1000 void')
    await world.until('2026-11-30T23:30:00Z')
    await person.keep(subscription)
    await world.until('2026-12-20T00:00:00Z', 72)
    expect((await person.lines(subscription)).at(-1)).to.equal('recurring 2026-12-01 – 2027-01-01: 1000 paid')
    await person.cancel(subscription, 'end')
    await world.until('2027-06-01T00:00:00Z', 24 * 30)
    expect([(await person.reload(subscription)).endedAt, await person.taken()]).to.deep.equal([new Date('2027-01-01T00:00:00Z'), 2000])
  })
})
