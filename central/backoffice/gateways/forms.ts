/** What the desk may send about gateways. */
import { z } from 'zod'

const secret = z.string({ error: 'Please fill this in.' }).min(1, 'Please fill this in.').max(250)
export const stripeForm = z.object({ secretKey: secret, publishableKey: z.string().regex(/^pk_(test|live)_\w{2,200}$/, 'A publishable key begins with pk_test_ or pk_live_.').optional() })
export const paypalForm = z.object({ clientId: z.string({ error: 'Please fill this in.' }).max(250), secret, mode: z.enum(['test', 'live'], { error: 'Choose sandbox or live.' }) })
/** New keys of a connected account. `publishableKey`: PayPal's client id. */
export const keysForm = z.object({ secret, publishableKey: z.string().max(250).optional() })

export const emptyForm = z.object({})

export const eventStates = ['received', 'processed', 'ignored', 'parked', 'dead'] as const
export const eventsQuery = z.object({ state: z.enum(eventStates).optional(), about: z.string().max(120).optional() })
export const disputesQuery = z.object({ state: z.enum(['inquiry', 'open', 'won', 'lost', 'closed']).optional() })
export const idOf = (text: unknown): number => (typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0)
