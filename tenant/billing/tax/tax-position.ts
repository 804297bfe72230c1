/** Reads what the rules of treatment.ts want to know about one customer, and answers with rates and wording. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Place } from '../charges/charge.js'
import type { AppliedRate } from '../charges/line-taxes.js'
import type { TaxPosition } from '../charges/price-charge.js'
import { TaxExemption } from './exemption.js'
import { taxPlace, type TaxPlace } from './place.js'
import { TaxNumber } from './tax-number.js'
import { TaxRegistration } from './tax-registration.js'
import { taxService } from './tax-service.js'
import { defaultWording, taxSettings, type TaxSettings } from './tax-settings.js'
import { treatmentOf, type Verdict } from './treatment.js'

export interface TaxView {
  readonly settings: TaxSettings
  readonly position: TaxPosition
  readonly ratesFor: (taxClass: string) => readonly AppliedRate[]
}
type Known = { country: string | null; region: string | null; postcode: string | null }

/** `place`: where the customer says they are, when that is not (yet) in their profile; it never brings an unconfirmed number into effect. */
export async function taxView(userId: number | null, place: Place | null, now: Date): Promise<TaxView> {
  const [settings, registrations] = [await taxSettings.read(), await TaxRegistration.validAt(now)]
  const none = (): readonly AppliedRate[] => []
  if (!registrations.length) return { settings, ratesFor: none, position: { treatment: 'not-registered', country: place?.country ?? '', region: '', note: null, proof: { country: place?.country ?? '', number: null, proofId: null } } }
  const where = await placeOf(userId, place)
  const number = userId === null ? null : await TaxNumber.of(userId)
  const exemption = userId === null ? null : await TaxExemption.counting(userId, now, where?.country ?? '')
  const verdict = treatmentOf(registrations, { place: where, confirmedNumberOf: confirmedOf(number, place), exemption: exemption?.wording ?? null })
  const ratesFor = verdict.treatment === 'taxed' ? await taxService().ratesAt(verdict.at, now) : none
  return { settings, ratesFor, position: positionOf(verdict, settings, number, exemption?.wording ?? null, where) }
}

/** A number other than the confirmed one was typed: until it is confirmed itself, none counts. */
function confirmedOf(number: TaxNumber | null, place: Place | null): string | null {
  if (number?.status !== 'valid') return null
  const typed = place?.taxId?.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
  return typed === undefined || typed === number.number ? number.country : null
}

async function placeOf(userId: number | null, place: Place | null): Promise<TaxPlace | null> {
  if (place?.country) return taxPlace(place.country, place.region, place.postcode)
  if (userId === null) return null
  const row = await tenantDb()('users').where({ id: userId }).first<Known | undefined>('country', 'region', 'postcode')
  return row ? taxPlace(row.country, row.region, row.postcode) : null
}

function positionOf(verdict: Verdict, settings: TaxSettings, number: TaxNumber | null, exemption: string | null, where: TaxPlace | null): TaxPosition {
  const notes: Partial<Record<Verdict['treatment'], string | null>> = {
    'reverse-charge': settings.reverseChargeText || defaultWording.reverseCharge, export: settings.exportText || defaultWording.export,
    exempt: exemption,
  }
  const reverse = verdict.treatment === 'reverse-charge'
  return {
    treatment: verdict.treatment, country: verdict.at.country, region: verdict.at.region, note: notes[verdict.treatment] ?? null,
    proof: { country: where?.country ?? '', number: reverse ? number?.number ?? null : null, proofId: reverse ? number?.proofId ?? null : null },
  }
}
