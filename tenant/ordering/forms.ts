import { z } from 'zod'
import { text } from '../../shared/http/form.js'

export const orderForm = z.object({
  checkout_key: z.string().regex(/^[a-z0-9]{20}$/, 'Please open the order page again.'),
  plan_version: z.coerce.number().int(),
  template: z.coerce.number('Choose a template.').int('Choose a template.').positive('Choose a template.'),
  name: text('The name', 60).optional(),
})
