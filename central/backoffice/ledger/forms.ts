/** What the desk may ask of the ledger. */
import { z } from 'zod'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/).optional()
/** `day`: the balance at the end of that day, as the shop counts; absent: now. */
export const dayQuery = z.object({ day, currency: z.string().regex(/^[A-Z]{3}$/).optional() })
