import { expect } from 'chai'
import { setClock } from '../../shared/testing/world.js'
import { Payment } from '../billing/payments/payment.js'
import { newProduct } from '../testing/catalog-world.js'
import { useCustomerWorld } from './customer-world.js'

const days = (lines: readonly string[]): string[] => lines.map((line) => line.split(' ')[1]!)

describe('Years of subscriptions, ordered on the pages and collected from the card', function () {
  this.timeout(240_000)
  const world = useCustomerWorld()

  it('that began on the 29th, 30th and 31st come back to their day for two years, a leap day among them', async () => {
    const { plan } = await world.in(() => newProduct({}, [{ cycle: 'monthly', price: '9.99' }]))
    const people = []
    for (const day of ['29', '30', '31']) {
      setClock(`2027-01-${day}T10:00:00Z`)
      const person = await world.person()
      people.push({ person, subscription: await person.order(plan) })
    }
    await world.until('2029-01-28T12:00:00Z')
    const clamped: Record<string, string> = { '2027-02': '28', '2028-02': '29' }
    for (const [i, { person, subscription }] of people.entries()) {
      const starts = days(await person.lines(subscription))
      const wanted = Array.from({ length: 25 }, (_v, n) => new Date(Date.UTC(2027, n, 1)).toISOString().slice(0, 7)).map((month) => `${month}-${clamped[month] ?? Math.min(29 + i, /-(04|06|09|11)$/.test(month) ? 30 : 31)}`)
      expect(starts).to.deep.equal(wanted)
      expect(await person.taken()).to.equal(24 * 999)
      expect((await person.invoices()).filter((line) => line.endsWith('open'))).to.deep.equal(['renewal 999 open'])
    }
    expect(world.taken()).to.equal(3 * 24)
  })

  it('of every cycle are charged as often as their cycle says in three years; the weekly one is cancelled after eleven weeks', async () => {
    const cycles = { weekly: [11, '1.11'], monthly: [37, '2.22'], quarterly: [13, '3.33'], 'semi-annual': [7, '4.44'], annual: [4, '5.55'], biennial: [2, '6.66'], triennial: [2, '7.77'] } as const
    setClock('2027-01-31T10:00:00Z')
    const bought = []
    for (const [cycle, [count, price]] of Object.entries(cycles)) {
      const person = await world.person()
      const { plan } = await world.in(() => newProduct({}, [{ cycle: cycle as keyof typeof cycles, price }]))
      bought.push({ cycle, count, cents: Math.round(Number(price) * 100), person, subscription: await person.order(plan) })
    }
    await world.until('2027-04-15T12:00:00Z', 24 * 21)
    await bought[0]!.person.cancel(bought[0]!.subscription, 'end')
    await world.until('2030-02-01T12:00:00Z', 24 * 28)
    for (const { cycle, count, cents, person, subscription } of bought) {
      const lines = await person.lines(subscription)
      expect(lines.filter((line) => line.endsWith('paid')), cycle).to.have.length(count)
      expect(await person.taken(), cycle).to.equal(count * cents)
    }
  })

  it('with a trial cost their setup at first and nothing else until it is over; who leaves in time pays no more', async () => {
    const { plan } = await world.in(() => newProduct({ trialDays: 14 }, [{ cycle: 'monthly', price: '10.00', setup: '5.00' }]))
    const [stays, leaves] = [await world.person(), await world.person()]
    const [kept, left] = [await stays.order(plan), await leaves.order(plan)]
    expect([kept.status, await stays.taken()]).to.deep.equal(['trialing', 500])
    await world.until('2026-11-23T12:00:00Z')
    await leaves.cancel(left, 'end')
    await world.until('2026-11-23T23:59:59Z')
    expect(await stays.invoices()).to.deep.equal(['order 500 paid'])
    await world.until('2026-12-26T00:00:00Z', 24)
    expect((await stays.lines(kept)).slice(1)).to.deep.equal(['recurring 2026-11-24 – 2026-12-24: 1000 paid', 'recurring 2026-12-24 – 2027-01-24: 1000 paid'])
    expect(await stays.taken()).to.equal(500 + 2 * 1000)
    expect([(await leaves.reload(left)).status, await leaves.taken()]).to.deep.equal(['ended', 500])
  })

  it('count the days of the zone the customer had when he ordered, also after he moved', async () => {
    const { plan } = await world.in(() => newProduct())
    setClock('2027-01-31T23:30:00Z')
    const person = await world.person({ time_zone: 'America/New_York' })
    const subscription = await person.order(plan)
    await world.until('2027-03-02T00:00:00Z', 72)
    await world.in(async () => person.customer.$query().patch({ timeZone: 'Asia/Tokyo' }))
    await world.until('2027-06-15T00:00:00Z', 72)
    expect(await person.lines(subscription)).to.deep.equal([
      'recurring 2027-01-31T05:00Z – 2027-02-28T05:00Z: 500 paid', 'recurring 2027-02-28T05:00Z – 2027-03-31T04:00Z: 500 paid', 'recurring 2027-03-31T04:00Z – 2027-04-30T04:00Z: 500 paid',
      'recurring 2027-04-30T04:00Z – 2027-05-31T04:00Z: 500 paid', 'recurring 2027-05-31T04:00Z – 2027-06-30T04:00Z: 500 paid',
    ])
    const later = await person.order(plan)
    expect(later.timeZone).to.equal('Asia/Tokyo')
    expect((await person.lines(later))[0]).to.match(/^recurring 2027-06-14T15:00Z – 2027-07-14T15:00Z/)
  })

  it('in yen and in dinars of a thousand fils are changed, discounted and collected in whole units', async () => {
    for (const [currency, small, large, half] of [['JPY', '1001', '2001', 500], ['KWD', '1.010', '3.330', 1160]] as const) {
      setClock('2027-04-01T00:00:00Z')
      const [a, b] = await world.in(async () => [(await newProduct({}, [{ cycle: 'monthly', price: small, currency }])).plan, (await newProduct({}, [{ cycle: 'monthly', price: large, currency }])).plan] as const)
      const person = await world.person({ currency, country: currency === 'JPY' ? 'JP' : 'KW' })
      const subscription = await person.order(a)
      setClock('2027-04-16T00:00:00Z')
      await person.change(subscription, b)
      expect((await person.invoices()).at(-1), currency).to.equal(`change ${half} paid`)
      await world.until('2027-05-02T00:00:00Z', 72)
      const [first, second] = [Number(small.replace('.', '')), Number(large.replace('.', ''))]
      expect(await person.taken(), currency).to.equal(first + half + second)
      expect(await world.in(async () => new Set((await Payment.query().where({ userId: person.customer.id })).map((p) => p.currency)))).to.deep.equal(new Set([currency]))
    }
  })
})
