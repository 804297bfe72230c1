import { expect } from 'chai'
import type { PriceVersion } from './price-list.js'
import { commissionLine, discountLine, feeLine, PriceMissing, share, subscriptionLines, usageLines } from './wholesale-lines.js'

const november = { start: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') }
const price = (sku: string, micros: number, version: number, from: string, unit: 'hour' | 'month' = 'hour'): PriceVersion => ({
  sku, unit, currency: 'USD', priceMicros: micros, version, description: sku, validFrom: new Date(from),
})
const prices = [price('kasm.basic', 120_000, 2, '2026-11-15T00:00:00Z'), price('kasm.basic', 105_000, 1, '2020-01-01T00:00:00Z'), price('vps.small', 8_000_000, 1, '2020-01-01T00:00:00Z', 'month')]
const use = (id: number, seconds: number, at: string) => ({ id, sku: 'kasm.basic', quantitySeconds: seconds, occurredAt: new Date(at) })
const terms = { currency: 'USD', monthlyFeeMinor: 9900, wholesaleDiscountPpm: 50_000, startedAt: new Date('2026-01-01T00:00:00Z'), endedAt: null }

describe('the lines of a wholesale invoice', () => {
  it('bills use at the price of its own time, also when the price changed within the month', () => {
    const lines = usageLines([use(1, 3600, '2026-11-14T23:59:59Z'), use(2, 900, '2026-11-03T00:00:00Z'), use(3, 3600, '2026-11-15T00:00:00Z')], prices, 'USD', november)
    expect(lines.map((l) => [l.rateMicros, l.quantitySeconds, l.amountMinor, l.usageIds])).to.deep.equal([[105_000, 4500, 13, [1, 2]], [120_000, 3600, 12, [3]]])
  })
  it('makes money once a line: a thousand quarter hours lose no fraction', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => use(i, 900, '2026-11-02T00:00:00Z'))
    expect(usageLines(rows, prices, 'USD', november)[0]!.amountMinor).to.equal(2625)
  })
  it('puts use that was reported late on a line of its own', () => {
    const lines = usageLines([use(1, 900, '2026-10-31T23:45:00Z'), use(2, 900, '2026-11-01T00:00:00Z')], prices, 'USD', november)
    expect(lines.map((l) => l.description)).to.have.members(['kasm.basic', 'kasm.basic (earlier use)'])
  })
  it('stops rather than billing an article without a price', () => {
    expect(() => usageLines([{ ...use(1, 900, '2026-11-02T00:00:00Z'), sku: 'kasm.gold' }], prices, 'USD', november)).to.throw(PriceMissing)
  })
  it('asks for the fee of the days a reseller was there', () => {
    expect(feeLine(terms, november)[0]!.amountMinor).to.equal(9900)
    expect(feeLine({ ...terms, startedAt: new Date('2026-11-16T00:00:00Z') }, november)[0]!.amountMinor).to.equal(4950)
    expect(feeLine({ ...terms, endedAt: new Date('2026-11-11T00:00:00Z') }, november)[0]!.amountMinor).to.equal(3300)
    expect(feeLine({ ...terms, monthlyFeeMinor: 0 }, november)).to.deep.equal([])
  })
  it('bills a subscription that ended within the month for its part, so that churned ones are not free', () => {
    const sub = { id: 1, recordKey: 'service:1', sku: 'vps.small', quantity: 2, startedAt: new Date('2026-10-20T00:00:00Z'), endedAt: new Date('2026-11-16T00:00:00Z') }
    expect(subscriptionLines([sub], prices, 'USD', november)[0]!.amountMinor).to.equal(800)
    expect(subscriptionLines([{ ...sub, endedAt: new Date('2026-10-31T00:00:00Z') }], prices, 'USD', november)).to.deep.equal([])
  })
  it('gives the discount on use and subscriptions, not on the fee, and counts commission on sales', () => {
    const lines = [...feeLine(terms, november), ...usageLines([use(1, 36_000, '2026-11-02T00:00:00Z')], prices, 'USD', november)]
    expect(discountLine(lines, terms.wholesaleDiscountPpm)[0]!.amountMinor).to.equal(-5)
    expect(commissionLine(12_345, 100_000)[0]!.amountMinor).to.equal(1235)
    expect(commissionLine(0, 100_000)).to.deep.equal([])
  })
  it('rounds half away from zero, below zero too', () => {
    expect([share(5, 1, 2), share(-5, 1, 2), share(1, 1, 3), share(9_007_199_254_740_991, 1, 1)]).to.deep.equal([3, -3, 0, 9_007_199_254_740_991])
  })
})
