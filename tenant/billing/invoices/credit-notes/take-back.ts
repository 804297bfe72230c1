/**
 * How much of a line a credit note takes back, net and tax apart. Pure. Computed from the sum of all notes so far, so that several partial notes add up to
 * the line to the cent: whoever takes the rest takes exactly what is left of net and of each rate.
 */
import { Money } from '../../../../shared/money/money.js'
import { allocate } from '../../../../shared/money/split.js'
import type { LineTax } from '../../charges/charge.js'

/** Of an invoice line, or taken back from it by one credit note. */
export interface Amounts {
  readonly netMinor: number
  readonly taxMinor: number
  readonly totalMinor: number
  readonly taxes: readonly LineTax[]
}

/** What is left of a line after earlier notes. */
export function restOf(line: Amounts, earlier: readonly Amounts[]): Amounts {
  const less = (pick: (a: Amounts) => number): number => pick(line) - earlier.reduce((sum, e) => sum + pick(e), 0)
  return {
    netMinor: less((a) => a.netMinor), taxMinor: less((a) => a.taxMinor), totalMinor: less((a) => a.totalMinor),
    taxes: line.taxes.map((tax) => ({ ...tax, amountMinor: less((a) => a.taxes.find((t) => t.code === tax.code)?.amountMinor ?? 0) })),
  }
}

/** `amountMinor`: what the customer gets for this line, tax included; from 1 to the rest, or the whole rest of a line below zero. Throws RangeError otherwise. */
export function takeBack(line: Amounts, earlier: readonly Amounts[], amountMinor: number, currency: string): Amounts {
  const rest = restOf(line, earlier)
  if (amountMinor === rest.totalMinor) return rest
  if (amountMinor <= 0 || amountMinor > rest.totalMinor) throw new RangeError(`${amountMinor} is not a part of the ${rest.totalMinor} that are left of this line.`)
  const upTo = line.totalMinor - rest.totalMinor + amountMinor
  const taxUpTo = allocate(Money.of(upTo, currency), [line.netMinor, line.taxMinor])[1]!.minor
  const taxMinor = taxUpTo - (line.taxMinor - rest.taxMinor)
  const byRate = split(taxUpTo, line.taxes.map((t) => t.amountMinor), currency)
  const taxes = line.taxes.map((tax, i) => ({ ...tax, amountMinor: byRate[i]! - (tax.amountMinor - rest.taxes[i]!.amountMinor) }))
  return { netMinor: amountMinor - taxMinor, taxMinor, totalMinor: amountMinor, taxes }
}

/** In proportion, rate after rate against all that follow: unlike one split over all, no part ever shrinks when the whole grows. */
function split(total: number, weights: readonly number[], currency: string): number[] {
  let rest = Money.of(total, currency)
  return weights.map((weight, i) => {
    const later = weights.slice(i + 1).reduce((a, b) => a + b, 0)
    const [part] = allocate(rest, [weight, later]) as [Money, Money]
    rest = rest.sub(part)
    return part.minor
  })
}
