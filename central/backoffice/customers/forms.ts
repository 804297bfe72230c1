/** What browsers may send about customers at the desk. */
import { z } from 'zod'
import { text } from '../../../shared/http/form.js'
import { isCountry, isTimeZone } from '../../../tenant/customers/places.js'

const line = (what: string) => text(what, 120).optional()

export const listQuery = z.object({ q: z.string().max(80).optional(), show: z.enum(['all', 'owing', 'disabled']).optional().catch(undefined) })
/** The same facts as on the customer's own profile page; the tax number is the taxes' business. */
export const profileForm = z.object({
  name: text('The name', 120, 2), company: line('The company'), addressLine1: line('The address'), addressLine2: line('The address'),
  city: line('The town'), region: line('The region'),
  postcode: text('The postcode', 20).optional(), country: z.string({ error: 'Choose a country.' }).refine(isCountry, 'Choose a country.'),
  timeZone: z.string().refine(isTimeZone, 'Choose a time zone.'),
})
// Notes may have several lines; everything else that could disguise text stays out.
export const noteForm = z.object({
  body: z.string({ error: 'Write something first.' }).max(4000, 'A note can have at most 4,000 characters.').regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/, 'The note holds characters we cannot store.'),
})
export const giftForm = z.object({ amount: z.string({ error: 'Enter an amount.' }).max(16), description: text('The reason', 200), formKey: z.string().length(20) })
export const reasonForm = z.object({ reason: text('The reason', 255).optional() })
