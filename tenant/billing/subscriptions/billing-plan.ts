/** Which period comes when, under which terms, and when it is billed. Pure: the same rows and the same instant give the same answer, however often it is asked. */
import { localDateOf, localMidnight, type LocalDate } from '../../../shared/time/local-date.js'
import { periodAt, type Anchor, type Cycle, type RenewingCycle, type Span } from '../../../shared/time/period.js'
import { isRenewing } from '../../catalog/cycle.js'
import type { Subscription } from './subscription.js'
import type { Scheduled, Terms } from './subscription-change.js'

/** Where periods are counted from. */
export interface Anchored {
  readonly billingCycle: Cycle
  /** `yyyy-mm-dd`. */
  readonly startedOn: string
  readonly anchorDay: number
  readonly timeZone: string
  readonly anchoredAt: Date
}

export const dayText = (d: LocalDate): string => `${d.year}-${String(d.month).padStart(2, '0')}-${String(d.day).padStart(2, '0')}`
export function dayOf(text: string): LocalDate {
  const [year, month, day] = text.split('-').map(Number)
  return { year: year!, month: month!, day: day! }
}
export const localDay = (instant: Date, timeZone: string): string => dayText(localDateOf(instant, timeZone))

/** An anchor for periods that begin at this instant. `anchorDay`: kept where a cycle ends on its own (a 31st stays one); otherwise the day itself. */
export function anchorAt(instant: Date, timeZone: string, anchorDay?: number): Pick<Anchored, 'startedOn' | 'anchorDay' | 'anchoredAt'> {
  const day = localDateOf(instant, timeZone)
  return { startedOn: dayText(day), anchorDay: anchorDay ?? day.day, anchoredAt: instant }
}

/** The anchor of a new agreement: its first period begins with the local day. */
export function anchorOn(instant: Date, timeZone: string): Pick<Anchored, 'startedOn' | 'anchorDay' | 'anchoredAt'> {
  return anchorAt(localMidnight(localDateOf(instant, timeZone), timeZone), timeZone)
}

function anchorOf(of: Anchored): Anchor {
  return { startedOn: dayOf(of.startedOn), anchorDay: of.anchorDay, timeZone: of.timeZone, cycle: of.billingCycle as RenewingCycle }
}

/** The period that begins at `start`, which is where the last one ended (or the anchor's first instant). Throws for cycles without periods. */
export function periodFrom(of: Anchored, start: Date): Span {
  if (!isRenewing(of.billingCycle)) throw new RangeError(`A ${of.billingCycle} plan has no periods.`)
  return { start, end: periodAt(anchorOf(of), start).end }
}

/** The whole period around an instant: its start is the anchor's own where a change began it in mid-day. */
export function periodAround(of: Anchored, instant: Date): Span {
  const { start, end } = periodAt(anchorOf(of), instant)
  return { start: start < of.anchoredAt ? of.anchoredAt : start, end }
}

/** What a period is billed by. */
export type PeriodTerms = Terms & Anchored

/** The terms of the period that begins at `start`: those of a change that is in effect by then. */
export function termsAt(subscription: Subscription, change: Scheduled | null, start: Date): PeriodTerms {
  const { planId, planVersion, productId, billingCycle, quantity, selection, items, amountMinor, timeZone, startedOn, anchorDay, anchoredAt } = subscription
  const now = { planId, planVersion, productId, billingCycle, quantity, selection, items, amountMinor, timeZone, startedOn, anchorDay, anchoredAt }
  if (!change || start < change.effectiveAt) return now
  const moved = change.terms.billingCycle === billingCycle ? { startedOn, anchorDay, anchoredAt } : anchorAt(change.effectiveAt, timeZone, anchorDay)
  return { ...now, ...change.terms, ...moved }
}

/** Days before a period in which its invoice is made, and the zone in which the shop's days begin. */
export interface Lead {
  readonly days: number
  readonly shopZone: string
}

/** The first period after a trial is billed when the trial is over, not before: until then it costs nothing to leave. */
export const isFirstAfterTrial = (s: Subscription): boolean => s.trialEnd !== null && s.billedUntil?.getTime() === s.trialEnd.getTime()

/** The instant from which on the period that begins at `start` may be billed. Never after its start. */
export function issueAt(subscription: Subscription, start: Date, lead: Lead): Date {
  if (isFirstAfterTrial(subscription)) return start
  const day = localDateOf(start, subscription.timeZone)
  const early = new Date(Date.UTC(day.year, day.month - 1, day.day - lead.days))
  const instant = localMidnight({ year: early.getUTCFullYear(), month: early.getUTCMonth() + 1, day: early.getUTCDate() }, lead.shopZone)
  return instant < start ? instant : start
}

/** Periods with the same key stand on one invoice. The first one after a trial has its own. */
export function invoiceDay(subscription: Subscription, start: Date): string {
  const day = localDay(start, subscription.timeZone)
  return isFirstAfterTrial(subscription) ? `${day}:t${subscription.parentId ?? subscription.id}` : day
}

export type MomentKind = 'change' | 'bill' | 'trial-end' | 'end' | 'pause' | 'roll'
export interface Moment {
  readonly kind: MomentKind
  readonly at: Date
  readonly subscription: Subscription
}
const order: readonly MomentKind[] = ['change', 'bill', 'trial-end', 'end', 'pause', 'roll']

/** Does this subscription still want the period that begins at `start`? */
export const wantsPeriod = (s: Subscription, start: Date): boolean => (!s.cancelAt || start < s.cancelAt) && (!s.pauseAt || start < s.pauseAt)

/** Everything that is going to happen to a subscription by itself. */
export function momentsOf(s: Subscription, change: Scheduled | null, lead: Lead): Moment[] {
  if (!s.isLive || s.parkedAt) return []
  const all: Array<[MomentKind, Date | null]> = [
    ['change', change?.effectiveAt ?? null], ['bill', s.billedUntil && wantsPeriod(s, s.billedUntil) ? issueAt(s, s.billedUntil, lead) : null],
    ['trial-end', s.status === 'trialing' ? s.trialEnd : null], ['end', s.cancelAt], ['pause', s.pauseAt], ['roll', s.currentPeriodEnd],
  ]
  return all.flatMap(([kind, at]) => (at ? [{ kind, at, subscription: s }] : []))
}

/** What comes first, at or before `now`. Ties: in the order above, then the older subscription. */
export function firstMoment(moments: readonly Moment[], now: Date): Moment | null {
  const due = moments.filter((m) => m.at <= now)
  due.sort((a, b) => a.at.getTime() - b.at.getTime() || order.indexOf(a.kind) - order.indexOf(b.kind) || a.subscription.id - b.subscription.id)
  return due[0] ?? null
}
