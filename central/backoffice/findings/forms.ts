/** What the desk may say about findings. */
import { z } from 'zod'

export const listQuery = z.object({ show: z.enum(['open', 'explained', 'gone']).default('open') })
export const explainForm = z.object({ note: z.string({ error: 'Say what it is.' }).min(5, 'Say what it is, in a sentence.').max(1000, 'At most 1,000 characters.') })
export const emptyForm = z.object({})
