import { expect } from 'chai'
import { Breaker } from './breaker.js'

describe('A circuit breaker', () => {
  it('opens after failures in a row, lets one try a pause, waits longer each time, and closes on success', () => {
    let now = 1000
    const breaker = new Breaker(2, 100, 300, () => now)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    expect(breaker.allows()).to.equal(true)
    breaker.failed()
    expect([breaker.open, breaker.allows(), breaker.retryAfter]).to.eql([true, false, 1])
    now = 1100
    expect([breaker.allows(), breaker.allows()]).to.eql([true, false])
    breaker.failed()
    now = 1299
    expect(breaker.allows()).to.equal(false)
    now = 1300
    expect(breaker.allows()).to.equal(true)
    breaker.succeeded()
    expect([breaker.open, breaker.allows(), breaker.allows()]).to.eql([false, true, true])
  })
})
