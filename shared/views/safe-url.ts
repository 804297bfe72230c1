/** Handlebars escapes HTML, not addresses: every `href` and `src` that comes from data passes here. */

const allowed = new Set(['http:', 'https:', 'mailto:'])

/**
 * The address when it is http, https, mailto or stays on this host; `#` otherwise.
 * Browsers drop control characters and blanks inside a scheme, and read `\` as `/`, so both are refused. `//host` leaves this host: refused.
 */
export function safeUrl(value: unknown): string {
  if (typeof value !== 'string') return '#'
  const url = value.trim()
  if (!url || /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/.test(url) || url.startsWith('//')) return '#'
  const scheme = /^[^/?#]*:/.exec(url)?.[0]
  if (scheme === undefined) return url
  if (!allowed.has(scheme.toLowerCase())) return '#'
  return scheme.toLowerCase() === 'mailto:' || URL.canParse(url) ? url : '#'
}
