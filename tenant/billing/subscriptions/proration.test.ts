import { expect } from 'chai'
import fc from 'fast-check'
import { creditFor, prorationOf, restOf } from './proration.js'

const at = (iso: string): Date => new Date(iso)
const november = { start: at('2026-11-01T00:00:00Z'), end: at('2026-12-01T00:00:00Z') }

describe('The rest of a period', () => {
  it('is all of it at its first instant, half of it in the middle, nothing at its end', () => {
    expect([restOf(1000, november, november.start), restOf(1000, november, at('2026-11-16T00:00:00Z')), restOf(1000, november, november.end)]).to.deep.equal([1000, 500, 0])
  })
  it('is counted by the second and rounded once, half away from zero', () => {
    expect(restOf(2_592_000, november, at('2026-11-01T00:00:01Z'))).to.equal(2_591_999)
    expect(restOf(1, november, at('2026-11-16T00:00:00Z'))).to.equal(1)
    expect(restOf(1, november, at('2026-11-16T00:00:01Z'))).to.equal(0)
    expect(restOf(-1, november, at('2026-11-16T00:00:00Z'))).to.equal(-1)
  })
  it('of a month with a lost hour is a part of that shorter month', () => {
    const march = { start: at('2026-03-01T05:00:00Z'), end: at('2026-04-01T04:00:00Z') }
    expect(prorationOf(1000, march, at('2026-03-31T04:00:00Z'))).to.deep.equal({ wholeMinor: 1000, seconds: 86_400, ofSeconds: 31 * 86_400 - 3600 })
    expect(restOf(743, march, at('2026-03-31T04:00:00Z'))).to.equal(24)
  })
  it('is never more than is left of what was paid after earlier credits', () => {
    expect(creditFor({ span: november, baseMinor: 1000, takenBackMinor: 0 }, at('2026-11-16T00:00:00Z'))).to.equal(500)
    expect(creditFor({ span: november, baseMinor: 1000, takenBackMinor: 600 }, at('2026-11-16T00:00:00Z'))).to.equal(400)
    expect(creditFor({ span: november, baseMinor: 1000, takenBackMinor: 1000 }, november.start)).to.equal(0)
  })
  it('shrinks with time and never leaves its bounds', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 2_592_000 }), fc.integer({ min: 0, max: 2_592_000 }), (amount, a, b) => {
      const [early, late] = [Math.min(a, b), Math.max(a, b)].map((s) => restOf(amount, november, new Date(november.start.getTime() + s * 1000)))
      return early! >= late! && late! >= 0 && early! <= amount
    }))
  })
})
