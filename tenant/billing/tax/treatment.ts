/**
 * Who is taxed where. Pure.
 * - Without a registration that is valid today, nobody is taxed.
 * - A customer in a place where the shop is registered pays that place's tax, also with a tax number (a domestic number still pays).
 * - A shop in the EU: a confirmed VAT number of another member state → reverse charge; a consumer → their country's tax under One-Stop-Shop, else the shop's own;
 *   outside the EU → no EU VAT. A number that is not confirmed yet counts for nothing.
 * - Anywhere else the shop has no duty to collect.
 */
import { inVatArea, isMemberState } from './eu.js'
import type { TaxPlace } from './place.js'
import type { Treatment } from '../charges/charge.js'

/** `home`: where the shop is established. `local`: also registered there. `oss`: One-Stop-Shop of the EU (`country`: the member state of identification). */
export type RegistrationKind = 'home' | 'local' | 'oss'
export interface Registered {
  readonly kind: RegistrationKind
  readonly country: string
  /** Empty: everywhere in the country. */
  readonly region: string
}
export interface TaxBuyer {
  /** Null: not known. */
  readonly place: TaxPlace | null
  /** Country of a VAT number that was confirmed; null without one. */
  readonly confirmedNumberOf: string | null
  /** Why they pay no tax, in the words of the invoice; null for everybody else. */
  readonly exemption: string | null
}
export interface Verdict {
  readonly treatment: Treatment
  /** Whose rates apply when taxed, else where the customer is. */
  readonly at: TaxPlace
}

export function treatmentOf(registrations: readonly Registered[], buyer: TaxBuyer): Verdict {
  const home = registrations.find((r) => r.kind === 'home') ?? registrations.find((r) => r.kind === 'local') ?? registrations[0]
  if (!home) return { treatment: 'not-registered', at: buyer.place ?? nowhere }
  const homePlace = { country: home.country, region: home.region, postcode: '' }
  const place = buyer.place ?? homePlace
  if (buyer.exemption) return { treatment: 'exempt', at: place }
  if (isRegisteredAt(registrations, place)) return { treatment: 'taxed', at: place }
  if (!isMemberState(home.country) && !registrations.some((r) => r.kind === 'oss')) return { treatment: 'not-registered', at: place }
  return inVatArea(place.country, place.postcode) ? withinEurope(registrations, buyer, place, homePlace) : { treatment: isMemberState(home.country) ? 'export' : 'not-registered', at: place }
}

const nowhere: TaxPlace = { country: '', region: '', postcode: '' }

/** A part of a member state outside the VAT area (the Canaries for Spain) is not a place where that state's registration counts. */
function isRegisteredAt(registrations: readonly Registered[], place: TaxPlace): boolean {
  if (isMemberState(place.country) && !inVatArea(place.country, place.postcode)) return false
  return registrations.some((r) => r.kind !== 'oss' && r.country === place.country && (r.region === '' || r.region === place.region))
}

function withinEurope(registrations: readonly Registered[], buyer: TaxBuyer, place: TaxPlace, home: TaxPlace): Verdict {
  const number = buyer.confirmedNumberOf
  const domestic = registrations.some((r) => r.kind !== 'oss' && r.country === number)
  if (number !== null && isMemberState(number) && !domestic) return { treatment: 'reverse-charge', at: place }
  if (registrations.some((r) => r.kind === 'oss')) return { treatment: 'taxed', at: place }
  return isMemberState(home.country) ? { treatment: 'taxed', at: home } : { treatment: 'not-registered', at: place }
}
