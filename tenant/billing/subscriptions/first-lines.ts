/** What the first invoice asks for a new subscription: its setup fees, and its first period unless it begins with a trial. */
import { formatDate } from '../../../shared/views/format.js'
import { isRenewing } from '../../catalog/cycle.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import { periodAround } from './billing-plan.js'
import { calledBy, lineOf, namesOf, recurringKey, spanText, type LineNames } from './line-names.js'
import { prorationOf, restOf } from './proration.js'
import type { Subscription } from './subscription.js'

/** The lines for the order's invoice. Ask when the subscription knows its service (for the name on the lines). */
export async function firstLines(subscription: Subscription, now: Date): Promise<NewLine[]> {
  return linesAtStart(subscription, await namesOf(subscription, subscription.planId), now)
}

/**
 * Pure. Never empty: a trial without a setup fee, and what is free, stand there with 0, so that the invoice shows them and its payment starts them.
 * An add-on that joins in mid-period pays the rest of it by the second.
 */
export function linesAtStart(subscription: Subscription, names: LineNames, now: Date): NewLine[] {
  const inTrial = subscription.trialEnd !== null && now < subscription.trialEnd
  const setup = subscription.setupMinor || inTrial ? [setupLine(subscription, names, inTrial)] : []
  return inTrial ? setup : [...setup, firstPeriod(subscription, names)]
}

function setupLine(subscription: Subscription, names: LineNames, inTrial: boolean): NewLine {
  const until = inTrial ? formatDate(subscription.trialEnd!, subscription.timeZone, names.locale) : ''
  const what = inTrial ? `free until ${until}${subscription.setupMinor ? ', setup' : ''}` : 'setup'
  return lineOf(subscription, subscription, names, { businessKey: `sub:${subscription.id}:setup`, kind: 'setup', amountMinor: subscription.setupMinor, description: `${calledBy(names)}: ${what}` })
}

function firstPeriod(subscription: Subscription, names: LineNames): NewLine {
  const items = subscription.items
  if (!isRenewing(subscription.billingCycle) || !subscription.currentPeriod) {
    return lineOf(subscription, subscription, names, { businessKey: `sub:${subscription.id}:once`, kind: 'recurring', amountMinor: subscription.amountMinor, detail: { items }, description: calledBy(names) })
  }
  const period = subscription.currentPeriod
  const whole = periodAround(subscription, period.start)
  const part = period.start > whole.start
  return lineOf(subscription, subscription, names, {
    businessKey: recurringKey(subscription.id, period.start), kind: 'recurring', period, amountMinor: restOf(subscription.amountMinor, whole, period.start),
    detail: { items, ...(part ? { proration: prorationOf(subscription.amountMinor, whole, period.start) } : {}) },
    description: `${calledBy(names)}: ${spanText(period, subscription.timeZone, names.locale)}`,
  })
}
