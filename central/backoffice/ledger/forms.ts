/** What the desk may ask of the ledger. */
import { z } from 'zod'
import { dayOf } from '../../../shared/time/local-date.js'

const day = z.string().refine((typed) => dayOf(typed) !== null).optional()
/** `day`: the balance at the end of that day, as the shop counts; absent: now. */
export const dayQuery = z.object({ day, currency: z.string().regex(/^[A-Z]{3}$/).optional() })
