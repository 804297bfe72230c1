/** What the desk may say about payments. */
import { z } from 'zod'
import { dayOf } from '../../../shared/time/local-date.js'

const day = z.string().refine((typed) => dayOf(typed) !== null, 'Enter a day.').optional()
export const listQuery = z.object({ show: z.enum(['all', 'open', 'succeeded', 'failed', 'refunded']).default('all'), q: z.string().max(120).optional(), from: day, to: day })
export const refundsQuery = z.object({ show: z.enum(['all', 'open', 'done', 'failed']).default('all'), q: z.string().max(120).optional(), from: day, to: day })
export const reason = z.string({ error: 'Say why.' }).min(3, 'Say why, in a few words.').max(255, 'At most 255 characters.')
/** `confirmed` comes from the preview; `formKey` was made with the form: sent twice, it is one refund. */
export const refundForm = z.object({
  amount: z.string({ error: 'Enter an amount.' }).max(16, 'Enter an amount like 25.00.'), to: z.enum(['source', 'credit'], { error: 'Choose where it goes.' }), reason, formKey: z.string().length(20), confirmed: z.literal('yes').optional(),
})
export const resolutionForm = z.object({ outcome: z.enum(['succeeded', 'failed'], { error: 'Choose how it ended.' }), gatewayPaymentId: z.string().max(64, 'At most 64 characters.').optional(), reason })
export const refundResolutionForm = z.object({ outcome: z.enum(['succeeded', 'failed'], { error: 'Choose how it ended.' }), reason })
export const emptyForm = z.object({})
