/** What a customer may say about a service. */
import { z } from 'zod'
import { text } from '../../shared/http/form.js'

export const listQuery = z.object({ show: z.enum(['current', 'ended']).default('current') })
export const nameForm = z.object({ name: text('The name', 60) })
export const revealForm = z.object({})
