import { z } from 'zod'
import { noticeKinds } from './kinds.js'

export const button = z.object({})
export const listQuery = z.object({ show: z.enum(['all', 'unread']).default('all') })

const tick = z.literal('on').optional()
/** Two boxes a kind: `mail-<type>` and `app-<type>`; a box that is not ticked is not sent. */
export const preferencesForm = z.object(Object.fromEntries(noticeKinds.flatMap(({ type }) => [[`mail-${type}`, tick], [`app-${type}`, tick]])))
