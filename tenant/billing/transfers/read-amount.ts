/** Amounts as banks write them, in the account's own currency. Pure. What cannot be told for sure is not guessed: it comes back as a sentence for staff. */
import { exponentOf } from '../../../shared/money/currency.js'
import { Money } from '../../../shared/money/money.js'

/** Which currencies a sign may stand for; a sign of none of them is another currency's. */
const signs: ReadonlyArray<readonly [sign: RegExp, of: RegExp]> = [[/€/, /^EUR$/], [/£/, /^(GBP|GIP|FKP|SHP|EGP)$/], [/¥/, /^(JPY|CNY)$/], [/\$/, /^(USD|AUD|BBD|BMD|BND|BSD|BZD|CAD|FJD|GYD|HKD|JMD|KYD|LRD|NAD|NZD|SBD|SGD|SRD|TTD|TWD|XCD|ARS|CLP|COP|MXN|UYU)$/]]

/** The currency code in a text, like `EUR` in `Amount (EUR)` or `GBP 100.00`; null when there is none. */
export function codeIn(text: string): string | null {
  return /(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])/.exec(text)?.[0] ?? null
}

/** `1,234.56`, `1.234,56`, `1234,5`, `12`, `USD 12.00`. A sentence when it is no amount, is in another currency, or may mean two amounts. */
export function amountOrWhy(text: string, currency: string): Money | string {
  const code = codeIn(text)
  const sign = signs.find(([mark]) => mark.test(text))
  if (code && code !== currency) return `"${text}" is in ${code}, not in ${currency}.`
  if (sign && !sign[1].test(currency)) return `"${text}" is not in ${currency}.`
  const plain = (code ? text.replace(code, '') : text).replaceAll(/[\s'’€$£¥+]/g, '')
  const digits = /^-?[\d.,]+$/.test(plain) ? plainDigits(plain, exponentOf(currency)) : null
  if (digits === 'unclear') return `"${text}" may be two amounts: write all decimals, or none of the marks.`
  return (digits && Money.parse(digits, currency)) || `"${text}" is not an amount.`
}

/** Null when the text is no amount. */
export function readAmount(text: string, currency: string): Money | null {
  const read = amountOrWhy(text, currency)
  return typeof read === 'string' ? null : read
}

/**
 * With a point for decimals and nothing between thousands. Both marks: the last is the decimal one. One mark alone with three digits behind it parts thousands,
 * except where the currency has three decimals: a point is the decimal one there, a comma may be either.
 */
function plainDigits(plain: string, exponent: number): string | 'unclear' | null {
  const [last, other] = plain.lastIndexOf(',') > plain.lastIndexOf('.') ? [',', '.'] : ['.', ',']
  const parts = plain.split(last)
  if (parts.length === 1) return plain
  if (plain.includes(other)) return parts.length === 2 && areThousands(parts[0]!, other) ? `${parts[0]!.replaceAll(other, '')}.${parts[1]!}` : null
  if (parts.length > 2) return areThousands(plain, last) ? plain.replaceAll(last, '') : null
  if (!areThousands(plain, last)) return parts.join('.')
  if (exponent !== 3) return parts.join('')
  return last === '.' ? plain : 'unclear'
}

const areThousands = (text: string, mark: string): boolean => text.replace('-', '').split(mark).every((group, i) => (i === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(group))
