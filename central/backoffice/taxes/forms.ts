/** What the desk's tax forms take. */
import { z } from 'zod'
import { FormErrors } from '../../../shared/errors.js'
import { emailAddress, text } from '../../../shared/http/form.js'
import { dayOf, localMidnight } from '../../../shared/time/local-date.js'
import { isCountry } from '../../../tenant/customers/places.js'
import { ppmOf } from '../../../tenant/billing/tax/rate-list.js'

const country = z.string().refine(isCountry, 'Choose a country.')
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'Enter a day like 2027-01-01.')
export const calendarDay = (typed: string): boolean => dayOf(typed) !== null
const tick = z.literal('on').optional().transform(Boolean)

export const rateForm = z.object({
  country, region: text('The state or province', 40).optional(),
  postcodePattern: z.string().max(120).regex(/^[A-Za-z0-9 *,-]*$/, 'Enter postcodes like 94103 or 941*, separated by commas.').optional(),
  taxClass: z.enum(['standard', 'reduced'], 'Choose a class.'), name: text('The name', 60),
  percent: z.string().refine((typed) => ppmOf(typed) !== null, 'Enter a percentage like 19 or 9.975.'), compound: tick,
  sortOrder: z.coerce.number().int().min(0).max(1000).optional(), validFrom: day.optional(), validTo: day.optional(),
})
export const registrationForm = z.object({ kind: z.enum(['home', 'local', 'oss'], 'Choose what it is.'), country, region: text('The state or province', 40).optional(), number: text('The number', 40).optional(), validFrom: day.optional(), validTo: day.optional() })
export const settingsForm = z.object({
  prices: z.enum(['exclusive', 'inclusive'], 'Choose how your prices are written.'),
  rounding: z.enum(['line', 'total'], 'Choose where tax is rounded.'),
  reverseChargeText: text('The sentence', 300).optional(), exportText: text('The sentence', 300).optional(),
})
export const exemptionForm = z.object({
  email: emailAddress.optional(), reason: text('The reason', 120, 5),
  evidence: z.string().min(5, 'Say what proves it.').max(1000, 'Please keep it below 1,000 characters.'),
  reference: text('The reference', 120).optional(),
  country: country.optional(), validFrom: day, validUntil: day.optional(),
})
export const emptyForm = z.object({})
export const importForm = z.object({ rates: z.string().min(1, 'Paste the list here.').max(50_000, 'This list is too long: load it in parts.'), sure: z.literal('yes').optional() })

/** The first instant of a day in the shop's zone. Throws FormErrors for a day that the calendar does not have. */
export function instantOf(field: string, typed: string | undefined, timeZone: string): Date | null {
  if (!typed) return null
  const [year, month, date] = typed.split('-').map(Number) as [number, number, number]
  const real = new Date(Date.UTC(year, month - 1, date))
  if (real.getUTCMonth() !== month - 1) throw new FormErrors({ [field]: 'This day is not in the calendar.' })
  return localMidnight({ year, month, day: date }, timeZone)
}
