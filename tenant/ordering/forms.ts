/** What browsers may say about carts, orders and quotes. Prices are not among it. */
import { z } from 'zod'
import { text } from '../../shared/http/form.js'
import { isCountry } from '../customers/places.js'

export const orderForm = z.object({
  checkout_key: z.string().regex(/^[a-z0-9]{20}$/, 'Please open the order page again.'),
  plan_version: z.coerce.number().int(),
  template: z.coerce.number('Choose a template.').int('Choose a template.').positive('Choose a template.'),
  name: text('The name', 60).optional(),
  region: text('The region', 40).optional(),
  /** Only for the estimate; changes nothing about the order. */
  hours: z.string().max(10).optional(), days: z.string().max(10).optional(),
})
/** The same form on its way to an estimate: anything may still be missing. */
export const estimateForm = z.object({
  checkout_key: z.string().max(40).optional(), plan_version: z.string().max(20).optional(), template: z.string().max(20).optional(), name: z.string().max(200).optional(), region: z.string().max(40).optional(),
  hours: z.coerce.number('Enter hours from 0.25 to 24.').min(0.25, 'Enter at least a quarter hour.').max(24, 'A day has 24 hours.').default(8),
  days: z.coerce.number('Enter days from 1 to 31.').int('Enter whole days.').min(1, 'Enter at least one day.').max(31, 'A month has at most 31 days.').default(20),
})

const publicId = z.string().regex(/^[a-z0-9]{20}$/, 'Please open the page again.')
const fingerprint = z.string().regex(/^[0-9a-f]{40}$/, 'Please open the page again.')
const choiceField = /^(option_\d{1,19}|addon_[a-z0-9]{20})$/

/** Plan, quantity, options and add-ons of a product's form; fields that name none of these are refused, a price first of all. */
export function splitChoices(body: unknown): { choices: Record<string, string>; rest: Record<string, unknown> } {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>)
  const choices = fields.filter((pair): pair is [string, string] => choiceField.test(pair[0]) && typeof pair[1] === 'string')
  return { choices: Object.fromEntries(choices), rest: Object.fromEntries(fields.filter(([name, value]) => !choiceField.test(name) || typeof value !== 'string')) }
}
/** A quantity is a whole number; its bounds are the product's. */
const quantity = z.string().regex(/^\d{1,9}$/, 'Enter a whole number.').optional()
export const itemForm = z.object({ plan: publicId, quantity, name: text('The name', 60).optional() })
export const itemChangeForm = z.object({ quantity, name: text('The name', 60).optional() })
export const codeForm = z.object({ code: z.string('Enter a code.').regex(/^[A-Za-z0-9_-]{1,40}$/, 'A code has letters, digits and dashes only.') })
export const seenForm = z.object({ seen: fingerprint })
export const emptyForm = z.object({})

export const placeForm = z.object({
  country: z.string('Choose your country.').refine(isCountry, 'Choose your country.'), region: text('The region', 120).optional(), postcode: text('The postcode', 20).optional(),
})
export type PlaceChoice = z.infer<typeof placeForm>

const line = (what: string) => text(what, 120).optional()
export const addressForm = z.object({
  name: text('Your name', 120, 2), company: line('The company'), addressLine1: text('Street and number', 120), addressLine2: line('The address'), city: text('The town', 120),
  region: line('The region'), postcode: text('The postcode', 20).optional(), country: z.string('Choose your country.').refine(isCountry, 'Choose your country.'),
  /** Asked where the shop is registered for tax. */
  taxId: z.string().max(32, 'A tax number has at most 32 characters.').optional(),
})

export const addonForm = z.object({ quantity })
export const addonOrderForm = z.object({
  quantity, key: publicId, at: z.coerce.number().int().positive(), seen: z.coerce.number().int().min(0), terms_version: z.coerce.number().int().positive(), terms: z.literal('on', 'Accept the terms to order.'),
})

export const checkoutForm = z.object({
  checkout_key: publicId, seen: fingerprint, terms_version: z.coerce.number().int().positive(),
  terms: z.literal('on', 'Accept the terms to order.'),
  /** A saved payment method, or `later`: chosen on the payment page. */
  pay: z.union([publicId, z.literal('later')], 'Choose how you pay.').default('later'),
})

export const quoteKeyQuery = z.object({ key: z.string().max(100).optional() })
export const acceptForm = z.object({ seen: z.coerce.number().int().min(0), terms: z.literal('on', 'Accept the terms to order.'), terms_version: z.coerce.number().int().positive() })
export const declineForm = z.object({ reason: text('The reason', 500).optional() })
