/** Currencies: how many decimals ISO 4217 gives them, and where a gateway counts differently. */
import type { Money } from './money.js'

const odd: Readonly<Record<string, number>> = Object.freeze({
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
})
const known = new Set([...Intl.supportedValuesOf('currency'), ...Object.keys(odd)])

/** Decimals of the minor unit: JPY 0, USD 2, KWD 3. Throws RangeError for a code that is not a currency. */
export function exponentOf(currency: string): number {
  if (!known.has(currency)) throw new RangeError(`"${currency}" is not a currency code.`)
  return odd[currency] ?? 2
}

/** Micro-units of the major unit in one minor unit: 10,000 for USD, 1,000,000 for JPY. */
export const microsPerMinor = (currency: string): number => 10 ** (6 - exponentOf(currency))

/**
 * Stripe's rules (docs.stripe.com/currencies): ISK and UGX have no decimals but are sent as if they had two; MGA has two (fifths, in truth) and is sent in whole
 * units; HUF and TWD are sent with two decimals although payouts need whole units; three-decimal currencies are sent in thousandths, with a last digit of 0.
 */
const stripeExponent: Readonly<Record<string, number>> = Object.freeze({ ISK: 2, UGX: 2, MGA: 0 })
const wholeAtPaypal = new Set(['HUF', 'TWD'])

/** Smallest charge Stripe takes, in minor units as ISO counts them; null: no published minimum, any positive amount is tried. */
const stripeMinimum: Readonly<Record<string, number>> = Object.freeze({
  USD: 50, AED: 200, AUD: 50, BGN: 100, BRL: 50, CAD: 50, CHF: 50, CZK: 1500, DKK: 250, EUR: 50, GBP: 30, HKD: 400, HUF: 17500, INR: 50, JPY: 50, MXN: 1000,
  MYR: 200, NOK: 300, NZD: 50, PLN: 200, RON: 200, SEK: 300, SGD: 50, THB: 1000,
})

export type GatewayName = 'stripe' | 'paypal'

/** The integer that the gateway wants for this amount. Throws RangeError when the gateway cannot take the amount exactly. */
export function gatewayAmount(money: Money, gateway: GatewayName): number {
  if (gateway !== 'stripe') return money.minor
  if (money.minor % gatewayStep(money.currency, 'stripe') !== 0) throw new RangeError(`Stripe takes ${money.currency} in steps of ${gatewayStep(money.currency, 'stripe')} minor units only.`)
  const digits = stripeDigits(money.currency)
  const amount = digits < 0 ? money.minor / 10 ** -digits : money.minor * 10 ** digits
  if (!Number.isSafeInteger(amount)) throw new RangeError('This amount is too large.')
  return amount
}

/** What the gateway counted, in our minor units. Throws RangeError for a fraction that cannot be ours. */
export function fromGatewayAmount(amount: number, currency: string, gateway: GatewayName): number {
  const digits = gateway === 'stripe' ? stripeDigits(currency) : 0
  if (digits <= 0) return amount * 10 ** -digits
  if (amount % 10 ** digits !== 0) throw new RangeError(`Stripe counted a fraction of ${currency}.`)
  return amount / 10 ** digits
}

/** Decimals that Stripe counts beyond ours; below zero: fewer. */
const stripeDigits = (currency: string): number => (stripeExponent[currency] ?? exponentOf(currency)) - exponentOf(currency)

/**
 * In whole multiples of so many minor units: 1 almost everywhere. Stripe takes three-decimal currencies in tens of thousandths
 * (docs.stripe.com/currencies#three-decimal) and MGA in whole units; PayPal takes HUF and TWD without decimals.
 */
export function gatewayStep(currency: string, gateway: GatewayName): number {
  if (gateway === 'stripe') return exponentOf(currency) === 3 ? 10 : 10 ** Math.max(0, -stripeDigits(currency))
  return wholeAtPaypal.has(currency) ? 100 : 1
}

/** May this amount be charged at all? Amounts below the gateway's minimum wait on the invoice until more is due. */
export function belowGatewayMinimum(money: Money, gateway: GatewayName): boolean {
  return gateway === 'stripe' && money.minor > 0 && money.minor < (stripeMinimum[money.currency] ?? 1)
}
