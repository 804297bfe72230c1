/** What the desk may say about dunning. */
import { z } from 'zod'
import { clock } from '../../../shared/time/clock.js'
import { dayOf } from '../../../shared/time/local-date.js'
import { letterNames } from '../../../tenant/billing/dunning/words.js'

export const listQuery = z.object({ show: z.enum(['overdue', 'ahead', 'paused', 'over']).default('overdue'), q: z.string().max(120).optional() })
const reason = z.string({ error: 'Say why.' }).min(3, 'Say why, in a few words.').max(400, 'At most 400 characters.')
export const reasonForm = z.object({ reason })
/** False for a day that is past in every zone; the shop's own zone is asked by the verb. */
const mayLieAhead = (typed: string): boolean => dayOf(typed) === null || Date.parse(typed) + 12 * 3_600_000 > clock.now().getTime()
export const pauseForm = z.object({ reason, until: z.string({ error: 'Choose a day.' }).refine((typed) => dayOf(typed) !== null, 'Choose a day.').refine(mayLieAhead, 'Choose a day that lies ahead.') })
export const skipForm = z.object({ reason, step: z.string().max(40) })
export const emptyForm = z.object({})

const days = z.string().max(120).optional()
const day = z.coerce.number({ error: 'Enter a number of days.' }).int('Enter whole days.').min(1, 'At least one day.').max(365, 'At most 365 days.').optional()
export const rulesForm = z.object({
  reminders: days, warn: day, suspend: day, terminate: day, graceDays: z.coerce.number({ error: 'Enter a number of days.' }).int('Enter whole days.').min(1, 'At least one day.').max(30, 'At most 30 days.'),
  retry: z.literal('on').optional(), hourlyLimit: z.string().max(16).optional(), types: z.string().max(2000, 'At most 2,000 characters.').optional(),
})

const lines = Object.fromEntries(letterNames.flatMap((name) => [[`${name}Subject`, z.string({ error: 'Write a subject.' }).max(200, 'At most 200 characters.')], [`${name}Body`, z.string({ error: 'Write the letter.' }).max(4000, 'At most 4,000 characters.')]]))
export const lettersForm = z.object(lines as Record<`${(typeof letterNames)[number]}${'Subject' | 'Body'}`, z.ZodString>)
