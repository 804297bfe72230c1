/** What browsers may send about workspaces at the desk. */
import { z } from 'zod'
import { text } from '../../../shared/http/form.js'

export const shows = ['current', 'running', 'waiting', 'stopped', 'failed', 'archived', 'ended', 'all'] as const
export type Show = (typeof shows)[number]
const hours = z.string().regex(/^[1-9]\d{0,3}$/)
export const listQuery = z.object({
  show: z.enum(shows).catch('current').default('current'), q: z.string().max(120).catch('').default(''), type: z.string().regex(/^[a-z0-9_-]{1,32}$/).optional().catch(undefined),
  server: z.string().regex(/^\d{1,9}$/).optional().catch(undefined), region: z.string().max(40).optional().catch(undefined), longer: hours.optional().catch(undefined),
})
export type ListWish = z.infer<typeof listQuery>

export const bare = z.object({})
const reason = text('The reason', 255, 3)
export const reasonForm = z.object({ reason })
const when = z.string({ error: 'Enter day and time.' }).regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/, 'Enter day and time like 2026-11-30T17:05.')
export const correctionForm = z.object({ stoppedAt: when, reason })
