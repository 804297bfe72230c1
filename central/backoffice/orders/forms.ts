/** What the desk may say about orders. */
import { z } from 'zod'

export const listQuery = z.object({ show: z.enum(['all', 'open', 'paid', 'closed']).default('all'), q: z.string().max(120).optional() })
export const emptyForm = z.object({})
export const settingsForm = z.object({
  unpaidDays: z.coerce.number('Enter a number of days.').int('Enter whole days.').min(1, 'At least one day.').max(60, 'At most 60 days.'),
  keepDays: z.coerce.number('Enter a number of days.').int('Enter whole days.').min(0, 'Zero or more days.').max(60, 'At most 60 days.'),
  terms: z.string('Write your terms.').min(1, 'Write your terms.').max(50_000, 'These terms are too long.'),
})
