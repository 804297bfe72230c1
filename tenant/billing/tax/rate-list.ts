/** A list of rates as a text that a spreadsheet writes: for states and ZIP codes nobody types one by one. Pure but for `importRates`. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { isCountry } from '../../customers/places.js'
import { regionCode } from './place.js'
import { saveRate, type RateFacts } from './save-rate.js'
import { TaxRate } from './tax-rate.js'

export interface ReadRow {
  /** From 1. */
  readonly line: number
  readonly text: string
  readonly rate: RateFacts | null
  readonly fault: string | null
}

/** `19` or `9.975` → parts of a million; null for anything else, and above 100 %. */
export function ppmOf(percent: string): number | null {
  const match = /^(\d{1,3})(?:[.,](\d{1,4}))?$/.exec(percent.trim().replace(/\s*%$/, ''))
  const ppm = match ? Number(match[1]) * 10_000 + Number((match[2] ?? '').padEnd(4, '0')) : null
  return ppm !== null && ppm <= 1_000_000 ? ppm : null
}

/** Lines of `country;region;postcodes;name;percent[;class[;compound]]`; semicolons or tabs. A first line of headings and empty lines are passed over. */
export function readRates(text: string): ReadRow[] {
  return text.split(/\r?\n/).map((row, i) => ({ row, line: i + 1 })).filter(({ row, line }) => row.trim() && !(line === 1 && /country/i.test(row)))
    .map(({ row, line }) => readRow(row, line))
}

function readRow(text: string, line: number): ReadRow {
  const [country = '', region = '', postcodes = '', name = '', percent = '', taxClass = '', compound = ''] = text.split(/[;\t]/)
    .map((cell) => cell.trim())
  const ppm = ppmOf(percent)
  const fault = !isCountry(country.toUpperCase()) ? 'The first column must be a country code like US.' : ppm === null ? 'The fifth column must be a percentage like 7.25.'
    : !/^[A-Za-z0-9 *,-]{0,120}$/.test(postcodes) ? 'Postcodes are letters, digits and *, separated by commas.' : !name || name.length > 60 || region.length > 40 ? 'The name is missing or too long.'
      : !/^(standard|reduced|exempt|)$/.test(taxClass) ? 'The class must be standard or reduced.' : null
  if (fault) return { line, text, rate: null, fault }
  const code = country.toUpperCase()
  return { line, text, fault: null, rate: { country: code, region: regionCode(code, region), postcodePattern: postcodes, taxClass: taxClass || 'standard', name, ppm: ppm!, compound: /^(yes|1|true)$/i.test(compound), sortOrder: 0, validFrom: null, validTo: null } }
}

/** Adds new rates and changes those of the same place, class and name. All or none. Answers how many were new and changed. */
export async function importRates(rows: readonly RateFacts[], now: Date): Promise<{ added: number; changed: number }> {
  return tenantTransaction(async () => {
    const count = { added: 0, changed: 0 }
    for (const row of rows) {
      const { country, region, postcodePattern, taxClass, name } = row
      const before = (await TaxRate.query().where({ country, region, postcodePattern, taxClass, name })).find((rate) => rate.isValid(now))
      if (before && before.ppm === row.ppm && before.compound === row.compound) continue
      await saveRate(before ? { ...row, validFrom: before.validFrom, validTo: before.validTo } : row, before ?? null)
      count[before ? 'changed' : 'added']++
    }
    return count
  })
}
