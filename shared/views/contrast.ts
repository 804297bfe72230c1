/** Colour arithmetic of WCAG 2.2: relative luminance, contrast ratio, and the nearest shade that can be read. Pure. */

/** 0–255 each. */
export interface Color { readonly r: number; readonly g: number; readonly b: number }

export const white: Color = { r: 255, g: 255, b: 255 }
export const black: Color = { r: 0, g: 0, b: 0 }

/** Accepts exactly `#rrggbb`; anything else is null. Every colour that reaches a stylesheet passes here. */
export function parseColor(value: unknown): Color | null {
  if (typeof value !== 'string' || !/^#[0-9a-f]{6}$/i.test(value)) return null
  const n = Number.parseInt(value.slice(1), 16)
  return { r: n >> 16, g: (n >> 8) & 255, b: n & 255 }
}

export function toHex({ r, g, b }: Color): string {
  return `#${[r, g, b].map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')}`
}

/** Relative luminance, 0 (black) to 1 (white). */
export function luminance({ r, g, b }: Color): number {
  const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * x + 0.7152 * y + 0.0722 * z
}

/** 1 to 21. Text needs 4.5, shapes and focus rings need 3. */
export function contrast(a: Color, b: Color): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (hi + 0.05) / (lo + 0.05)
}

/** `share` of `a`, the rest `b`, per channel, rounded so that what is measured is what is written. */
export function mix(a: Color, b: Color, share: number): Color {
  const one = (x: number, y: number): number => Math.round(x * share + y * (1 - share))
  return { r: one(a.r, b.r), g: one(a.g, b.g), b: one(a.b, b.b) }
}

/** The colour itself, or the first step towards `pole` that keeps `ratio` against every background. */
export function readable(color: Color, backgrounds: readonly Color[], pole: Color, ratio = 4.5): Color {
  for (let step = 0; step <= 100; step += 2) {
    const candidate = mix(pole, color, step / 100)
    if (backgrounds.every((bg) => contrast(candidate, bg) >= ratio)) return candidate
  }
  return pole
}

/** Ink for a filled area: white where it can be read, else a dark ink. */
export function inkOn(fill: Color, dark: Color = { r: 15, g: 23, b: 42 }): Color {
  return contrast(white, fill) >= 4.5 ? white : contrast(dark, fill) >= 4.5 ? dark : black
}
