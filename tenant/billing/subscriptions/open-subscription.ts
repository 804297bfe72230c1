/** The agreement is written down with the order: pending until its first invoice is paid. Price, anchor and zone are frozen here. */
import type { Knex } from 'knex'
import { newPublicId } from '../../../shared/security/token.js'
import { localMidnight } from '../../../shared/time/local-date.js'
import { boundary } from '../../../shared/time/period.js'
import type { Plan } from '../../catalog/plan.js'
import type { PricedSelection } from '../../catalog/price-selection.js'
import { isRenewing } from '../../catalog/cycle.js'
import { anchorOn, dayOf, periodAround, type Anchored } from './billing-plan.js'
import { Subscription } from './subscription.js'

export interface Opening {
  readonly userId: number
  readonly plan: Plan
  readonly priced: PricedSelection
  /** Of an add-on: what it belongs to. It shares the parent's periods when its product follows and the cycles are the same. */
  readonly parentId?: number | null
  readonly serviceId?: number | null
  /** Does it begin with the product's free days? */
  readonly trial: boolean
  readonly now: Date
  /** The customer's; periods begin at its midnight, for good. */
  readonly timeZone: string
}
type Start = Partial<Subscription> & Pick<Subscription, 'startedOn' | 'anchorDay' | 'anchoredAt'>

/** Inside the transaction of the order. */
export async function openSubscription(_trx: Knex.Transaction, opening: Opening): Promise<Subscription> {
  const { userId, plan, priced, serviceId = null, timeZone } = opening
  const parent = opening.parentId ? await Subscription.findOwned<Subscription>({ id: opening.parentId, userId }) : null
  const follows = parent !== null && priced.product.followsParent && (!isRenewing(plan.billingCycle) || parent.billingCycle === plan.billingCycle)
  const zone = follows ? parent.timeZone : timeZone
  const start = follows && isRenewing(plan.billingCycle) ? withParent(parent, opening.now) : byItself(plan, zone, opening)
  return Subscription.query().insertAndFetch({
    publicId: newPublicId(), userId, planId: plan.id, planVersion: plan.version, productId: plan.productId, parentId: follows ? parent.id : null, serviceId, status: 'pending', billingCycle: plan.billingCycle,
    currency: plan.currency, quantity: priced.selection.quantity, selection: priced.selection, items: priced.items, amountMinor: priced.recurring.minor, setupMinor: priced.setup.minor, timeZone: zone, ...start,
  })
}

function byItself(plan: Plan, timeZone: string, { priced, trial, now }: Opening): Start {
  const days = trial ? priced.product.trialDays : 0
  const today = anchorOn(now, timeZone)
  if (!isRenewing(plan.billingCycle)) return today
  if (days) {
    const trialEnd = trialEndOf(now, days, timeZone)
    const after = anchorOn(trialEnd, timeZone)
    return { ...after, trialEnd, currentPeriodStart: now, currentPeriodEnd: trialEnd, billedUntil: trialEnd, minimumUntil: minimumEnd({ ...after, timeZone }, priced.product.minTermMonths) }
  }
  const anchored: Anchored = { ...today, billingCycle: plan.billingCycle, timeZone }
  const first = periodAround(anchored, now)
  return { ...today, currentPeriodStart: first.start, currentPeriodEnd: first.end, billedUntil: first.end, minimumUntil: minimumEnd(anchored, priced.product.minTermMonths) }
}

/** The rest of the parent's period first, then in step with it. A parent that is in its trial takes the add-on along. */
function withParent(parent: Subscription, now: Date): Start {
  const { startedOn, anchorDay, anchoredAt, currentPeriodEnd, trialEnd } = parent
  const inTrial = trialEnd !== null && now < trialEnd
  const isFirst = parent.status === 'pending' && parent.currentPeriodStart !== null
  return {
    startedOn, anchorDay, anchoredAt, trialEnd: inTrial ? trialEnd : null, currentPeriodStart: inTrial || !isFirst ? now : parent.currentPeriodStart, currentPeriodEnd, billedUntil: currentPeriodEnd,
  }
}

/** A trial that begins at `start` ends with the last of its local days. */
export const trialEndOf = (start: Date, days: number, timeZone: string): Date => localMidnight(dayAfter(anchorOn(start, timeZone).startedOn, days), timeZone)

const dayAfter = (day: string, days: number) => {
  const { year, month, day: d } = dayOf(day)
  const later = new Date(Date.UTC(year, month - 1, d + days))
  return { year: later.getUTCFullYear(), month: later.getUTCMonth() + 1, day: later.getUTCDate() }
}

/** The anchor's day, so many months on; null without a minimum term. */
export function minimumEnd(of: Pick<Anchored, 'startedOn' | 'anchorDay' | 'timeZone'>, months: number): Date | null {
  return months ? localMidnight(boundary({ startedOn: dayOf(of.startedOn), anchorDay: of.anchorDay, timeZone: of.timeZone, cycle: 'monthly' }, months), of.timeZone) : null
}
