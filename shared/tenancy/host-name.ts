/** The one spelling of a host name: what a Host header, a domain form and the directory compare. */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/** Takes `:port` away; null when what follows the colon is no port. */
function withoutPort(raw: string): string | null {
  const colon = raw.indexOf(':')
  if (colon < 0) return raw
  const port = raw.slice(colon + 1)
  return /^\d{1,5}$/.test(port) && Number(port) <= 65_535 ? raw.slice(0, colon) : null
}

/**
 * `ACME.Example.:443` → `acme.example`; other alphabets become punycode. Null for whatever is no host name: empty, bad characters,
 * over 253 characters, brackets, and addresses in any notation (`2130706433`, `0x7f.1`): a shop is never reached by its address.
 */
export function normaliseHost(raw: string): string | null {
  if (raw.length > 260) return null
  const name = withoutPort(raw)?.replace(/\.$/, '')
  // Checked before the conversion too: it would decode %41 and drop tabs, and two spellings of one host are a hole.
  if (!name || /[\s%_[\]@/\\?#<>^|]/.test(name)) return null
  const ascii = domainToASCII(name)
  if (!ascii || ascii.length > 253 || isIP(ascii)) return null
  return ascii.split('.').every((part) => label.test(part)) ? ascii : null
}

/** The same for the header as Node gives it: bytes read as latin1, where browsers would have sent punycode. */
export function normaliseHostHeader(raw: string): string | null {
  return normaliseHost(/[^\x20-\x7e]/.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw)
}
