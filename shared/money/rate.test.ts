import { expect } from 'chai'
import fc from 'fast-check'
import { amountOf, costOf, divideRounded, hourly, roundToMoney } from './rate.js'

const cents = (micros: number, minutes: number): number => amountOf(hourly(micros, 'USD'), minutes * 60).minor

describe('Hourly rates', () => {
  it('price the published examples at $0.20 an hour: 15 min $0.05, 30 min $0.10, 75 min $0.25', () => {
    expect([15, 30, 75].map((m) => cents(200_000, m))).to.deep.equal([5, 10, 25])
  })
  it('price one and four quarter hours at all six rates', () => {
    const rates = [150_000, 300_000, 600_000, 200_000, 400_000, 800_000]
    expect(rates.map((r) => cents(r, 15))).to.deep.equal([4, 8, 15, 5, 10, 20])
    expect(rates.map((r) => cents(r, 60))).to.deep.equal([15, 30, 60, 20, 40, 80])
    expect(costOf(hourly(150_000, 'USD'), 900)).to.equal(37_500n)
  })
  it('round once, half away from zero', () => {
    expect([5n, -5n, 4n, 6n, -6n, 0n].map((n) => divideRounded(n, 10n))).to.deep.equal([1n, -1n, 0n, 1n, -1n, 0n])
    expect(cents(20_000, 15)).to.equal(1)
    expect(cents(19_999, 15)).to.equal(0)
    expect(cents(150_000, 2340)).to.equal(585)
    expect(roundToMoney(12_345_000n, 'USD').minor).to.equal(1235)
    expect(roundToMoney(-12_345_000n, 'USD').minor).to.equal(-1235)
    expect(roundToMoney(1_500_000, 'JPY').minor).to.equal(2)
  })
  it('never differ by more than half a cent from the exact price, and never shrink as time goes on', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 100_000_000 }), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 300 }), (micros, quarters, more) => {
      const rate = hourly(micros, 'USD')
      const [now, later] = [amountOf(rate, quarters * 900).minor, amountOf(rate, (quarters + more) * 900).minor]
      expect(2n * abs(BigInt(now) * 36_000_000n - BigInt(micros) * BigInt(quarters * 900)) <= 36_000_000n).to.equal(true)
      expect(later).to.be.at.least(now)
    }))
  })
  it('agree however they are computed, when quarter hours are exact', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 3000 }), (tens, quarters) => {
      const rate = hourly(tens * 40, 'USD')
      expect(roundToMoney(costOf(rate, quarters * 900), 'USD').minor).to.equal(amountOf(rate, quarters * 900).minor)
    }))
  })
  it('refuse fractions of a micro-unit, negative rates and fractions of a second', () => {
    expect(() => hourly(0.5, 'USD')).to.throw(RangeError)
    expect(() => hourly(-1, 'USD')).to.throw(RangeError)
    expect(() => amountOf(hourly(1, 'USD'), 0.5)).to.throw(RangeError)
  })
})

const abs = (n: bigint): bigint => (n < 0n ? -n : n)
