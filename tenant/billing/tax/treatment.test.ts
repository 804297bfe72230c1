import { expect } from 'chai'
import { readVatNumber } from '../../../shared/vat/vat-number.js'
import { postcodeMatches } from './eu.js'
import { taxPlace } from './place.js'
import { treatmentOf, type Registered } from './treatment.js'

const home = (country: string, region = ''): Registered => ({ kind: 'home', country, region })
const oss: Registered = { kind: 'oss', country: 'DE', region: '' }
const buyer = (country: string | null, more: { region?: string; postcode?: string; vat?: string; exemption?: string } = {}) =>
  ({ place: taxPlace(country, more.region, more.postcode), confirmedNumberOf: more.vat ?? null, exemption: more.exemption ?? null })
const verdict = (registrations: Registered[], ...who: Parameters<typeof buyer>): string => {
  const { treatment, at } = treatmentOf(registrations, buyer(...who))
  return treatment === 'taxed' ? `${at.country}${at.region ? `-${at.region}` : ''}` : treatment
}

describe('Where a customer is taxed', () => {
  it('is nowhere before the shop has a registration', () => expect(verdict([], 'DE')).to.equal('not-registered'))
  it('is at home for customers of a German shop at home, with a VAT number too', () => {
    expect(verdict([home('DE')], 'DE')).to.equal('DE')
    expect(verdict([home('DE')], 'DE', { vat: 'DE' })).to.equal('DE')
    expect(verdict([home('DE'), oss], 'FR', { vat: 'DE' }), 'a domestic number of a customer abroad').to.equal('FR')
  })
  it('is at home for consumers of other member states, and in their own country once the shop is in One-Stop-Shop', () => {
    expect(verdict([home('DE')], 'FR')).to.equal('DE')
    expect(verdict([home('DE'), oss], 'FR')).to.equal('FR')
  })
  it('is with a business of another member state itself when its number is confirmed', () => {
    expect(verdict([home('DE')], 'FR', { vat: 'FR' })).to.equal('reverse-charge')
    expect(verdict([home('DE'), oss], 'AT', { vat: 'AT' })).to.equal('reverse-charge')
    expect(verdict([home('DE'), { kind: 'local', country: 'FR', region: '' }], 'FR', { vat: 'FR' }), 'registered there').to.equal('FR')
  })
  it('is outside of VAT beyond the EU, with its own islands and exclaves; Monaco counts as France', () => {
    expect(verdict([home('DE'), oss], 'US')).to.equal('export')
    expect(verdict([home('DE'), oss], 'CH', { vat: 'DE' })).to.equal('export')
    expect(verdict([home('DE'), oss], 'ES', { postcode: '35001' })).to.equal('export')
    expect(verdict([home('ES')], 'ES', { postcode: '38 001' }), 'the Canaries for a Spanish shop').to.equal('export')
    expect(verdict([home('DE'), oss], 'ES', { postcode: '28001' })).to.equal('ES')
    expect(verdict([home('DE')], 'DE', { postcode: '27498' })).to.equal('export')
    expect(verdict([home('DE'), oss], 'MC')).to.equal('FR')
    expect(verdict([home('DE'), { kind: 'local', country: 'GB', region: '' }], 'GB')).to.equal('GB')
  })
  it('is at home when nobody knows where the customer is', () => expect(verdict([home('DE'), oss], null)).to.equal('DE'))
  it('is only in the states of the US where the shop is registered', () => {
    expect(verdict([home('US', 'CA')], 'US', { region: 'California' })).to.equal('US-CA')
    expect(verdict([home('US', 'CA')], 'US', { region: 'or' })).to.equal('not-registered')
    expect(verdict([home('US', 'CA')], 'DE')).to.equal('not-registered')
    expect(verdict([home('US', 'CA'), oss], 'FR')).to.equal('FR')
    expect(verdict([home('US', 'CA'), oss], 'FR', { vat: 'FR' })).to.equal('reverse-charge')
  })
  it('is nowhere for who is exempt', () => expect(verdict([home('DE')], 'DE', { exemption: 'Embassy' })).to.equal('exempt'))
})

describe('Postcodes', () => {
  it('match whole or by their beginning, however they are spaced', () => {
    expect(['94103', '941 03', '94203', '9420', ''].map((code) => postcodeMatches('941*, 94203', code))).to.deep.equal([true, true, true, false, false])
    expect(postcodeMatches('SW1*', 'sw1a 1aa')).to.equal(true)
    expect(postcodeMatches('', '1000')).to.equal(false)
  })
})

describe('A tax number that somebody types', () => {
  it('is tidied and gets the prefix of its country', () => {
    expect(readVatNumber('de 136.695.976', 'DE')).to.deep.equal({ country: 'DE', number: 'DE136695976', european: true })
    expect(readVatNumber('136695976', 'DE')).to.include({ number: 'DE136695976' })
    expect(readVatNumber('EL094259216', 'GR')).to.deep.equal({ country: 'GR', number: 'EL094259216', european: true })
    expect(readVatNumber('094259216', 'GR')).to.include({ number: 'EL094259216' })
    expect(readVatNumber('DE136695976', 'CH'), 'a foreign number').to.include({ country: 'DE', european: true })
  })
  it('must have the right form and check digits in the EU', () => {
    expect(readVatNumber('DE136695977', 'DE')).to.have.property('fault').that.matches(/check digits/)
    expect(readVatNumber('DE12', 'DE')).to.have.property('fault').that.matches(/begins with DE/)
    expect(readVatNumber('<script>', 'DE')).to.have.property('fault')
  })
  it('is taken as it is where there are no rules', () => expect(readVatNumber('12-3456789', 'US')).to.deep.equal({ country: 'US', number: '123456789', european: false }))
})
