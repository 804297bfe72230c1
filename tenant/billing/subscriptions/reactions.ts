/** What subscriptions do when something happens to their invoices, or to the price of their plan. Read by tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { clock } from '../../../shared/time/clock.js'
import { afterVoid, markPaid } from './activate-subscription.js'
import { mailCancelled, mailEnded } from './mailer.js'
import { schedulePriceMoves } from './price-move.js'

export function registerSubscriptionReactions(): void {
  on('invoice.paid', 'carry on its subscriptions', (event) => markPaid(event.subjectId!, clock.now()))
  on('invoice.voided', 'look at its subscriptions', (event) => afterVoid(event.subjectId!, clock.now()))
  on('plan.migration-requested', 'announce the new price', () => schedulePriceMoves(clock.now()))
  on('subscription.cancel-scheduled', 'write to the customer', (event) => mailCancelled(event.subjectId!, event.id))
  on('subscription.ended', 'write to the customer', (event) => mailEnded(event.subjectId!, event.id))
}
