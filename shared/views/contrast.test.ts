import { expect } from 'chai'
import fc from 'fast-check'
import { black, contrast, inkOn, mix, parseColor, readable, toHex, white, type Color } from './contrast.js'

const channel = fc.integer({ min: 0, max: 255 })
const anyColor: fc.Arbitrary<Color> = fc.record({ r: channel, g: channel, b: channel })

describe('Colour arithmetic', () => {
  it('agrees with the ratios that WCAG publishes', () => {
    expect(contrast(black, white)).to.equal(21)
    expect(contrast(parseColor('#767676')!, white)).to.be.closeTo(4.54, 0.005)
    expect(contrast(parseColor('#777777')!, white)).to.be.closeTo(4.48, 0.005)
  })

  it('takes #rrggbb and nothing else', () => {
    expect(parseColor('#1D4ed8')).to.deep.equal({ r: 29, g: 78, b: 216 })
    for (const bad of ['red', '#fff', '#1d4ed8ff', '1d4ed8', '#1d4ed8;', '#1d4ed8\n', 'red;}body{background:url(//evil/x)}', '', null, 7, ['#1d4ed8']]) expect(parseColor(bad), String(bad)).to.equal(null)
  })

  it('writes a colour so that it reads back the same', () => {
    fc.assert(fc.property(anyColor, (c) => { expect(parseColor(toHex(c))).to.deep.equal(c) }))
  })

  it('finds ink that can be read on any filled area', () => {
    fc.assert(fc.property(anyColor, (fill) => contrast(inkOn(fill), fill) >= 4.5))
  })

  it('moves a colour no further than it must', () => {
    const grey = parseColor('#777777')!
    expect(readable(white, [black], white)).to.deep.equal(white)
    expect(toHex(readable(grey, [white], black))).to.equal('#757575')
    expect(mix(black, white, 0.5)).to.deep.equal({ r: 128, g: 128, b: 128 })
  })
})
