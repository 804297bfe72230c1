/** The nudge to ask VIES about a number; the row says whether it is still due. */
import { z } from 'zod'
import { defineJob } from '../../../shared/jobs/job.js'
import { askAbout } from './check-tax-number.js'

export const checkTaxNumber = defineJob({
  name: 'tax.check-number', scope: 'tenant', payload: z.object({ userId: z.number().int().positive() }), concurrency: 2,
  handler: ({ userId }) => askAbout(userId),
})
