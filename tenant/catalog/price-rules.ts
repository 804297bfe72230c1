/** What a price may be, how it is typed and how a percent change rounds it. Prices of renewing plans are whole minor units; those of metered use may be finer. */
import { microsPerMinor } from '../../shared/money/currency.js'
import { divideRounded } from '../../shared/money/rate.js'
import type { Cycle } from '../../shared/time/period.js'

const million = 1_000_000
/** 1,000 an hour: above it somebody has mistyped. */
const highestHourly = 1000 * million
const highest = 1_000_000 * million
/** Four decimals: a quarter hour of any such price is a whole number of micro-units. */
const hourlyStep = 100

/** Smallest step of a plan's price in micro-units. */
export const stepOf = (cycle: Cycle, currency: string): number => (cycle === 'hourly' ? hourlyStep : microsPerMinor(currency))

/** A sentence when a plan cannot have this price, else null. */
export function faultOfPrice(micros: number, cycle: Cycle, currency: string): string | null {
  const most = cycle === 'hourly' ? highestHourly : highest
  if (!Number.isSafeInteger(micros) || micros < 0 || micros > most) return cycle === 'hourly' ? 'Enter a price between 0 and 1,000 an hour.' : 'Enter a price between 0 and 1,000,000.'
  if (cycle === 'free' && micros > 0) return 'A free plan has no price.'
  if (micros % stepOf(cycle, currency) === 0) return null
  return cycle === 'hourly' ? 'A price has at most four decimals.' : `A price in ${currency} cannot be finer than its smallest unit.`
}

/** A sentence when a choice of an option cannot have this unit price. It may be finer than a cent: the line is rounded, not the unit. */
export const faultOfUnit = (micros: number): string | null => (Number.isSafeInteger(micros) && micros >= 0 && micros <= highest ? null : 'Enter a price between 0 and 1,000,000.')

/** `12.5` → 12,500,000 micro-units, exactly; null for anything else than digits with up to six decimals. */
export function parseMicros(text: string): number | null {
  const match = /^(\d{1,7})(?:[.,](\d{1,6}))?$/.exec(text.trim())
  return match ? Number(match[1]) * million + Number((match[2] ?? '').padEnd(6, '0')) : null
}

/** For an input: at least the currency's decimals, more only where the price needs them. */
export function microsText(micros: number, currency: string): string {
  const least = 6 - String(microsPerMinor(currency)).length + 1
  const digits = String(micros).padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '').padEnd(least, '0')
  return fraction ? `${digits.slice(0, -6)}.${fraction}` : digits.slice(0, -6)
}

/** minor: to the smallest unit of the currency (four decimals an hour). whole: to whole units, like $12. Halves go up. */
export type Rounding = 'minor' | 'whole'

/** A price after a change in hundredths of a percent (250 = +2.5 %), rounded as said; never below zero. Metered prices ignore `whole`. */
export function changedByPercent(micros: number, hundredths: number, rounding: Rounding, cycle: Cycle, currency: string): number {
  const step = BigInt(rounding === 'whole' && cycle !== 'hourly' ? million : stepOf(cycle, currency))
  const steps = divideRounded(BigInt(micros) * BigInt(10_000 + hundredths), 10_000n * step)
  return Math.max(0, Number(steps * step))
}
