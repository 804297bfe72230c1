/** Puts the EU's standard rates into the shop's table. What is there already stays: the reseller's own word counts more than our list. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { newPublicId } from '../../../shared/security/token.js'
import { euListDate, euRegionalRates, euStandardRates } from './eu.js'
import { TaxRate } from './tax-rate.js'

const source = `eu-${euListDate}`

/** Answers how many rates were added: none on a repeat. A country with any VAT rate for everybody, valid at `now`, keeps that one. */
export async function loadEuRates(now: Date): Promise<number> {
  return tenantTransaction(async (trx) => {
    await trx('settings').insert({ name: 'tax.eu-list', value: JSON.stringify({ date: euListDate, at: now }), updated_at: now }).onConflict('name')
      .merge(['value', 'updated_at'])
    const known = (await TaxRate.query().where({ taxClass: 'standard' })).filter((rate) => rate.isValid(now))
    const has = (country: string, postcodePattern: string): boolean => known
      .some((rate) => rate.country === country && rate.region === '' && rate.postcodePattern === postcodePattern)
    const wanted = [
      ...Object.entries(euStandardRates).map(([country, ppm]) => ({ country, ppm, postcodePattern: '' })),
      ...euRegionalRates.map(({ country, ppm, postcodes }) => ({ country, ppm, postcodePattern: postcodes })),
    ].filter((rate) => !has(rate.country, rate.postcodePattern))
    for (const rate of wanted) await TaxRate.query()
      .insert({ publicId: newPublicId(), region: '', taxClass: 'standard', name: 'VAT', compound: false, sortOrder: 0, source, ...rate })
    return wanted.length
  })
}
