/** What would go untaxed though the shop is registered: places without a standard rate that is valid today. */
import { euStandardRates, isMemberState } from './eu.js'
import { TaxRate } from './tax-rate.js'
import { TaxRegistration } from './tax-registration.js'

/** Country codes, sorted. */
export async function countriesWithoutRate(now: Date): Promise<string[]> {
  const registrations = await TaxRegistration.validAt(now)
  const wanted = new Set(registrations.filter((r) => r.kind !== 'oss').map((r) => r.country))
  if (registrations.some((r) => r.kind === 'oss')) for (const country of Object.keys(euStandardRates)) wanted.add(country)
  const rated = new Set((await TaxRate.query().where({ taxClass: 'standard' })).filter((rate) => rate.isValid(now)).map((rate) => rate.country))
  return [...wanted].filter((country) => !rated.has(country))
    .sort((a, b) => Number(isMemberState(a)) - Number(isMemberState(b)) || a.localeCompare(b))
}
