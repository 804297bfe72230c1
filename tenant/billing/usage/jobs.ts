/** What the timetable runs: every hour, find the customers whose month has ended, one job each. */
import { z } from 'zod'
import { defineJob } from '../../../shared/jobs/job.js'
import { schedule } from '../../../shared/jobs/timetable.js'
import { closeEndedMonths, customersWithEndedMonths } from './close-month.js'

export const closeMonths = defineJob({
  name: 'billing.close-months',
  scope: 'tenant',
  payload: z.object({ userId: z.number().int().positive() }),
  handler: async ({ userId }) => {
    await closeEndedMonths(userId)
  },
})

/** Every hour, because each zone has its own midnight. */
export async function queueEndedMonths(now: Date): Promise<void> {
  for (const userId of await customersWithEndedMonths(now)) await closeMonths.enqueue({ userId }, { key: `close-months:${userId}` })
}

schedule({ name: 'billing.find-ended-months', every: '1 hour', scope: 'tenant', run: queueEndedMonths })
