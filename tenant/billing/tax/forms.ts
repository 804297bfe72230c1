/** What a customer may say about their taxes. */
import { z } from 'zod'
import { text } from '../../../shared/http/form.js'

export const taxIdForm = z
  .object({ taxId: z.string().max(32, 'A tax number has at most 32 characters.').optional(), next: z.literal('/checkout').optional() })

export const exemptionForm = z.object({
  reason: text('The reason', 120, 5),
  evidence: z.string().min(10, 'Say which document proves it.').max(1000, 'Please keep it below 1,000 characters.'),
  reference: text('The reference', 120).optional(),
})
