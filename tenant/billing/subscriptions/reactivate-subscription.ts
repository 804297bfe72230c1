/** Back within some days of the end, at the price that was agreed, as long as the service still exists. */
import { Refusal, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import type { Invoice } from '../invoices/invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { subscriptionRules } from './billing-rules.js'
import { beginAgain } from './pause-subscription.js'
import { Subscription } from './subscription.js'

/** Null when it may be taken up again. */
export async function refusalToReactivate(subscription: Subscription, now: Date): Promise<Refusal | null> {
  const refusal = subscription.refusalToReactivate(now, (await subscriptionRules.read()).reactivateDays)
  if (refusal || subscription.serviceId === null) return refusal
  const service = await tenantDb()('services').where({ id: subscription.serviceId }).first<{ status: string } | undefined>('status')
  return service?.status === 'terminated' ? new Refusal('subscription.service-gone', 'Its service is already deleted. Please order it anew.') : null
}

/** A new first period from now on, due at once. Add-ons that ended with it stay ended. Throws Refusal. */
export async function reactivateSubscription(given: Subscription, now = clock.now()): Promise<Invoice | null> {
  return tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    refuse(await refusalToReactivate(subscription, now))
    await subscription.$query().patch({ endedAt: null, endReason: null, cancelAt: null, trialEnd: null, minimumUntil: null })
    const invoice = await beginAgain(trx, [subscription], now)
    await record('subscription.reactivated', subscription, { serviceId: subscription.serviceId }, { userId: subscription.userId })
    return invoice
  })
}
