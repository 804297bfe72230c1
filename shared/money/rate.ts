/** Prices of metered use, finer than a cent: whole micro-units of the major unit per hour. They become money once, when a line is made. */
import { microsPerMinor } from './currency.js'
import { Money } from './money.js'

export interface Rate {
  /** 150000 = 0.15. */
  readonly micros: number
  readonly currency: string
  readonly per: 'hour'
}

/** Throws RangeError for a negative or fractional rate. */
export function hourly(micros: number, currency: string): Rate {
  if (!Number.isSafeInteger(micros) || micros < 0) throw new RangeError(`${micros} is not a rate in whole micro-units.`)
  microsPerMinor(currency)
  return Object.freeze({ micros, currency, per: 'hour' })
}

/** Half away from zero: 2.5 → 3, −2.5 → −3. The one rounding rule of money in this code base. `denominator` is positive. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const [size, sign] = numerator < 0n ? [-numerator, -1n] : [numerator, 1n]
  return sign * ((2n * size + denominator) / (2n * denominator))
}

/** The price of metered seconds as money: rounded once, from the exact product. This is what an invoice line, the live cost and the forecast all use. */
export function amountOf(rate: Rate, seconds: number): Money {
  return Money.of(divideRounded(product(rate, seconds), 3600n * BigInt(microsPerMinor(rate.currency))), rate.currency)
}

/** The price of metered seconds in micro-units, to be kept (`total_cost_micros`) or added up before rounding. Exact for whole quarter hours of rates with up to five decimals. */
export function costOf(rate: Rate, seconds: number): bigint {
  return divideRounded(product(rate, seconds), 3600n)
}

/** Micro-units to money, half away from zero. */
export function roundToMoney(micros: bigint | number, currency: string): Money {
  return Money.of(divideRounded(BigInt(micros), BigInt(microsPerMinor(currency))), currency)
}

function product(rate: Rate, seconds: number): bigint {
  if (!Number.isSafeInteger(seconds)) throw new RangeError(`${seconds} is not a whole number of seconds.`)
  return BigInt(rate.micros) * BigInt(seconds)
}
