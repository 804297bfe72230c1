/** What the timetable runs: find the customers whose month has ended, or whose use has passed the shop's limit, one job each. */
import { z } from 'zod'
import { defineJob } from '../../../shared/jobs/job.js'
import { schedule } from '../../../shared/jobs/timetable.js'
import { closeEndedMonths, customersWithEndedMonths } from './close-month.js'
import { billInterim, customersOverTheLimit } from './interim-invoice.js'

export const closeMonths = defineJob({
  name: 'billing.close-months',
  scope: 'tenant',
  payload: z.object({ userId: z.number().int().positive() }),
  handler: async ({ userId }) => {
    await closeEndedMonths(userId)
  },
})

export const billInterimJob = defineJob({
  name: 'billing.interim-usage',
  scope: 'tenant',
  payload: z.object({ userId: z.number().int().positive() }),
  handler: async ({ userId }) => {
    await billInterim(userId)
  },
})

/** Every hour, because each zone has its own midnight. */
export async function queueEndedMonths(now: Date): Promise<void> {
  for (const userId of await customersWithEndedMonths(now)) await closeMonths.enqueue({ userId }, { key: `close-months:${userId}` })
}

export async function queueInterim(now: Date): Promise<void> {
  for (const userId of await customersOverTheLimit(now)) await billInterimJob.enqueue({ userId }, { key: `interim-usage:${userId}` })
}

schedule({ name: 'billing.find-ended-months', every: '1 hour', scope: 'tenant', run: queueEndedMonths })
schedule({ name: 'billing.find-interim-usage', every: '15 minutes', scope: 'tenant', run: queueInterim })
