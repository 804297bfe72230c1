import { expect } from 'chai'
import { countryFrom, countryOptions, guessTimeZone, isCountry, isTimeZone } from './places.js'

describe('where a customer lives', () => {
  it('is guessed from the browser\'s language when that names a country', () => {
    expect(countryFrom('de-CH,de;q=0.9,en;q=0.8')).to.equal('CH')
    expect(countryFrom('zh-Hant-TW,zh')).to.equal('TW')
    expect(countryFrom('en,fr-FR;q=0.5')).to.equal('FR')
    expect(countryFrom('en')).to.equal(null)
    expect(countryFrom(undefined)).to.equal(null)
  })

  const zones: [string | undefined, string | null, string][] = [
    ['Europe/Vienna', 'US', 'Europe/Vienna'], ['Mars/Olympus', 'US', 'America/New_York'], [undefined, 'JP', 'Asia/Tokyo'], [undefined, 'AU', 'Australia/Sydney'], [undefined, null, 'UTC'], ['<script>', 'AT', 'Europe/Vienna'],
  ]
  for (const [told, country, zone] of zones) it(`is in ${zone} for ${told ?? 'nothing told'} and ${country ?? 'no country'}`, () => expect(guessTimeZone(told, country, 'UTC')).to.equal(zone))

  it('is one of the world\'s countries, named in the reader\'s language', () => {
    const options = countryOptions('de')
    expect(options.find((o) => o.value === 'DE')?.label).to.equal('Deutschland')
    expect(options.every((o) => isCountry(o.value) && o.label !== o.value)).to.equal(true)
    expect(isCountry('XX')).to.equal(false)
    expect(['UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'].map(isTimeZone)).to.deep.equal([true, true, true])
    expect(['+05:30', 'Mars/Olympus', '', 'UTC\n'].map(isTimeZone)).to.deep.equal([false, false, false, false])
  })
})
