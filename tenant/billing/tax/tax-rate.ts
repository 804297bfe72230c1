/** One rate of one place. Rates of the same name replace each other, the most exact place first (postcode, then region, then country); rates of different names add up. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Refusal } from '../../../shared/errors.js'
import type { AppliedRate } from '../charges/line-taxes.js'
import { postcodeMatches } from './eu.js'
import type { TaxPlace } from './place.js'

export class TaxRate extends TenantModel {
  static override tableName = 'tax_rates'
  static override booleans = ['compound']
  declare id: number
  declare publicId: string
  declare country: string
  declare region: string
  /** `941*, 94203`: postcodes it is for; empty for all. */
  declare postcodePattern: string
  declare taxClass: string
  /** `VAT`, `GST`, `State tax`: on invoices, and which rates replace each other. */
  declare name: string
  declare ppm: number
  declare compound: boolean
  declare sortOrder: number
  /** Half-open: from this instant, up to but without that one. Null: no bound. */
  declare validFrom: Date | null
  declare validTo: Date | null
  /** `manual`, or the list it was loaded from. */
  declare source: string
  declare createdAt: Date
  declare updatedAt: Date

  isValid(now: Date): boolean {
    return (!this.validFrom || this.validFrom <= now) && (!this.validTo || now < this.validTo)
  }
  /** `at`: the end that is wished for, once it is known. An end is only brought forward: put off, two rates of one name could count at a time. */
  refusalToEnd(now: Date, at: Date | null = null): Refusal | null {
    if (this.validTo && this.validTo <= now) return new Refusal('tax-rate.over', 'This rate has ended already.')
    if (at && this.validFrom && at <= this.validFrom) return new Refusal('tax-rate.not-begun', 'It would end before it begins. Remove it instead.')
    return at && this.validTo && this.validTo < at ? new Refusal('tax-rate.ends-earlier', 'It ends earlier than that already.') : null
  }
  isFor(place: TaxPlace): boolean {
    if (this.country !== place.country || (this.region && this.region !== place.region)) return false
    return !this.postcodePattern || postcodeMatches(this.postcodePattern, place.postcode)
  }
  get exactness(): number {
    return (this.postcodePattern ? 2 : 0) + (this.region ? 1 : 0)
  }
  /** `DE-VAT-19`: names the ledger's account. Never longer than 40 characters. A name that does not fit as it is (`US-CA-SPECIAL-D-17-1`) is told apart by the rate's id. */
  get code(): string {
    const plain = this.name.toUpperCase().replace(/[^A-Z0-9]+/g, '-')
    const whole = plain.length <= 14 && plain === this.name.toUpperCase().replaceAll(' ', '-')
    const mark = whole || this.id === undefined ? '' : `-${this.id}`
    const name = `${plain.slice(0, 14 - mark.length).replace(/^-|-$/g, '')}${mark}`.replace(/^-/, '')
    return [this.country, this.region.replace(/[^A-Z0-9]+/g, '').slice(0, 10), name, String(this.ppm / 10_000)].filter(Boolean).join('-')
  }
  get label(): string {
    return `${this.name} ${String(this.ppm / 10_000)} %`
  }
  get applied(): AppliedRate {
    return { code: this.code, label: this.label, ratePpm: this.ppm, compound: this.compound, country: this.country, region: this.region }
  }
}

/** What applies to a class of goods, of rates that are all for the place and valid today. A class without a rate of its own pays the standard one; `exempt` pays none. */
export function ratesOfClass(rates: readonly TaxRate[], taxClass: string): AppliedRate[] {
  if (taxClass === 'exempt') return []
  const best = new Map<string, TaxRate>()
  for (const rate of rates.filter((r) => r.taxClass === taxClass || r.taxClass === 'standard')) {
    const known = best.get(rate.name)
    if (!known || beats(rate, known, taxClass)) best.set(rate.name, rate)
  }
  return [...best.values()].sort((a, b) => Number(a.compound) - Number(b.compound) || a.sortOrder - b.sortOrder || a.id - b.id)
    .map((rate) => rate.applied)
}

function beats(a: TaxRate, b: TaxRate, taxClass: string): boolean {
  const score = (r: TaxRate): number[] => [r.taxClass === taxClass ? 1 : 0, r.exactness, r.validFrom?.getTime() ?? 0, r.id]
  const [left, right] = [score(a), score(b)]
  const i = left.findIndex((n, at) => n !== right[at])
  return i >= 0 && left[i]! > right[i]!
}
