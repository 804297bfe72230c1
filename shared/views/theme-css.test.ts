import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { contrast, toHex, type Color } from './contrast.js'
import { adviseColor, faviconSvg, shadesOf, surfaces, themeCss } from './theme-css.js'

const channel = fc.integer({ min: 0, max: 255 })
const anyColor: fc.Arbitrary<Color> = fc.record({ r: channel, g: channel, b: channel })
const stylesheet = /^:root\{(--[a-z-]+:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\);)+\}\n$/

describe('A reseller’s colours', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can be read in the ${theme} theme, whatever the reseller picked`, () => {
      const { page, card, sunken } = surfaces[theme]
      fc.assert(fc.property(anyColor, (color) => {
        const shades = shadesOf(color, theme)
        for (const surface of [page, card, sunken, shades.soft]) expect(contrast(shades.text, surface)).to.be.at.least(4.5)
        for (const fill of [shades.fill, shades.fillHover]) expect(contrast(shades.ink, fill)).to.be.at.least(4.5)
      }), { numRuns: 500 })
    })
  }

  it('stay as picked where they can be read already', () => {
    const teal = { r: 15, g: 118, b: 110 }
    expect(shadesOf(teal, 'light').fill).to.deep.equal(teal)
    expect(toHex(shadesOf(teal, 'light').text)).to.equal('#0f766e')
  })

  it('never write a value that was not validated', () => {
    const hostile = fc.oneof(fc.string(), fc.constantFrom('red;}body{background:url(//evil/x)}', '#fff', '#1d4ed8}', '</style><script>alert(1)</script>', 'var(--x)', '#1d4ed8 ', '\u0000#1d4ed8'), fc.anything())
    fc.assert(fc.property(hostile, hostile, (primaryColor, secondaryColor) => { expect(themeCss({ primaryColor, secondaryColor })).to.match(stylesheet) }), { numRuns: 300 })
  })

  it('know the surfaces of the stylesheet', () => {
    const tokens = readFileSync(new URL('../../public/css/tokens.css', import.meta.url), 'utf8')
    for (const name of ['page', 'card', 'sunken'] as const) {
      expect(tokens).to.include(`--${name}: light-dark(${toHex(surfaces.light[name])}, ${toHex(surfaces.dark[name])})`)
    }
  })

  it('make a tab icon from letters and validated colours only', () => {
    expect(faviconSvg({ companyName: 'Acme Cloud', primaryColor: '#0f766e' })).to.include('fill="#0f766e"').and.include('>AC</text>')
    fc.assert(fc.property(fc.string(), fc.anything(), (companyName, primaryColor) => {
      expect(faviconSvg({ companyName, primaryColor })).to.match(/^<svg [^<>]*><rect [^<>]*fill="#[0-9a-f]{6}"\/><text [^<>]*fill="#[0-9a-f]{6}">[\p{L}\p{N}]*<\/text><\/svg>\n$/u)
    }))
  })

  it('come with advice for the branding form', () => {
    expect(adviseColor('#facc15')).to.include({ ratio: 1.53, readable: false })
    expect(adviseColor('#1d4ed8')).to.deep.equal({ ratio: 6.7, readable: true, suggestion: '#1d4ed8' })
    expect(adviseColor('yellow')).to.equal(null)
  })
})
