import { expect } from 'chai'
import { FormErrors } from '../../../shared/errors.js'
import { readUsage, usageForm } from './forms.js'
import { usagePage } from './pages.js'

const errorsOf = (input: Record<string, unknown>): unknown => {
  try {
    return readUsage(input, ['USD', 'JPY'])
  } catch (error) {
    return error instanceof FormErrors ? error.fields : error
  }
}

describe('The form of billing in between', () => {
  it('keeps one amount a currency in its own minor units, and leaves out what was left empty', () => {
    expect(readUsage({ interimUSD: '100', interimJPY: '5000', lowCredit: 'stop' }, ['USD', 'JPY'])).to.deep.equal({ interim: { USD: 10_000, JPY: 5000 }, lowCredit: 'stop' })
    expect(readUsage({ interimUSD: ' ', lowCredit: 'warn' }, ['USD', 'JPY'])).to.deep.equal({ interim: {}, lowCredit: 'warn' })
  })
  it('says at the field what is no amount', () => {
    for (const typed of ['0', '-5', 'many', '1.234', '99999999999']) expect(errorsOf({ interimUSD: typed, lowCredit: 'warn' })).to.have.property('interimUSD').that.matches(/above zero/)
    expect(errorsOf({ interimJPY: '10.50', lowCredit: 'warn' })).to.have.all.keys('interimJPY')
    expect(usageForm(['USD']).safeParse({ lowCredit: 'sell' }).success).to.equal(false)
  })
  it('comes back as it was filled in', () => {
    const kept = { interim: { USD: 10_000 }, lowCredit: 'warn' as const }
    expect(usagePage(kept, ['USD', 'EUR']).amounts.map((a) => a.value)).to.deep.equal(['100.00', ''])
    expect(usagePage(kept, ['USD'], { errors: { interimUSD: 'No' }, input: { interimUSD: 'many', lowCredit: 'stop' } })).to.deep.include({ lowCredit: 'stop', amounts: [{ name: 'interimUSD', currency: 'USD', value: 'many', error: 'No' }] })
  })
})
