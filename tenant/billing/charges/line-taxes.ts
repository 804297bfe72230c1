/**
 * Tax of lines. Pure. A rate is a part of a million of the price without tax; a compound one also counts the taxes before it. With inclusive prices the
 * tax is taken out of the amount, so that net + tax is the amount again. Rounded half away from zero: on each line, or once for each rate on the sum of
 * the lines, whose odd units then go to the lines with the largest remainder (ties: the first).
 */
import { divideRounded } from '../../../shared/money/rate.js'
import { fraction, one, over, plus, times, zero, type Fraction } from './fraction.js'
import type { LineTax } from './charge.js'

export type AppliedRate = Omit<LineTax, 'amountMinor'>
export interface TaxableLine {
  /** After discount, minor units; negative for a credit. */
  readonly amountMinor: number
  readonly rates: readonly AppliedRate[]
}
export interface TaxMode {
  readonly inclusive: boolean
  readonly rounding: 'line' | 'total'
}

/** What each rate takes of the line's amount, exactly. */
export function partsOf(rates: readonly AppliedRate[], inclusive: boolean): Fraction[] {
  let sum = zero
  const parts = rates.map((rate) => {
    const plain = fraction(BigInt(rate.ratePpm), 1_000_000n)
    const part = rate.compound ? times(plain, plus(one, sum)) : plain
    sum = plus(sum, part)
    return part
  })
  return inclusive ? parts.map((part) => over(part, plus(one, sum))) : parts
}

/** The taxes of each line, in the order of lines and of their rates. */
export function taxLines(lines: readonly TaxableLine[], mode: TaxMode): LineTax[][] {
  const amounts = mode.rounding === 'line' ? lines.map((line) => roundLine(line, mode.inclusive)) : roundTotals(lines, mode.inclusive)
  return lines.map((line, i) => line.rates.map((rate, j) => ({ ...rate, amountMinor: Number(amounts[i]![j]!) })))
}

/** Exclusive: each tax is rounded. Inclusive: the line's whole tax is rounded, so that its net is right too, and split over the rates. */
function roundLine(line: TaxableLine, inclusive: boolean): bigint[] {
  const parts = partsOf(line.rates, inclusive)
  const amount = BigInt(line.amountMinor)
  if (!inclusive) return parts.map((part) => divideRounded(amount * part.n, part.d))
  const whole = parts.reduce(plus, zero)
  return spread(divideRounded(amount * whole.n, whole.d), parts.map((part) => ({ amount, part })))
}

interface Share { readonly amount: bigint; readonly part: Fraction; readonly room?: () => boolean }

/** Splits a rounded sum over what it was the sum of: each gets its own part cut off, and the rest goes to the largest remainders. */
function spread(sum: bigint, shares: readonly Share[]): bigint[] {
  const cut = shares.map(({ amount, part }) => (amount * part.n) / part.d)
  const missing = sum - cut.reduce((a, b) => a + b, 0n)
  const sign = missing < 0n ? -1n : 1n
  const rest = shares.map(({ amount, part, room }, index) => ({ index, room, by: fraction(amount * part.n * sign - cut[index]! * part.d * sign, part.d) }))
  const order = rest.filter((r) => r.by.n > 0n).sort((a, b) => compare(b.by, a.by) || a.index - b.index)
  const lucky = [...order.filter((r) => r.room?.() ?? true), ...order.filter((r) => !(r.room?.() ?? true))].slice(0, Number(missing * sign))
  for (const { index } of lucky) cut[index] = cut[index]! + sign
  return cut
}

const compare = (a: Fraction, b: Fraction): number => (a.n * b.d === b.n * a.d ? 0 : a.n * b.d > b.n * a.d ? 1 : -1)

/** Lines with the same rate belong together wherever they stand. A line never bears more tax than its own amount, as far as another one can take the odd unit. */
function roundTotals(lines: readonly TaxableLine[], inclusive: boolean): bigint[][] {
  const taxes = lines.map((line) => line.rates.map(() => 0n))
  const groups = new Map<string, Array<{ line: number; rate: number; part: Fraction }>>()
  lines.forEach((line, i) => partsOf(line.rates, inclusive).forEach((part, j) => {
    const key = `${line.rates[j]!.code}|${part.n}/${part.d}`
    groups.set(key, [...(groups.get(key) ?? []), { line: i, rate: j, part }])
  }))
  for (const members of groups.values()) {
    const { part } = members[0]!
    const sum = members.reduce((total, m) => total + BigInt(lines[m.line]!.amountMinor), 0n)
    const room = (line: number) => () => !inclusive || size(taxes[line]!.reduce((a, b) => a + b, 0n)) + cutOf(lines[line]!, part) < size(BigInt(lines[line]!.amountMinor))
    const given = spread(divideRounded(sum * part.n, part.d), members.map((m) => ({ amount: BigInt(lines[m.line]!.amountMinor), part, room: room(m.line) })))
    members.forEach((m, i) => { taxes[m.line]![m.rate] = given[i]! })
  }
  return taxes
}

const size = (n: bigint): bigint => (n < 0n ? -n : n)
const cutOf = (line: TaxableLine, part: Fraction): bigint => size((BigInt(line.amountMinor) * part.n) / part.d)
