import { expect } from 'chai'
import { TaxRate } from './tax-rate.js'

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
