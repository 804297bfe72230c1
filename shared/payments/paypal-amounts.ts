/** Amounts as PayPal writes them: decimal strings, without decimals for JPY, HUF and TWD. https://developer.paypal.com/reference/currency-codes */
import { OutsideError } from '../errors.js'
import { exponentOf } from '../money/currency.js'
import { Money } from '../money/money.js'

const taken = new Set('AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD'.split(' '))
const whole = new Set(['HUF', 'JPY', 'TWD'])

export interface PaypalMoney {
  readonly currencyCode: string
  readonly value: string
}

export const paypalTakes = (currency: string): boolean => taken.has(currency)

/** Throws OutsideError (nothing happened) for a currency that PayPal does not take, and for a fraction that it cannot. */
export function paypalMoney(minor: number, currency: string): PaypalMoney {
  const refused = (code: string, why: string): OutsideError => new OutsideError(`paypal: ${why}.`, { door: 'paypal', retryable: false, unknown: false, code })
  if (!paypalTakes(currency)) throw refused('currency_not_supported', `${currency} is not taken`)
  const value = Money.of(minor, currency).toString()
  if (!whole.has(currency) || exponentOf(currency) === 0) return { currencyCode: currency, value }
  if (!/\.0+$/.test(value)) throw refused('amount_not_exact', `${currency} is taken in whole units only`)
  return { currencyCode: currency, value: value.replace(/\..*$/, '') }
}

/** Our minor units. Throws RangeError for what cannot be one of our amounts. */
export function minorOf(money: { currencyCode: string; value: string }): number {
  const text = money.value.includes('.') ? money.value.replace(/\.?0+$/, '') : money.value
  const parsed = Money.parse(text, money.currencyCode)
  if (!parsed) throw new RangeError(`"${money.value}" is not an amount of ${money.currencyCode}.`)
  return parsed.minor
}
