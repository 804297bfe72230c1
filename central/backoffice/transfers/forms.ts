/** What the desk may say about bank transfers. */
import { z } from 'zod'
import { dayOf } from '../../../shared/time/local-date.js'

export const listQuery = z.object({ show: z.enum(['unmatched', 'matched', 'ignored', 'all']).default('unmatched'), q: z.string().max(120).optional() })
const list = z.union([z.string().max(40).transform((one) => [one]), z.array(z.string().max(40)).max(50)]).optional()
export const recordForm = z.object({
  receivedOn: z.string({ error: 'Enter the day.' }).refine((typed) => dayOf(typed) !== null, 'Enter the day.'), amount: z.string({ error: 'Enter an amount.' }).max(16, 'Enter an amount like 25.00.'), payer: z.string({ error: 'Enter who sent it.' }).max(140, 'At most 140 characters.'),
  reference: z.string().max(255, 'At most 255 characters.').optional(), formKey: z.string().length(20),
})
/** `confirmed` comes from the preview. */
export const importForm = z.object({ statement: z.string({ error: 'Paste the lines of your statement.' }).max(90_000, 'Paste at most a few hundred lines at a time.'), confirmed: z.literal('yes').optional() })
/** `invoice` and `amount` stand beside each other; an empty amount leaves the invoice out. `number`: an invoice that was not suggested. `email`: whose credit the rest becomes. */
export const matchForm = z.object({ invoice: list, amount: list, number: z.string().max(40).optional(), numberAmount: z.string().max(16).optional(), email: z.string().max(254).optional(), creditAmount: z.string().max(16).optional() })
export const undoForm = z.object({ reason: z.string({ error: 'Say why.' }).min(3, 'Say why, in a few words.').max(400, 'At most 400 characters.') })
export const asideForm = z.object({ note: z.string().max(400, 'At most 400 characters.').optional() })
export const emptyForm = z.object({})
export const detailsForm = z.object({ enabled: z.literal('on').optional(), holder: z.string().max(120).optional(), iban: z.string().max(42).optional(), bic: z.string().max(15).optional(), bank: z.string().max(120).optional(), note: z.string().max(500).optional() })
