/** What a customer may say about themselves. Mail address, status, currency and balance are not among it. */
import { z } from 'zod'
import { text } from '../../shared/http/form.js'
import { isCountry, isTimeZone } from './places.js'

const line = (what: string) => text(what, 120).optional()

export const profileForm = z.object({
  name: text('Your name', 120, 2),
  company: line('The company'),
  addressLine1: line('The address'),
  addressLine2: line('The address'),
  city: line('The town'),
  region: line('The region'),
  postcode: text('The postcode', 20).optional(),
  country: z.string().refine(isCountry, 'Choose your country.'),
  timeZone: z.string().refine(isTimeZone, 'Choose your time zone.'),
})
export type Profile = z.infer<typeof profileForm>
