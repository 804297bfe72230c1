/** What the timetable runs: every hour, because each zone has its own midnight. */
import { z } from 'zod'
import { defineJob } from '../../../shared/jobs/job.js'
import { schedule } from '../../../shared/jobs/timetable.js'
import { subscriptionRules } from './billing-rules.js'
import { mailTrialEnding } from './mailer.js'
import { schedulePriceMoves } from './price-move.js'
import { customersToRenew, renewCustomer } from './renew-due.js'
import { Subscription } from './subscription.js'
import { Change } from './subscription-change.js'
import { withdrawLeftovers } from './unwanted-periods.js'

export const renewOne = defineJob({
  name: 'subscriptions.renew-customer',
  scope: 'tenant',
  payload: z.object({ userId: z.number().int().positive() }),
  handler: async ({ userId }) => {
    await renewCustomer(userId)
  },
})

/** Finds what is due; one job a customer. */
export async function renewDue(now: Date): Promise<void> {
  for (const userId of await customersToRenew(now)) await renewOne.enqueue({ userId }, { key: `renew:${userId}` })
}

/** Once for each trial, some days before its end. */
export async function announceTrialEnds(now: Date): Promise<void> {
  const { trialNoticeDays } = await subscriptionRules.read()
  const soon = new Date(now.getTime() + trialNoticeDays * 86_400_000)
  const ending = await Subscription.query().where({ status: 'trialing', parentId: null }).where('trialEnd', '>', now).where('trialEnd', '<=', soon).whereNull('cancelAt').where('amountMinor', '>', 0).orderBy('id')
  for (const subscription of ending) await mailTrialEnding(subscription)
}

/** Previews that nobody confirmed. */
export async function forgetOldQuotes(now: Date): Promise<void> {
  await Change.query().delete().where({ status: 'quoted' }).where('createdAt', '<', new Date(now.getTime() - 86_400_000))
}

schedule({ name: 'subscriptions.renew', every: '1 hour', scope: 'tenant', run: renewDue })
schedule({ name: 'subscriptions.announce-trial-ends', every: '1 hour', scope: 'tenant', run: announceTrialEnds })
schedule({ name: 'subscriptions.withdraw', every: '1 hour', scope: 'tenant', run: withdrawLeftovers })
schedule({ name: 'subscriptions.move-prices', every: '1 hour', scope: 'tenant', run: schedulePriceMoves })
schedule({ name: 'subscriptions.forget-quotes', every: '1 day', scope: 'tenant', run: forgetOldQuotes })
