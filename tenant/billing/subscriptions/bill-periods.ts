/** The renewal invoice: every period of one customer, currency and day, on one invoice. */
import type { Knex } from 'knex'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { draftInvoice, type NewLine } from '../invoices/draft-invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import type { Span } from '../../../shared/time/period.js'
import { invoiceDay, periodFrom, termsAt, wantsPeriod, type Lead, type PeriodTerms } from './billing-plan.js'
import { namesOf, recurringLine } from './line-names.js'
import { boundPassed, parkSubscription } from './park-subscription.js'
import type { Subscription } from './subscription.js'
import type { Change } from './subscription-change.js'

/** What one look at a customer's subscriptions found. */
export interface Affairs {
  readonly subscriptions: readonly Subscription[]
  readonly changes: ReadonlyMap<number, Change>
  readonly lead: Lead
  readonly now: Date
}

interface Due {
  readonly subscription: Subscription
  readonly terms: PeriodTerms
  readonly period: Span
}

/** Bills the period of `first` that is due, together with those of the customer's other subscriptions that fall on the same day. */
export async function billGroup(trx: Knex.Transaction, first: Subscription, affairs: Affairs): Promise<void> {
  const day = invoiceDay(first, first.billedUntil!)
  const others = affairs.subscriptions.filter((s) => s.currency === first.currency && s.billedUntil && wantsPeriod(s, s.billedUntil) && invoiceDay(s, s.billedUntil) === day)
  const due = others.map((subscription) => dueOf(subscription, affairs))
  const lines: NewLine[] = []
  const dueAt: number[] = []
  for (const each of due) {
    const line = await lineFor(trx, each, affairs.now)
    if (line === 'parked') continue
    await each.subscription.$query().patch({ billedUntil: each.period.end, ...(line === null ? { paidUntil: each.period.end } : {}) })
    if (line && line !== 'billed') lines.push(line)
    dueAt.push(each.period.start.getTime())
  }
  if (lines.length) await issueRenewal(trx, first, day, lines, new Date(Math.max(affairs.now.getTime(), Math.min(...dueAt))), affairs.now)
}

function dueOf(subscription: Subscription, { changes }: Affairs): Due {
  const start = subscription.billedUntil!
  const terms = termsAt(subscription, changes.get(subscription.id)?.scheduled ?? null, start)
  return { subscription, terms, period: periodFrom(terms, start) }
}

/** Null: it costs nothing. `billed`: the period stands on an invoice already. `parked`: a safety bound was passed, a person must look. */
async function lineFor(trx: Knex.Transaction, { subscription, terms, period }: Due, now: Date): Promise<NewLine | null | 'billed' | 'parked'> {
  const overlapping = await InvoiceLine.query().where({ subscriptionId: subscription.id, kind: 'recurring' }).whereNull('releasedAt').where('periodStart', '<', period.end).where('periodEnd', '>', period.start)
  if (overlapping.length === 1 && overlapping[0]!.periodStart!.getTime() === period.start.getTime() && overlapping[0]!.periodEnd!.getTime() === period.end.getTime()) return 'billed'
  const bound = overlapping.length ? 'A period is already billed in part or twice.' : await boundPassed(subscription.id, period.start, now)
  if (bound) {
    await parkSubscription(trx, subscription, bound, now)
    return 'parked'
  }
  if (terms.amountMinor === 0) return null
  return recurringLine(subscription, terms, await namesOf(subscription, terms.planId), period)
}

/** Due when the period starts; after a downtime, now. */
async function issueRenewal(trx: Knex.Transaction, { userId, currency }: Subscription, day: string, lines: NewLine[], dueAt: Date, now: Date): Promise<void> {
  const businessKey = await freeKey(`renewal:${userId}:${currency}:${day}`)
  const { invoice } = await draftInvoice(trx, { businessKey, userId, kind: 'renewal', currency, lines, dueAt, collectAt: dueAt, period: lines[0]!.period ?? null })
  await issueInvoice(invoice, now)
}

/** A second invoice of the same day (something was added since) counts on: `…:2`. The customer's row is held. */
export async function freeKey(wanted: string): Promise<string> {
  for (let n = 1; ; n++) {
    const key = n === 1 ? wanted : `${wanted}:${n}`
    if (!(await Invoice.query().findOne({ businessKey: key }).select('id'))) return key
  }
}
