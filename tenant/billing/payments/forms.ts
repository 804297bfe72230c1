/** What browsers may send about payments. */
import { z } from 'zod'

/** `after`: number of the last attempt when the form was made; a second click finds that it has moved on. */
export const payForm = z.object({ method: z.string().length(20, 'Choose a payment method.'), after: z.coerce.number().int().min(0).max(100_000) })
