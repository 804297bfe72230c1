/** Headers for showing a letter's HTML in a frame of ours: styles and pictures, no script, no forms, no origin. */
export const frameHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: http: https:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox",
  'X-Frame-Options': 'SAMEORIGIN',
}
export const fileHeaders: Readonly<Record<string, string>> = { 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox" }
