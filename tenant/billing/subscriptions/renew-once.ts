/** One act of a customer's subscriptions: the one that was due first. */
import type { Knex } from 'knex'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { billedCustomer } from '../invoices/parties.js'
import { firstMoment, momentsOf, periodFrom, termsAt, type Moment } from './billing-plan.js'
import { leadOf } from './billing-rules.js'
import { billGroup, type Affairs } from './bill-periods.js'
import { endSubscription } from './end-subscription.js'
import { giveBackOld } from './change-stock.js'
import { enterPause } from './pause-subscription.js'
import { Change } from './subscription-change.js'
import { Subscription } from './subscription.js'

/** False: nothing (more) is due. Holds the customer's row, so that two workers never bill the same customer at once. */
export async function renewOnce(userId: number, now: Date): Promise<boolean> {
  const lead = await leadOf()
  return tenantTransaction(async (trx) => {
    await billedCustomer(userId, true)
    const subscriptions = await Subscription.query().where({ userId }).whereIn('status', ['active', 'trialing']).whereNull('parkedAt').orderBy('id')
    const changes = await Change.scheduledFor(subscriptions.map((s) => s.id))
    const moment = firstMoment(subscriptions.flatMap((s) => momentsOf(s, changes.get(s.id)?.scheduled ?? null, lead)), now)
    if (!moment) return false
    await acts[moment.kind](trx, moment, { subscriptions, changes, lead, now })
    return true
  })
}

type Act = (trx: Knex.Transaction, moment: Moment, affairs: Affairs) => Promise<void>
const acts: Record<Moment['kind'], Act> = {
  bill: (trx, moment, affairs) => billGroup(trx, moment.subscription, affairs),
  change: (trx, { subscription }, { changes }) => takeEffect(trx, subscription, changes.get(subscription.id)!),
  'trial-end': async (_trx, { subscription }) => {
    await subscription.become('active')
    await record('subscription.trial-ended', subscription, { serviceId: subscription.serviceId }, { userId: subscription.userId })
  },
  end: (trx, { subscription, at }) => endSubscription(trx, subscription, at, 'cancelled'),
  pause: (_trx, { subscription, at }) => enterPause(subscription, at),
  roll: (_trx, { subscription }) => roll(subscription),
}

/** A change that waited for the end of a period. What it bills was billed by its terms already. */
async function takeEffect(trx: Knex.Transaction, subscription: Subscription, change: Change): Promise<void> {
  const { effectiveAt } = change
  const terms = termsAt(subscription, change.scheduled, effectiveAt)
  const before = { planId: subscription.planId, quantity: subscription.quantity }
  await change.become('applied')
  await giveBackOld(trx, subscription, terms)
  await subscription.$query().patch(terms)
  await record('subscription.changed', subscription, { kind: change.kind, before, planId: terms.planId, quantity: terms.quantity, serviceId: subscription.serviceId }, { userId: subscription.userId })
}

/** The clock has passed into the next period. */
async function roll(subscription: Subscription): Promise<void> {
  const start = subscription.currentPeriodEnd!
  const { end } = periodFrom(subscription, start)
  await subscription.$query().patch({ currentPeriodStart: start, currentPeriodEnd: end })
}

