/** Is this text a tax number? Format and check digits at once, without asking anybody. The door to jsvat, which knows Europe's numbers. */
import { checkVAT, countries } from 'jsvat'

export interface VatNumber {
  /** ISO 3166 of who gave it out; Greece is GR though its numbers begin with EL. */
  readonly country: string
  /** Tidy, with its prefix for a European number: `DE136695976`. */
  readonly number: string
  /** Can VIES be asked about it? */
  readonly european: boolean
}

const members = new Set('AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' '))
const prefixOf = (country: string): string => (country === 'GR' ? 'EL' : country)

/**
 * Reads what a customer typed. `country` is theirs and stands in for a prefix they left away. Answers a sentence when it cannot be a number of that
 * country; numbers of countries without known rules are taken as they are.
 */
export function readVatNumber(typed: string, country: string | null): VatNumber | { readonly fault: string } {
  const text = typed.toUpperCase().replace(/[\s./-]/g, '')
  if (!/^[A-Z0-9]{4,20}$/.test(text)) return { fault: 'A tax number has 4 to 20 letters and digits.' }
  const own = country !== null && members.has(country) ? prefixOf(country) : null
  const found = [text, ...(own ? [`${own}${text}`] : [])].map((candidate) => checkVAT(candidate, countries)).find((result) => result.isValid)
  const iso = found?.country?.isoCode.short
  if (found?.value && iso && members.has(iso)) return { country: iso, number: found.value.replace(/^GR/, 'EL'), european: true }
  if (own) return { fault: faultOf(text, own) }
  return { country: country ?? '', number: text, european: false }
}

function faultOf(text: string, prefix: string): string {
  const result = checkVAT(text.startsWith(prefix) ? text : `${prefix}${text}`, countries)
  return result.isValidFormat ? 'The check digits of this VAT number do not fit. Look at it again.' : `This is not a VAT number of the form that begins with ${prefix}.`
}
