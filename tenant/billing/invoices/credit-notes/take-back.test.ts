import { expect } from 'chai'
import fc from 'fast-check'
import { restOf, takeBack, type Amounts } from './take-back.js'

const tax = (code: string, amountMinor: number) => ({ code, label: code, ratePpm: 0, amountMinor })
const line = (netMinor: number, ...taxes: number[]): Amounts => {
  const taxMinor = taxes.reduce((a, b) => a + b, 0)
  return { netMinor, taxMinor, totalMinor: netMinor + taxMinor, taxes: taxes.map((amount, i) => tax(`T${i}`, amount)) }
}
/** Takes these parts one after the other, and then the rest. */
function inParts(whole: Amounts, parts: readonly number[]): Amounts[] {
  const taken: Amounts[] = []
  for (const part of parts) {
    const rest = restOf(whole, taken).totalMinor
    if (rest <= 0) break
    taken.push(takeBack(whole, taken, 1 + (part % rest), 'USD'))
  }
  const rest = restOf(whole, taken)
  return rest.totalMinor === 0 ? taken : [...taken, takeBack(whole, taken, rest.totalMinor, 'USD')]
}

describe('Taking back a line', () => {
  it('takes tax in proportion, and the rest to the cent', () => {
    const whole = line(839, 160)
    const parts = [333, 333, 333].reduce<Amounts[]>((taken, amount) => [...taken, takeBack(whole, taken, amount, 'USD')], [])
    expect(parts.map((p) => [p.netMinor, p.taxMinor, p.totalMinor])).to.deep.equal([[280, 53, 333], [279, 54, 333], [280, 53, 333]])
  })

  it('adds up to the line whatever the parts, net, tax and every rate, and no part is below zero', () => {
    const amount = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.array(amount, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }), (net, taxes, cuts) => {
      const whole = line(net, ...taxes)
      const parts = inParts(whole, cuts)
      const sum = (pick: (a: Amounts) => number): number => parts.reduce((all, p) => all + pick(p), 0)
      expect([sum((p) => p.netMinor), sum((p) => p.taxMinor), sum((p) => p.totalMinor)]).to.deep.equal([whole.netMinor, whole.taxMinor, whole.totalMinor])
      whole.taxes.forEach((t, i) => expect(sum((p) => p.taxes[i]!.amountMinor)).to.equal(t.amountMinor))
      for (const part of parts) for (const piece of [part.netMinor, part.taxMinor, ...part.taxes.map((t) => t.amountMinor)]) expect(piece).to.be.at.least(0)
      for (const part of parts) expect(part.taxes.reduce((all, t) => all + t.amountMinor, 0)).to.equal(part.taxMinor)
    }))
  })

  it('takes back a credit only as a whole', () => {
    const credit = line(-500, -95)
    expect(takeBack(credit, [], -595, 'USD')).to.deep.equal(credit)
    for (const bad of [-594, 0, 1]) expect(() => takeBack(credit, [], bad, 'USD')).to.throw(RangeError)
    expect(() => takeBack(line(100), [], 101, 'USD')).to.throw(RangeError)
  })
})
