/** What browsers may send about credit. */
import { z } from 'zod'

/** `formKey` was made with the form: the same form sent twice is one payment. */
export const topUpForm = z.object({
  amount: z.string({ error: 'Enter an amount.' }).max(16, 'Enter an amount like 25.00.'), method: z.string({ error: 'Choose a payment method.' }).length(20, 'Choose a payment method.'), formKey: z.string().length(20),
})
export const attemptQuery = z.object({ attempt: z.string().max(40).optional() })
