import { expect } from 'chai'
import fc from 'fast-check'
import { belowGatewayMinimum, exponentOf, fromGatewayAmount, gatewayAmount, gatewayStep } from './currency.js'
import { Money } from './money.js'
import { allocate } from './split.js'

/** The amounts a person can write in a form: at most twelve digits before the point, also in a currency without decimals. */
const minor = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 })

describe('Money', () => {
  it('keeps cents exactly through any order of adding and taking away', () => {
    fc.assert(fc.property(fc.array(minor, { maxLength: 40 }), (list) => {
      const forth = Money.sum(list.map((m) => Money.of(m, 'USD')), 'USD')
      const back = list.reduceRight((rest, m) => rest.sub(Money.of(m, 'USD')), forth)
      expect(forth.minor).to.equal(list.reduce((a, b) => a + b, 0))
      expect(back.isZero()).to.equal(true)
    }))
  })
  it('refuses fractions of a cent, amounts it cannot count, unknown currencies and mixing two', () => {
    for (const bad of [0.5, NaN, Infinity, 2 ** 53]) expect(() => Money.of(bad, 'USD'), String(bad)).to.throw(RangeError)
    expect(() => Money.of(1, 'usd')).to.throw(RangeError)
    expect(() => Money.of(1, 'XYZ')).to.throw(RangeError)
    expect(() => Money.of(1, 'USD').add(Money.of(1, 'EUR'))).to.throw(RangeError)
    expect(() => Money.of(1, 'USD').compare(Money.of(1, 'EUR'))).to.throw(RangeError)
    expect(() => Money.of(Number.MAX_SAFE_INTEGER, 'USD').add(Money.of(1, 'USD'))).to.throw(RangeError)
    expect(Money.of(5, 'USD').equals(Money.of(5, 'EUR'))).to.equal(false)
  })
  it('prints and reads back amounts with the decimals of the currency', () => {
    expect([Money.of(1250, 'USD'), Money.of(-5, 'USD'), Money.of(1250, 'JPY'), Money.of(1250, 'KWD')].map(String)).to.deep.equal(['12.50', '-0.05', '1250', '1.250'])
    fc.assert(fc.property(minor, fc.constantFrom('USD', 'JPY', 'KWD'), (m, c) => Money.parse(String(Money.of(m, c)), c)?.minor === (m === 0 ? 0 : m)))
    for (const bad of ['', '1.', '1.005', '1e3', '١', '1,5', '--1', '0x1', '1'.repeat(13)]) expect(Money.parse(bad, 'USD'), bad).to.equal(null)
    expect(Money.parse('1.5', 'JPY')).to.equal(null)
    expect(Money.parse(' 1.5 ', 'USD')?.minor).to.equal(150)
  })
  it('has no negative zero', () => expect(Object.is(Money.of(0, 'USD').negate().minor, 0)).to.equal(true))
})

describe('Splitting an amount', () => {
  it('loses nothing and invents nothing', () => {
    fc.assert(fc.property(minor, fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 30 }), (m, weights) => {
      const parts = allocate(Money.of(m, 'EUR'), weights)
      expect(Money.sum(parts, 'EUR').minor).to.equal(m === 0 ? 0 : m)
      const sum = weights.reduce((a, b) => a + b, 0)
      if (sum > 0) parts.forEach((p, i) => expect(Math.abs(p.minor - (m * weights[i]!) / sum)).to.be.below(1.01))
    }))
  })
  it('gives the odd cent to the largest remainder, and to the first on a tie', () => {
    const cents = (m: number, w: number[]) => allocate(Money.of(m, 'USD'), w).map((p) => p.minor)
    expect(cents(100, [1, 1, 1])).to.deep.equal([34, 33, 33])
    expect(cents(-100, [1, 1, 1])).to.deep.equal([-34, -33, -33])
    expect(cents(10, [1, 6, 3])).to.deep.equal([1, 6, 3])
    expect(cents(5, [3, 7])).to.deep.equal([2, 3])
    expect(cents(7, [0, 0])).to.deep.equal([7, 0])
    expect(cents(1, [0, 5])).to.deep.equal([0, 1])
  })
  it('refuses to split over nothing or over odd weights', () => {
    for (const bad of [[], [-1], [0.5]]) expect(() => allocate(Money.of(1, 'USD'), bad)).to.throw(RangeError)
  })
})

describe('Currencies', () => {
  it('know their decimals', () => expect(['JPY', 'USD', 'EUR', 'KWD', 'CLF', 'HUF'].map(exponentOf)).to.deep.equal([0, 2, 2, 3, 4, 2]))
  it('are counted as Stripe counts them, and back', () => {
    const there = (m: number, c: string) => gatewayAmount(Money.of(m, c), 'stripe')
    expect([there(500, 'ISK'), there(7, 'UGX'), there(500, 'JPY'), there(1234, 'HUF'), there(1230, 'KWD'), there(999, 'USD')]).to.deep.equal([50000, 700, 500, 1234, 1230, 999])
    expect([there(500_000, 'MGA'), fromGatewayAmount(5000, 'MGA', 'stripe'), gatewayStep('MGA', 'stripe'), gatewayStep('MGA', 'paypal')]).to.deep.equal([5000, 500_000, 100, 1])
    expect(() => there(500_050, 'MGA')).to.throw(RangeError)
    expect(['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map((c) => there(7, c))).to.deep.equal(Array(14).fill(7)) // its list of currencies without decimals
    expect(() => there(1234, 'KWD')).to.throw(RangeError)
    expect(fromGatewayAmount(50000, 'ISK', 'stripe')).to.equal(500)
    expect(fromGatewayAmount(1234, 'HUF', 'stripe')).to.equal(1234)
    expect(() => fromGatewayAmount(50001, 'ISK', 'stripe')).to.throw(RangeError)
  })
  it('have a smallest charge', () => {
    expect(belowGatewayMinimum(Money.of(49, 'USD'), 'stripe')).to.equal(true)
    expect(belowGatewayMinimum(Money.of(50, 'USD'), 'stripe')).to.equal(false)
    expect(belowGatewayMinimum(Money.of(0, 'USD'), 'stripe')).to.equal(false)
  })
})
