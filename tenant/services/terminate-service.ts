import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { endSubscription } from '../billing/subscriptions/end-subscription.js'
import { Subscription, type EndReason } from '../billing/subscriptions/subscription.js'
import { driverOf } from './driver.js'
import { Service } from './service.js'

/**
 * Ends a service for good, at once, and with it the subscriptions that pay for it. Removing what it stored is its driver's, afterwards. Safe to repeat.
 * `why`: `unpaid` from an order nobody paid, `terminated` from dunning.
 */
export async function terminateService(service: Service, why: EndReason, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const current = await Service.query().findById(service.id).forUpdate().throwIfNotFound()
    if (current.isOver) return
    await current.become('terminated', { terminatedAt: now, nextAttemptAt: null })
    await driverOf(current).terminate?.(current, now)
    for (const subscription of await Subscription.query().where({ serviceId: current.id }).whereNot('status', 'ended').orderBy('id')) await endSubscription(trx, subscription, now, why)
    await record('service.terminated', current, { why }, { userId: current.userId })
  })
}
