/** What the desk may send about gateways. */
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Evidence, EvidencePart } from '../../../shared/payments/gateway-disputes.js'
import { evidenceParts, partWords } from './dispute-words.js'

const secret = z.string({ error: 'Please fill this in.' }).min(1, 'Please fill this in.').max(250)
export const stripeForm = z.object({ secretKey: secret, publishableKey: z.string().regex(/^pk_(test|live)_\w{2,200}$/, 'A publishable key begins with pk_test_ or pk_live_.').optional() })
export const paypalForm = z.object({ clientId: z.string({ error: 'Please fill this in.' }).max(250), secret, mode: z.enum(['test', 'live'], { error: 'Choose sandbox or live.' }) })
/** New keys of a connected account. `publishableKey`: PayPal's client id. */
export const keysForm = z.object({ secret, publishableKey: z.string().max(250).optional() })

export const emptyForm = z.object({})

export const eventStates = ['received', 'processed', 'ignored', 'parked', 'dead'] as const
export const eventsQuery = z.object({ state: z.enum(eventStates).optional(), about: z.string().max(120).optional() })
export const disputesQuery = z.object({ state: z.enum(['needs-answer', 'review', 'inquiry', 'open', 'won', 'lost', 'closed']).optional() })

/** `fresh`: what we know, instead of the draft. */
export const answerQuery = z.object({ fresh: z.literal('1').optional() })
/** One part of an answer. Browsers send lines with two characters at their end. */
const part = (name: EvidencePart) => z.string().max(partWords[name].most, `This can have at most ${partWords[name].most} characters.`).transform((text) => text.replaceAll('\r\n', '\n')).optional()
const parts = Object.fromEntries(evidenceParts.map((name) => [name, part(name)])) as Record<EvidencePart, ReturnType<typeof part>>
export const answerFields = z.object({
  ...parts, purchaseIp: z.string().refine((text) => isIP(text) !== 0, 'Enter one IP address, or leave it empty.').optional(), attachReceipt: z.literal('on').optional(), next: z.enum(['draft', 'preview']).default('draft'),
})
export const evidenceOf = (input: Partial<Record<EvidencePart, string | undefined>>): Evidence => Object.fromEntries(evidenceParts.map((name) => [name, input[name] ?? ''])) as unknown as Evidence
/** `version`: of the draft that the person saw. */
export const submissionForm = z.object({ version: z.coerce.number().int().min(1) })
export const idOf = (text: unknown): number => (typeof text === 'string' && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0)
