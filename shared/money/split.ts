/** Splitting an amount so that the parts add up to it: largest remainder, ties to the first. */
import { Money } from './money.js'

/**
 * Parts in proportion to `weights` (whole, not negative). The sum of the parts is exactly `money`. All weights zero: everything goes to the first.
 * Throws RangeError for no weights, or for a negative or fractional one.
 */
export function allocate(money: Money, weights: readonly number[]): Money[] {
  if (!weights.length) throw new RangeError('Nothing to split over.')
  if (weights.some((w) => !Number.isSafeInteger(w) || w < 0)) throw new RangeError('Weights are whole and not negative.')
  const sum = weights.reduce((a, b) => a + BigInt(b), 0n)
  const [size, sign] = money.minor < 0 ? [BigInt(-money.minor), -1n] : [BigInt(money.minor), 1n]
  if (sum === 0n) return weights.map((_w, i) => Money.of(i === 0 ? money.minor : 0, money.currency))
  const shares = weights.map((w, index) => ({ index, whole: (size * BigInt(w)) / sum, rest: (size * BigInt(w)) % sum }))
  const missing = size - shares.reduce((a, s) => a + s.whole, 0n)
  const order = [...shares].sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))
  const luckyOnes = new Set(order.slice(0, Number(missing)).map((s) => s.index))
  return shares.map((s) => Money.of(sign * (s.whole + (luckyOnes.has(s.index) ? 1n : 0n)), money.currency))
}
