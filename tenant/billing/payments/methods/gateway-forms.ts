/** What browsers may send about payment methods. */
import { z } from 'zod'

const next = z.string().max(500).optional()
export const setupForm = z.object({ next, gateway: z.enum(['stripe', 'paypal']).default('stripe') })
export const nextQuery = z.object({ next })
export const emptyForm = z.object({})
/** As PayPal names it. */
export const approvedQuery = z.object({ approval_token_id: z.string().max(64).optional() })
