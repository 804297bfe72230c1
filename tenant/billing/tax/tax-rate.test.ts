import { expect } from 'chai'
import { TaxRate } from './tax-rate.js'
import { bearingsWithout } from './without-rate.js'

const rate = (id: number, name: string): TaxRate => Object.assign(new TaxRate(), { id, name, country: 'US', region: 'CA', ppm: 10_000, taxClass: 'standard', postcodePattern: '', compound: false, sortOrder: 0, validFrom: null, validTo: null })

describe('The code of a tax rate', () => {
  it('is its name where that fits, as it always was', () => {
    expect([rate(1, 'VAT').code, rate(2, 'State tax').code]).to.deep.equal(['US-CA-VAT-1', 'US-CA-STATE-TAX-1'])
  })
  it('is its own when two names begin alike, or have no letters that a code can hold', () => {
    const names = ['Special district transit', 'Special district roads', 'Налог', '消費税', 'V.A.T.']
    const codes = names.map((name, i) => rate(100 + i, name).code)
    expect(new Set(codes).size).to.equal(names.length)
    for (const code of codes) expect(code).to.match(/^US-CA-[A-Z0-9-]+-1$/)
    expect(rate(123_456_789, 'Special district transit').code).to.have.length.at.most(40)
  })
})

describe('What is borne without a tax rate', () => {
  const at = (iso: string): Date => new Date(iso)
  const now = at('2026-11-22T12:00:00Z')
  const of = (id: number, facts: Partial<TaxRate>): TaxRate => Object.assign(rate(id, 'VAT'), facts)
  const words = (gone: TaxRate, all: readonly TaxRate[]): string[] => bearingsWithout(gone, all, now).map(({ from, rates }) => `${from?.toISOString().slice(0, 10) ?? 'now'}: ${rates.map((r) => r.label).join(' + ') || 'none'}`)

  it('is the next less exact rate of its name, with what adds up beside it, and none of a place that is more exact', () => {
    const city = of(1, { postcodePattern: '941*, 94203' })
    const others = [of(2, { ppm: 72_500 }), of(3, { name: 'District tax', postcodePattern: '9412*', ppm: 5_000 }), of(4, { name: 'District tax', postcodePattern: '94*', ppm: 7_000 }), of(5, { region: 'NV' })]
    expect(words(city, [city, ...others])).to.deep.equal(['now: VAT 7.25 % + District tax 0.7 %'])
    expect(words(others[0]!, [city, ...others])).to.deep.equal(['now: none'])
  })
  it('changes at each beginning and end that is known, from that very instant, and is told once where it stays the same', () => {
    const old = of(1, {})
    const [before, next, same] = [of(2, { ppm: 50_000, validTo: at('2026-12-01T00:00:00Z') }), of(3, { ppm: 200_000, validFrom: at('2027-01-01T00:00:00Z') }), of(4, { taxClass: 'reduced', ppm: 70_000, validFrom: at('2027-02-01T00:00:00Z') })]
    expect(words(old, [old, before, next, same])).to.deep.equal(['now: VAT 5 %', '2026-12-01: none', '2027-01-01: VAT 20 %'])
  })
  it('is asked for only while the rate has not ended: at the instant of its end it has', () => {
    const ends = of(1, { validFrom: at('2026-01-01T00:00:00Z'), validTo: now })
    expect([ends.refusalToEnd(at('2026-11-22T11:59:59.999Z')), ends.refusalToEnd(now)?.code]).to.deep.equal([null, 'tax-rate.over'])
    const running = of(2, { validFrom: at('2026-01-01T00:00:00Z'), validTo: at('2026-12-01T00:00:00Z') })
    const codes = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z', '2026-12-01T00:00:00Z', '2026-12-01T00:00:00.001Z'].map((iso) => running.refusalToEnd(now, at(iso))?.code ?? null)
    expect(codes).to.deep.equal(['tax-rate.not-begun', null, null, 'tax-rate.ends-earlier'])
  })
})
