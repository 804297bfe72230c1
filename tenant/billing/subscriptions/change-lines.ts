/**
 * What a change in mid-period costs. Pure. Each billed stretch of time that is not over is closed at the instant of the change: paid, its rest comes back as
 * `change-credit`; unpaid, its line is cut to what was used, and no credit is given. The rest is charged anew at the new price, by the second over the whole period.
 */
import type { Span } from '../../../shared/time/period.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import { anchorAt, periodAround } from './billing-plan.js'
import { creditKey, isOpen, usedPart, type BilledLine } from './billed-lines.js'
import { calledBy, lineOf, recurringLine, spanText, type LineNames } from './line-names.js'
import { prorationOf, restOf } from './proration.js'
import type { Subscription } from './subscription.js'
import type { Terms } from './subscription-change.js'
import type { Worth } from './worth.js'

export interface Member {
  readonly subscription: Subscription
  readonly names: LineNames
  readonly next: Terms
  readonly nextNames: LineNames
  /** Of options that were not there before; never prorated. */
  readonly setupMinor: number
  readonly billed: readonly BilledLine[]
  /** What comes back of paid lines, by line id. */
  readonly worth: ReadonlyMap<number, Worth>
}
export interface ChangeBill {
  /** Of the new invoice. */
  readonly lines: NewLine[]
  /** On open invoices: what stands in place of a line. */
  readonly replacements: Array<{ readonly old: BilledLine; readonly by: NewLine[] }>
  /** What the subscription's row becomes besides its terms. */
  readonly patch: Partial<Subscription>
}

/** At `t`, for one subscription. In a trial no period was billed and none is; setup of new options is asked at once, as it was at the order. */
export function changeBill(member: Member, t: Date): ChangeBill {
  const { subscription, next } = member
  if (subscription.status === 'trialing') return { lines: setup(member, t), replacements: [], patch: {} }
  return next.billingCycle === subscription.billingCycle ? sameCycle(member, t) : newCycle(member, t)
}

function sameCycle(member: Member, t: Date): ChangeBill {
  const { subscription, billed } = member
  const bill: ChangeBill = { lines: [], replacements: [], patch: subscription.amountMinor === 0 ? { billedUntil: subscription.currentPeriodEnd } : {} }
  for (const each of billed) {
    const from = t > each.span.start ? t : each.span.start
    const rest = { start: from, end: each.span.end }
    if (isOpen(each)) bill.replacements.push({ old: each, by: [...usedLines(subscription, member.names, each, t), ...charge(member, rest, each)] })
    else bill.lines.push(credit(member, each, t), ...charge(member, rest))
  }
  const current = subscription.currentPeriod
  if (current && t < current.end && !billed.some((b) => b.span.start <= t)) bill.lines.push(...charge(member, { start: t, end: current.end }))
  bill.lines.push(...setup(member, t))
  return bill
}

/** Closes what is going on at `t` and opens a whole new period there. */
function newCycle(member: Member, t: Date): ChangeBill {
  const { subscription, next, nextNames, billed } = member
  const anchor = anchorAt(t, subscription.timeZone)
  const period = periodAround({ ...anchor, billingCycle: next.billingCycle, timeZone: subscription.timeZone }, t)
  const replacements = billed.filter(isOpen).map((old) => ({ old, by: usedLines(subscription, member.names, old, t) }))
  const lines = [...billed.filter((each) => !isOpen(each)).map((each) => credit(member, each, t)), ...(next.amountMinor ? [recurringLine(subscription, next, nextNames, period)] : []), ...setup(member, t)]
  return { lines, replacements, patch: { ...anchor, currentPeriodStart: period.start, currentPeriodEnd: period.end, billedUntil: period.end } }
}

/** From what was billed and paid, after its discount; taxed as the line it undoes. With 0 where nothing comes back: it closes the stretch, so that no later change counts it again. */
function credit({ subscription, names, worth }: Member, billed: BilledLine, t: Date): NewLine {
  const amount = worth.get(billed.line.id)?.baseMinor ?? 0
  const period = { start: t > billed.span.start ? t : billed.span.start, end: billed.span.end }
  const { taxes } = billed.line.detail
  return lineOf(subscription, subscription, names, {
    businessKey: creditKey(subscription.id, billed.line.id), kind: 'change-credit', amountMinor: 0 - amount, period, description: `${calledBy(names)}, not used: ${spanText(period, subscription.timeZone, names.locale)}`,
    detail: { ...(amount ? { proration: prorationOf(billed.baseMinor, billed.span, t) } : {}), ...(amount && taxes ? { taxes } : {}) },
  })
}

/** The rest of a period under the new terms. A whole period that is still to come is billed as one. */
function charge({ subscription, next, nextNames }: Member, rest: Span, inPlaceOf?: BilledLine): NewLine[] {
  const whole = periodAround(subscription, rest.start)
  const amountMinor = restOf(next.amountMinor, whole, rest.start)
  if (amountMinor === 0) return []
  if (inPlaceOf?.line.kind === 'recurring' && whole.start.getTime() === rest.start.getTime()) return [recurringLine(subscription, next, nextNames, rest)]
  return [lineOf(subscription, next, nextNames, {
    businessKey: `sub:${subscription.id}:change-charge:${rest.start.toISOString()}`, kind: 'change-charge', amountMinor, period: rest, description: `${calledBy(nextNames)}: ${spanText(rest, subscription.timeZone, nextNames.locale)}`,
    detail: { items: next.items, proration: prorationOf(next.amountMinor, whole, rest.start) },
  })]
}

/** What was used of an unpaid line. */
export function usedLines(subscription: Subscription, names: LineNames, billed: BilledLine, t: Date): NewLine[] {
  const amountMinor = usedPart(billed, t)
  if (amountMinor === 0) return []
  const period = { start: billed.span.start, end: t }
  const { proration, items } = billed.line.detail
  const seconds = (from: Date, to: Date): number => Math.floor(to.getTime() / 1000) - Math.floor(from.getTime() / 1000)
  const whole = proration ?? { wholeMinor: billed.line.amountMinor, ofSeconds: seconds(billed.span.start, billed.span.end) }
  return [lineOf(subscription, subscription, names, {
    businessKey: billed.line.businessKey, kind: billed.line.kind, amountMinor, period, description: `${calledBy(names)}: ${spanText(period, subscription.timeZone, names.locale)}`,
    detail: { ...(items ? { items } : {}), proration: { ...whole, seconds: seconds(billed.span.start, t) } },
  })]
}

function setup({ subscription, next, nextNames, setupMinor }: Member, t: Date): NewLine[] {
  if (setupMinor === 0) return []
  return [lineOf(subscription, next, nextNames, { businessKey: `sub:${subscription.id}:setup:${t.toISOString()}`, kind: 'setup', amountMinor: setupMinor, description: `${calledBy(nextNames)}: setup of new options` })]
}
