/** What staff writes into a quote. */
import { z } from 'zod'
import { emailAddress, text } from '../../../shared/http/form.js'
import { dayOf } from '../../../shared/time/local-date.js'

const day = z.string('Choose a day.').refine((typed) => dayOf(typed) !== null, 'Choose a day.')
const percent = z.string().regex(/^\d{1,3}(?:\.\d{1,2})?$/, 'Enter a percentage like 10 or 7.5.').refine((p) => Number(p) <= 100, 'At most 100 percent.').default('0')
const note = z.string().max(2000, 'The note can have at most 2,000 characters.').default('')

export const quoteForm = z.object({ email: emailAddress, validUntil: day, discount: percent, note })
export const changeForm = z.object({ validUntil: day, discount: percent, note })
export const textLineForm = z.object({ text: text('The text', 200, 2), amount: z.string('Enter an amount.').max(20, 'Enter an amount like 12.50.') })
export const planLineForm = z.object({ plan: z.string('Choose a plan.').regex(/^[a-z0-9]{20}$/, 'Choose a plan.'), quantity: z.string().regex(/^\d{1,9}$/, 'Enter a whole number.').optional(), name: text('The name', 60).optional() })
export const planQuery = z.object({ plan: z.string().regex(/^[a-z0-9]{20}$/) })
export const listQuery = z.object({ show: z.enum(['all', 'draft', 'sent', 'accepted', 'closed']).default('all') })
export const emptyForm = z.object({})

/** Parts of a million, exact: the text has at most two decimals. */
export function ppmOf(percentText: string): number {
  const [whole = '0', part = ''] = percentText.split('.')
  return Number(whole) * 10_000 + Number(part.padEnd(2, '0')) * 100
}
