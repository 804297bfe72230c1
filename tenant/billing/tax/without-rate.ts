/** What is borne at a rate's place once that rate is over or gone: for previews. Pure. */
import type { AppliedRate } from '../charges/line-taxes.js'
import type { TaxPlace } from './place.js'
import { ratesOfClass, type TaxRate } from './tax-rate.js'

export interface Bearing {
  /** Null: now. */
  readonly from: Date | null
  /** None: no tax. */
  readonly rates: readonly AppliedRate[]
}

/** Today's, then each change that is known, in order of time. `all`: at least the rates of its country; it may be among them. Registrations are not looked at. */
export function bearingsWithout(rate: TaxRate, all: readonly TaxRate[], now: Date): Bearing[] {
  const place = placeOf(rate)
  const others = all.filter((other) => other.id !== rate.id && other.isFor(place))
  const turns = others.flatMap((other) => [other.validFrom, other.validTo]).filter((at): at is Date => at !== null && at > now).sort((a, b) => a.getTime() - b.getTime())
  const found: Bearing[] = []
  for (const at of [now, ...turns]) {
    const rates = ratesOfClass(others.filter((other) => other.isValid(at)), rate.taxClass)
    if (!found.length || namesOf(found.at(-1)!.rates) !== namesOf(rates)) found.push({ from: at === now ? null : at, rates })
  }
  return found
}

const namesOf = (rates: readonly AppliedRate[]): string => rates.map((r) => r.code).join(' ')

/** Somewhere that it is for: of postcodes, the first one that it names. */
function placeOf({ country, region, postcodePattern }: TaxRate): TaxPlace {
  return { country, region, postcode: postcodePattern.split(',')[0]!.trim().replace(/\*$/, '') }
}
