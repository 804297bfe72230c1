/** What pages show of a subscription, the customer's and the desk's alike. Sums come from the rules that charge; nothing is added up here. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import type { Refusal } from '../../../shared/errors.js'
import { formatDate } from '../../../shared/views/format.js'
import { cycleNames, cycleUnits } from '../../catalog/cycle.js'
import { addonPlansOf } from '../../catalog/offered.js'
import { Plan } from '../../catalog/plan.js'
import { priceLines } from '../charges/price-lines.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { periodFrom, termsAt, wantsPeriod } from './billing-plan.js'
import { described } from './change-preview.js'
import { namesOf, recurringLine } from './line-names.js'
import { asCharge } from './propose-change.js'
import { refusalToReactivate } from './reactivate-subscription.js'
import { Subscription } from './subscription.js'
import { Change } from './subscription-change.js'

export interface ShownStatus { readonly value: string; readonly label: string }
export interface NextCharge {
  readonly at: Date
  /** With discount and tax. */
  readonly total: Money
  readonly invoice: { readonly publicId: string; readonly label: string } | null
}
export interface SubscriptionRow {
  readonly publicId: string
  readonly name: string
  readonly service: { readonly publicId: string; readonly name: string } | null
  readonly status: ShownStatus
  readonly price: Money
  readonly unit: string
  readonly next: NextCharge | null
  readonly createdAt: Date
}

/** The state in one word; what is going to happen says more than what is. */
export function shownStatus(s: Subscription, locale: string): ShownStatus {
  const day = (at: Date): string => formatDate(at, s.timeZone, locale, 'short')
  if (s.parkedAt) return { value: 'parked', label: 'Being checked' }
  if (s.isLive && s.cancelAt) return { value: 'scheduled', label: `Ends ${day(s.cancelAt)}` }
  if (s.isLive && s.pauseAt) return { value: 'scheduled', label: `Pauses ${day(s.pauseAt)}` }
  const words: Record<Subscription['status'], ShownStatus> = {
    pending: { value: 'pending', label: 'Waits for payment' }, trialing: { value: 'trial', label: 'Trial' }, active: { value: 'active', label: 'Active' }, paused: { value: 'suspended', label: 'Paused' }, ended: { value: 'terminated', label: 'Ended' },
  }
  return words[s.status]
}

export async function subscriptionRow(s: Subscription, locale: string, now: Date): Promise<SubscriptionRow> {
  const { planName } = await namesOf(s, s.planId)
  const service = s.serviceId === null ? undefined : await tenantDb()('services').where({ id: s.serviceId }).first<{ public_id: string; name: string } | undefined>('public_id', 'name')
  return {
    publicId: s.publicId, name: planName, service: service ? { publicId: service.public_id, name: service.name } : null, status: shownStatus(s, locale), price: s.amount, unit: cycleUnits[s.billingCycle],
    next: await nextCharge(s, (await Change.scheduledFor([s.id])).get(s.id) ?? null, now), createdAt: s.createdAt,
  }
}

/** What is paid next: an open invoice that holds it, or the period that is billed next. Null: nothing comes. */
export async function nextCharge(s: Subscription, change: Change | null, now: Date): Promise<NextCharge | null> {
  const open = await Invoice.query().where({ userId: s.userId, status: 'open' }).whereIn('id', InvoiceLine.query().where({ subscriptionId: s.id }).select('invoiceId')).orderBy('dueAt').first()
  if (open) return { at: open.dueAt ?? now, total: open.balance, invoice: { publicId: open.publicId, label: open.label } }
  return renewalAhead(s, change)
}

/** The period that is billed next, with discount and tax as they are now; null when none comes. */
export async function renewalAhead(s: Subscription, change: Change | null): Promise<NextCharge | null> {
  if (!s.isLive || !s.billedUntil || !wantsPeriod(s, s.billedUntil)) return null
  const terms = termsAt(s, change?.scheduled ?? null, s.billedUntil)
  const line = recurringLine(s, terms, await namesOf(s, terms.planId), periodFrom(terms, s.billedUntil))
  const { total } = await priceLines({ userId: s.userId, currency: s.currency, lines: [asCharge(line)], now: s.billedUntil })
  return { at: s.billedUntil, total, invoice: null }
}

export interface SubscriptionDetail extends SubscriptionRow {
  readonly cycle: string
  readonly quantity: number
  readonly items: ReadonlyArray<{ label: string; text: string; amount: Money }>
  readonly period: { readonly start: Date; readonly last: Date } | null
  readonly trialLast: Date | null
  readonly minimumUntil: Date | null
  readonly cancelAt: Date | null
  readonly pauseAt: Date | null
  readonly paidUntil: Date | null
  readonly endedAt: Date | null
  readonly isPending: boolean
  readonly timeZone: string
  readonly change: { readonly text: string; readonly at: Date; readonly price: Money; readonly canUndo: boolean; readonly isPrice: boolean } | null
  readonly addons: readonly SubscriptionRow[]
  readonly parent: { readonly publicId: string; readonly name: string } | null
  readonly invoices: ReadonlyArray<{ publicId: string; label: string; issuedAt: Date | null; total: Money; status: string }>
  /** There are add-ons that can be bought for it. */
  readonly addable: boolean
  readonly can: Readonly<Record<'change' | 'cancel' | 'undoCancel' | 'pause' | 'resume' | 'reactivate', boolean>>
}

const dayBefore = (end: Date): Date => new Date(end.getTime() - 1)

export async function subscriptionDetail(s: Subscription, locale: string, now: Date): Promise<SubscriptionDetail> {
  const change = (await Change.scheduledFor([s.id])).get(s.id) ?? null
  const parent = s.parentId === null ? null : await Subscription.findOwned<Subscription>({ id: s.parentId })
  const addons = await Subscription.query().where({ parentId: s.id }).orderBy('id')
  const invoices = await Invoice.query().whereNot({ status: 'draft' }).whereIn('id', InvoiceLine.query().where({ subscriptionId: s.id }).select('invoiceId')).orderBy('id', 'desc').limit(24)
  const allowed = (refusal: Refusal | null): boolean => refusal === null
  return {
    ...await subscriptionRow(s, locale, now), cycle: cycleNames[s.billingCycle], quantity: s.quantity,
    items: s.items.map((item) => ({ label: item.label, text: [item.quantity > 1 ? `${item.quantity} ×` : '', item.tier ? `tier ${item.tier}` : ''].filter(Boolean).join(' '), amount: Money.of(item.amountMinor, s.currency) })),
    period: s.currentPeriod && s.isLive && !(s.trialEnd && now < s.trialEnd) ? { start: s.currentPeriod.start, last: dayBefore(s.currentPeriod.end) } : null, trialLast: s.status === 'trialing' && s.trialEnd ? dayBefore(s.trialEnd) : null,
    minimumUntil: s.minimumUntil && s.minimumUntil > now ? s.minimumUntil : null, cancelAt: s.isLive ? s.cancelAt : null, pauseAt: s.isLive ? s.pauseAt : null, paidUntil: s.paidUntil, endedAt: s.endedAt, isPending: s.status === 'pending', timeZone: s.timeZone,
    change: change && { text: await described(s, change.scheduled.terms), at: change.effectiveAt, price: Money.of(change.scheduled.terms.amountMinor, s.currency), canUndo: allowed(change.refusalToUndo(now)), isPrice: change.kind === 'price' },
    addons: await Promise.all(addons.map((a) => subscriptionRow(a, locale, now))), parent: parent && { publicId: parent.publicId, name: (await namesOf(parent, parent.planId)).planName },
    invoices: invoices.map((i) => ({ publicId: i.publicId, label: i.label, issuedAt: i.issuedAt, total: i.total, status: i.isOverdue(now) ? 'overdue' : i.status })),
    addable: s.parentId === null && s.serviceId !== null && allowed(s.refusalToChange()) && (await addonPlansOf(await Plan.findOwned<Plan>({ id: s.planId }))).length > 0,
    can: {
      change: allowed(s.refusalToChange()), cancel: allowed(s.refusalToCancel()), undoCancel: allowed(s.refusalToUndoCancel(now)), pause: allowed(s.refusalToPause()), resume: allowed(s.refusalToResume()),
      reactivate: allowed(await refusalToReactivate(s, now)),
    },
  }
}
