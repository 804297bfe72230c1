/** The end of an agreement, whatever the reason. What was paid stays paid, coming periods are billed no more; what follows it ends too; services hear of it and stop. */
import type { Knex } from 'knex'
import { record } from '../../../shared/events/record.js'
import { Subscription, type EndReason } from './subscription.js'
import { dropScheduled } from './change-stock.js'
import { withdrawUnwanted } from './unwanted-periods.js'

/** Inside the caller's transaction. Repeating it does nothing. */
export async function endSubscription(trx: Knex.Transaction, given: Subscription, now: Date, why: EndReason): Promise<void> {
  const family = await given.family()
  const ended: Subscription[] = []
  for (const [i, member] of family.entries()) {
    const subscription = await Subscription.findOwned<Subscription>({ id: member.id })
    if (subscription.isOver) continue
    await subscription.become('ended', { endedAt: now, endReason: i === 0 ? why : 'parent', cancelAt: null, pauseAt: null })
    ended.push(subscription)
    await dropScheduled(trx, [subscription])
    await record('subscription.ended', subscription, { why: subscription.endReason, serviceId: subscription.serviceId, parentId: subscription.parentId }, { userId: subscription.userId })
  }
  await withdrawUnwanted(ended, 'Cancelled', now)
  given.$set(await Subscription.findOwned<Subscription>({ id: given.id }))
}
