/** The document fonts as data: URLs, because a PDF page may not load anything. Read once per process. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const faces = [
  ['Plus Jakarta Sans', 400, 'plus-jakarta-sans'], ['Plus Jakarta Sans', 600, 'plus-jakarta-sans'], ['Plus Jakarta Sans', 700, 'plus-jakarta-sans'], ['JetBrains Mono', 400, 'jetbrains-mono'],
] as const
const ranges = { latin: 'U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122, U+2212', 'latin-ext': 'U+0100-02BA, U+1E00-1E9F, U+20A0-20AB, U+20AD-20C0' }

let css: string | undefined
/** `@font-face` rules for the print layout. */
export function inlineFontCss(): string {
  return (css ??= faces.flatMap(([family, weight, name]) => Object.entries(ranges).map(([subset, range]) => {
    const file = readFileSync(require.resolve(`@fontsource/${name}/files/${name}-${subset}-${weight}-normal.woff2`))
    return `@font-face{font-family:'${family}';font-style:normal;font-weight:${weight};src:url(data:font/woff2;base64,${file.toString('base64')}) format('woff2');unicode-range:${range}}`
  })).join('\n'))
}
