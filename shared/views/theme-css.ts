/**
 * A reseller's colours as a stylesheet (`/theme.css?v=<brand.version>`): no inline style, nothing that was not validated and recomputed.
 * The guard keeps the hue and moves the lightness until text can be read on it in both themes; see README.md.
 */
import { initials } from './format.js'
import { black, contrast, inkOn, mix, parseColor, readable, toHex, white, type Color } from './contrast.js'

const must = (hex: string): Color => parseColor(hex)!
/** EZSCALE navy: what stands in for a colour that does not parse. */
export const fallbackColor = '#1d4ed8'
/** The surfaces of public/css/tokens.css that branded text meets. `theme-css.test.ts` compares them with the file. */
export const surfaces = {
  light: { page: must('#f6f7f9'), card: must('#ffffff'), sunken: must('#eff1f5') },
  dark: { page: must('#0b101a'), card: must('#131a27'), sunken: must('#1b2434') },
} as const

export interface Shades {
  /** Filled buttons and the ink on them. */
  fill: Color; ink: Color; fillHover: Color
  /** Links, active entries, focus rings: text on every surface and on `soft`. */
  text: Color
  /** Tinted background. */
  soft: Color
}

/** The shades of one colour in one theme. Guarantees: ink on fill and fillHover ≥ 4.5, text on each surface and on soft ≥ 4.5, dark fills ≥ 2 against the card. */
export function shadesOf(color: Color, theme: 'light' | 'dark'): Shades {
  const { page, card, sunken } = surfaces[theme]
  const pole = theme === 'light' ? black : white
  const fill = theme === 'light' ? color : readable(color, [card], white, 2)
  const ink = inkOn(fill)
  const away = ink === white ? black : white
  const soft = theme === 'light' ? mix(color, card, 0.09) : mix(fill, card, 0.24)
  return { fill, ink, fillHover: mix(away, fill, 0.12), soft, text: readable(color, [page, card, sunken, soft], pole) }
}

/** The stylesheet of a brand. Unparsable colours are replaced, never written. */
export function themeCss(brand: { primaryColor: unknown; secondaryColor?: unknown }): string {
  const primary = parseColor(brand.primaryColor) ?? must(fallbackColor)
  const accent = parseColor(brand.secondaryColor) ?? primary
  const [light, dark] = [shadesOf(primary, 'light'), shadesOf(primary, 'dark')]
  const [accentLight, accentDark] = [shadesOf(accent, 'light'), shadesOf(accent, 'dark')]
  const pair = (a: Color, b: Color): string => `light-dark(${toHex(a)},${toHex(b)})`
  return [
    ':root{',
    `--brand:${pair(light.fill, dark.fill)};`,
    `--brand-ink:${pair(light.ink, dark.ink)};`,
    `--brand-hover:${pair(light.fillHover, dark.fillHover)};`,
    `--brand-text:${pair(light.text, dark.text)};`,
    `--brand-soft:${pair(light.soft, dark.soft)};`,
    `--accent:${pair(accentLight.fill, accentDark.fill)};`,
    `--accent-ink:${pair(accentLight.ink, accentDark.ink)};`,
    `--accent-text:${pair(accentLight.text, accentDark.text)};`,
    `--accent-soft:${pair(accentLight.soft, accentDark.soft)};`,
    '}\n',
  ].join('')
}

/** A small icon for browser tabs: the initials on the brand's colour. Letters and digits only; nothing that was not validated. */
export function faviconSvg(brand: { companyName: string; primaryColor: unknown }): string {
  const { fill, ink } = shadesOf(parseColor(brand.primaryColor) ?? must(fallbackColor), 'light')
  const letters = initials(brand.companyName).replaceAll(/[^\p{L}\p{N}]/gu, '')
  const size = letters.length > 1 ? 14 : 18
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${toHex(fill)}"/>`
    + `<text x="16" y="17" text-anchor="middle" dominant-baseline="central" font-family="system-ui,sans-serif" font-weight="700" font-size="${size}" fill="${toHex(ink)}">${letters}</text></svg>\n`
}

/** What the branding form tells a reseller about a colour: its contrast against white with the grade, and the nearest shade that reads as text. */
export function adviseColor(value: unknown): { ratio: number; readable: boolean; suggestion: string } | null {
  const color = parseColor(value)
  if (!color) return null
  const ratio = Math.floor(contrast(color, white) * 100) / 100
  return { ratio, readable: ratio >= 4.5, suggestion: toHex(shadesOf(color, 'light').text) }
}
