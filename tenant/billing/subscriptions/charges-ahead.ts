/** What a customer is going to be charged in the next twelve months, by the same terms, discounts and taxes that will charge them. */
import { DateTime } from 'luxon'
import { Money } from '../../../shared/money/money.js'
import { divideRounded } from '../../../shared/money/rate.js'
import { nextMonth, type Period } from '../../../shared/time/period.js'
import { clock } from '../../../shared/time/clock.js'
import { priceLines, type ChargeLine } from '../charges/price-lines.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import { Invoice } from '../invoices/invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { monthSoFar, type MonthSoFar } from '../usage/month-so-far.js'
import { invoiceDay, periodFrom, termsAt, wantsPeriod } from './billing-plan.js'
import { calledBy, namesOf, recurringLine, type LineNames } from './line-names.js'
import { asCharge } from './propose-change.js'
import { Subscription } from './subscription.js'
import { Change } from './subscription-change.js'

export interface ChargeAhead {
  readonly at: Date
  readonly total: Money
  readonly discount: Money
  readonly tax: Money
  readonly parts: ReadonlyArray<{ readonly label: string; readonly amount: Money; readonly href: string | null }>
  /** `invoice`: issued already. `estimate`: metered use at the pace of this month. */
  readonly kind: 'invoice' | 'renewal' | 'estimate'
}
interface Coming {
  readonly at: Date
  readonly currency: string
  readonly lines: Array<{ line: ChargeLine; label: string; href: string }>
}

/** Ordered by day. `months`: how far to look. `soFar`: what this month has come to, `open`: the open invoices by due date, when the caller knows. */
export async function chargesAhead(userId: number, now = clock.now(), months = 12, { soFar, open }: { soFar?: MonthSoFar; open?: readonly Invoice[] } = {}): Promise<ChargeAhead[]> {
  const until = DateTime.fromJSDate(now, { zone: 'utc' }).plus({ months }).toJSDate()
  const all = [...(await openInvoices(userId, now, open)), ...(await renewals(userId, now, until)), ...(await usage(userId, soFar ?? (await monthSoFar(userId, now)), now, until))]
  return all.sort((a, b) => a.at.getTime() - b.at.getTime())
}

async function openInvoices(userId: number, now: Date, known?: readonly Invoice[]): Promise<ChargeAhead[]> {
  const open = known ?? (await Invoice.query().where({ userId, status: 'open' }).orderBy('dueAt'))
  return open.filter((i) => i.balance.isPositive()).map((i) => ({
    at: i.dueAt && i.dueAt > now ? i.dueAt : now, total: i.balance, discount: Money.of(i.discountMinor, i.currency), tax: Money.of(i.taxMinor, i.currency), kind: 'invoice' as const,
    parts: [{ label: `Invoice ${i.label}`, amount: i.balance, href: `/invoices/${i.publicId}` }],
  }))
}

async function renewals(userId: number, now: Date, until: Date): Promise<ChargeAhead[]> {
  const subscriptions = await Subscription.query().where({ userId }).whereIn('status', ['active', 'trialing']).orderBy('id')
  if (!subscriptions.length) return []
  const changes = await Change.scheduledFor(subscriptions.map((s) => s.id))
  const groups = new Map<string, Coming>()
  for (const subscription of subscriptions) await collect(groups, subscription, changes.get(subscription.id), now, until)
  const priced = []
  for (const { at, currency, lines } of groups.values()) {
    const charge = await priceLines({ userId, currency, lines: lines.map((l) => l.line), now: at })
    const parts = lines.map(({ line, label, href }) => ({ label, amount: Money.of(line.amountMinor, currency), href }))
    priced.push({ at, total: charge.total, discount: charge.discount, tax: charge.tax, parts, kind: 'renewal' as const })
  }
  return priced
}

async function collect(groups: Map<string, Coming>, subscription: Subscription, change: Change | undefined, now: Date, until: Date): Promise<void> {
  const names = new Map<number, LineNames>()
  let start = subscription.billedUntil
  for (let ahead = 0; start && start < until && wantsPeriod(subscription, start); ahead++) {
    const terms = termsAt(subscription, change?.scheduled ?? null, start)
    const period = periodFrom(terms, start)
    if (!names.has(terms.planId)) names.set(terms.planId, await namesOf(subscription, terms.planId))
    const line: NewLine = recurringLine(subscription, terms, names.get(terms.planId)!, period)
    const key = `${subscription.currency}:${invoiceDay(subscription, start)}`
    const group = groups.get(key) ?? { at: start > now ? start : now, currency: subscription.currency, lines: [] }
    if (terms.amountMinor > 0) groups.set(key, group)
    group.lines.push({ line: { ...asCharge(line), periodsAhead: ahead }, label: calledBy(names.get(terms.planId)!), href: `/subscriptions/${subscription.publicId}` })
    start = period.end
  }
}

/** Metered use so far, stretched to the month's end, and as much for each month after it. */
async function usage(userId: number, { period, amount, unbilled }: MonthSoFar, now: Date, until: Date): Promise<ChargeAhead[]> {
  if (!amount.isPositive()) return []
  const { timeZone, billingAnchorDay } = await billedCustomer(userId)
  const elapsed = Math.max(1, Math.floor((now.getTime() - period.start.getTime()) / 1000))
  const estimates: ChargeAhead[] = []
  for (let month: Period = period; month.end <= until; month = nextMonth(month, timeZone, billingAnchorDay)) {
    const seconds = Math.floor((month.end.getTime() - month.start.getTime()) / 1000)
    const billed = month === period ? amount.minor - unbilled.minor : 0   // interim invoices of this month
    const minor = Number(divideRounded(BigInt(amount.minor) * BigInt(seconds), BigInt(elapsed))) - billed
    const charge = await priceLines({ userId, currency: amount.currency, lines: [{ key: month.key, kind: 'usage', amountMinor: minor }], now: month.end })
    estimates.push({ at: month.end, total: charge.total, discount: charge.discount, tax: charge.tax, kind: 'estimate', parts: [{ label: 'Use by the hour, at this month’s pace', amount: Money.of(minor, amount.currency), href: '/services' }] })
  }
  return estimates
}
