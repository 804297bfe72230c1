import { z } from 'zod'
import { text } from '../../../shared/http/form.js'
import { cancelReasons, type CancelReason } from './cancellation.js'

export const cancelForm = z.object({
  timing: z.enum(['now', 'end'], 'Choose when it should end.'),
  reason: z.enum(Object.keys(cancelReasons) as [CancelReason, ...CancelReason[]], 'Choose a reason from the list.').optional(),
  comment: text('The comment', 1000).optional(),
})
/** A button. */
export const bare = z.object({})
export const listQuery = z.object({ show: z.enum(['current', 'ended']).default('current') })
