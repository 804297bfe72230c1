/**
 * Door to whoever knows the rates of a place. The built-in answer is the shop's own table; a service for US sales tax would be another implementation.
 * An implementation may be asked inside a transaction (when an invoice is issued), so it answers from what it has at hand and never calls the outside here.
 * It answers the rates of one place at one instant for every tax class that is asked, the same answer for the same question; an empty list means no tax.
 */
import type { AppliedRate } from '../charges/line-taxes.js'
import type { TaxPlace } from './place.js'
import { ratesOfClass, TaxRate } from './tax-rate.js'

export interface TaxService {
  ratesAt(place: TaxPlace, now: Date): Promise<(taxClass: string) => readonly AppliedRate[]>
}

export const tableTaxService: TaxService = {
  async ratesAt(place, now) {
    const rows = (await TaxRate.query().where({ country: place.country }).whereIn('region', ['', place.region]))
      .filter((rate) => rate.isValid(now) && rate.isFor(place))
    return (taxClass) => ratesOfClass(rows, taxClass)
  },
}

let service: TaxService = tableTaxService
export const taxService = (): TaxService => service
/** At start-up only: another source of rates, for all shops. */
export function plugTaxService(other: TaxService): void {
  service = other
}
