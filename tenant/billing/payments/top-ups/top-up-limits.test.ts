import { expect } from 'chai'
import { belowGatewayMinimum, gatewayStep } from '../../../../shared/money/currency.js'
import { Money } from '../../../../shared/money/money.js'
import { topUpLimits } from './top-up-limits.js'

describe('The limits of a top-up', () => {
  it('are what people understand in each currency', () => {
    expect(['USD', 'EUR', 'JPY', 'KWD', 'HUF', 'VND'].map((c) => Object.values(topUpLimits(c)).map((minor) => Money.of(minor, c).toString()).join(' to ')))
      .to.deep.equal(['5.00 to 1000.00', '5.00 to 1000.00', '500 to 100000', '2.000 to 400.000', '2000.00 to 400000.00', '100000 to 20000000'])
  })
  it('begin above what a card can be charged, in steps that it can be charged', () => {
    for (const currency of Intl.supportedValuesOf('currency')) {
      const { least, most } = topUpLimits(currency)
      expect(belowGatewayMinimum(Money.of(least, currency), 'stripe'), currency).to.equal(false)
      expect([least % gatewayStep(currency, 'stripe'), least % gatewayStep(currency, 'paypal'), most > least], currency).to.deep.equal([0, 0, true])
    }
  })
})
