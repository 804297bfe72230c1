/** Safety bounds: what no honest run does. Then nothing more is billed until a person has looked. */
import type { Knex } from 'knex'
import { alert } from '../../../shared/alerts/alert.js'
import { Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import type { Subscription } from './subscription.js'

/** New lines of one subscription whose time begins within the same day. Missed periods have days of their own, so catching up is no alarm. */
export const mostLinesADay = 15
/** Periods of one subscription billed within a day: more than a year of weeks was never missed honestly. */
export const mostCaughtUp = 60

/** Why the next line must not be made; null when all is well. Counts what stands on invoices (taken back or not) before this line. */
export async function boundPassed(subscriptionId: number, start: Date, now: Date): Promise<string | null> {
  const day = 86_400_000
  const sameDay = await InvoiceLine.query().where({ subscriptionId }).where('periodStart', '>', new Date(start.getTime() - day)).where('periodStart', '<', new Date(start.getTime() + day)).resultSize()
  if (sameDay >= mostLinesADay) return `More than ${mostLinesADay} new lines in one day.`
  const today = await InvoiceLine.query().where({ subscriptionId }).where('createdAt', '>', new Date(now.getTime() - day)).resultSize()
  return today >= mostCaughtUp ? `More than ${mostCaughtUp} periods billed in one day.` : null
}

/** Inside the caller's transaction. */
export async function parkSubscription(_trx: Knex.Transaction, subscription: Subscription, reason: string, now: Date): Promise<void> {
  await subscription.$query().patch({ parkedAt: now, parkedReason: reason })
  await record('subscription.parked', subscription, { reason, serviceId: subscription.serviceId }, { userId: subscription.userId })
  await alert({ level: 'error', title: 'A subscription is parked', message: `${reason} Nothing more is billed for it until somebody has looked.`, fields: { shop: currentTenant().slug, subscription: subscription.publicId } })
}

/** Staff has looked: billing goes on where it stopped. */
export async function unparkSubscription(subscription: Subscription, now = clock.now()): Promise<void> {
  if (!subscription.parkedAt) throw new Refusal('subscription.not-parked', 'This subscription is not parked.')
  await tenantTransaction(async () => {
    await subscription.$query().patch({ parkedAt: null, parkedReason: null })
    await record('subscription.unparked', subscription, { at: now.toISOString() }, { userId: subscription.userId })
  })
}
