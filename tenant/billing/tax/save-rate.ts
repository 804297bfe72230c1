/** Rates and registrations as staff of the shop change them. Invoices already issued keep what they were issued with. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { FormErrors, Refusal, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { askAboutKept } from './register-tax-id.js'
import { regionCode } from './place.js'
import { TaxRate } from './tax-rate.js'
import { TaxRegistration } from './tax-registration.js'

export type RateFacts = Pick<TaxRate, 'country' | 'region' | 'postcodePattern' | 'taxClass' | 'name' | 'ppm' | 'compound' | 'sortOrder' | 'validFrom' | 'validTo'>

/** `before`: the rate that is changed; null for a new one. Throws FormErrors for dates in the wrong order, and for a double. */
export async function saveRate(facts: RateFacts, before: TaxRate | null): Promise<TaxRate> {
  if (facts.validFrom && facts.validTo && facts.validTo <= facts.validFrom) throw new FormErrors({ validTo: 'It must end after it begins.' })
  const tidy = { ...facts, region: regionCode(facts.country, facts.region) }
  return tenantTransaction(async () => {
    const same = await TaxRate.query()
      .where({ country: tidy.country, region: tidy.region, postcodePattern: tidy.postcodePattern, taxClass: tidy.taxClass, name: tidy.name })
    if (same.some((rate) => rate.id !== before?.id && overlap(rate, tidy))) throw new FormErrors({ name: 'There is a rate of this name for the same place and time already. Change that one, or give it an end.' })
    if (before) await before.$query().patch(tidy)
    const rate = before ?? await TaxRate.query().insertAndFetch({ publicId: newPublicId(), source: 'manual', ...tidy })
    await record('tax-rate.saved', rate, { code: rate.code, country: tidy.country, region: tidy.region, ppm: tidy.ppm })
    return rate
  })
}

type Dates = Pick<TaxRate, 'validFrom' | 'validTo'>
/** Half-open, without bounds where null. Pure. */
export const overlap = (a: Dates, b: Dates): boolean => (a.validTo === null || b.validFrom === null || b.validFrom < a.validTo) && (b.validTo === null || a.validFrom === null || a.validFrom < b.validTo)

/** From `at` on it counts no more: for the day on which a rate changes. The same day again is nothing. Throws Refusal. */
export async function endRate(given: TaxRate, at: Date, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const rate = await TaxRate.query().findById(given.id).forUpdate()
    if (!rate) throw gone()
    if (rate.validTo?.getTime() === at.getTime()) return
    refuse(rate.refusalToEnd(now, at))
    await rate.$query().patch({ validTo: at })
    await record('tax-rate.ended', rate, { code: rate.code, ppm: rate.ppm, at: at.toISOString() })
  })
}

/** Throws Refusal when somebody else was first. */
export async function removeRate(rate: TaxRate): Promise<void> {
  await tenantTransaction(async () => {
    if (!(await TaxRate.query().deleteById(rate.id))) throw gone()
    await record('tax-rate.removed', rate, { code: rate.code, ppm: rate.ppm })
  })
}
const gone = (): Refusal => new Refusal('tax-rate.gone', 'This rate was removed meanwhile.')

export type RegistrationFacts = Pick<TaxRegistration, 'country' | 'region' | 'kind' | 'number' | 'validFrom' | 'validTo'>

/** Throws FormErrors: a shop has one home and one One-Stop-Shop, and one registration a place. */
export async function saveRegistration(facts: RegistrationFacts, now: Date): Promise<void> {
  if (facts.validFrom && facts.validTo && facts.validTo <= facts.validFrom) throw new FormErrors({ validTo: 'It must end after it begins.' })
  const tidy = { ...facts, region: regionCode(facts.country, facts.region) }
  await tenantTransaction(async () => {
    const others = await TaxRegistration.query().forUpdate()
    if (tidy.kind !== 'local' && others.some((other) => other.kind === tidy.kind && overlap(other, tidy))) throw new FormErrors({ kind: tidy.kind === 'home' ? 'The shop has a home already. Remove it first, or choose "Also registered".' : 'The shop is in One-Stop-Shop already.' })
    if (others.some((other) => other.kind === tidy.kind && other.country === tidy.country && other.region === tidy.region)) throw new FormErrors({ country: 'This place is on the list already.' })
    const made = await TaxRegistration.query().insertAndFetch({ publicId: newPublicId(), ...tidy })
    await record('tax-registration.added', made, { country: tidy.country, region: tidy.region, kind: tidy.kind })
    await askAboutKept(now)
  })
}

export async function removeRegistration(registration: TaxRegistration): Promise<void> {
  await tenantTransaction(async () => {
    await registration.$query().delete()
    await record('tax-registration.removed', registration, { country: registration.country, region: registration.region, kind: registration.kind })
  })
}
