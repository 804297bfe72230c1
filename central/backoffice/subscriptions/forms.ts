import { z } from 'zod'
import { text } from '../../../shared/http/form.js'

export const shows = ['all', 'active', 'trialing', 'ending', 'paused', 'pending', 'ended', 'parked'] as const
export const listQuery = z.object({ show: z.enum(shows).default('all'), q: z.string().max(100).optional() })
export const bare = z.object({})
export const noteForm = z.object({ comment: text('The note', 1000).optional() })
export const cancelForm = noteForm.extend({ timing: z.enum(['now', 'end'], 'Choose when it should end.'), refund: z.enum(['none', 'credit']).default('none') })
const days = (what: string, most: number, least = 0) => z.coerce.number(`Enter ${what} as a number.`).int(`Enter ${what} as a whole number.`).min(least, `At least ${least}.`).max(most, `At most ${most}.`)
export const rulesForm = z.object({ leadDays: days('the days', 60), trialNoticeDays: days('the days', 30, 1), reactivateDays: days('the days', 365), cancelRefund: z.enum(['none', 'credit']), customersMayPause: z.literal('on').optional() })
export const reasonsQuery = z.object({ days: z.enum(['30', '90', '365', 'all']).default('90') })

export const couponForm = z.object({ code: z.string('Enter a code.').regex(/^[A-Za-z0-9_-]{1,40}$/, 'A code has letters, digits and dashes only.'), sure: z.literal('yes').optional() })
