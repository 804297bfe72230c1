/**
 * What is billed to a subscription that does not want it (any more). Its own row says from when on: whoever ends, cancels or pauses it writes that down and calls
 * `withdrawUnwanted`; the hourly run looks again, so that what had to wait for a payment's result, or what nobody thought of, does not stay.
 */
import { alert } from '../../../shared/alerts/alert.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { Invoice } from '../invoices/invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { Subscription } from './subscription.js'
import { takeOff } from './take-off.js'

/** Periods that begin at this instant or later are not wanted; null: it goes on. What never began wants nothing at all. Pure. */
export function unwantedFrom(s: Pick<Subscription, 'status' | 'startedAt' | 'endedAt' | 'pausedAt' | 'cancelAt' | 'pauseAt'>): Date | null {
  if (s.status === 'ended') return s.startedAt ? s.endedAt : new Date(0)
  if (s.status === 'paused') return s.pausedAt
  if (s.cancelAt && s.pauseAt) return s.cancelAt < s.pauseAt ? s.cancelAt : s.pauseAt
  return s.cancelAt ?? s.pauseAt
}

/** Setup fees and what is bought once have no period: they are not wanted when nothing of it is. */
function isUnwanted(subscription: Subscription, line: InvoiceLine): boolean {
  const from = unwantedFrom(subscription)
  if (!from || line.kind === 'change-credit') return false
  return line.periodStart ? line.periodStart >= from : from.getTime() === 0
}

/** Inside the caller's transaction: lines that are not wanted go off their open invoices. Those of which a payment is under way stay until its result is known. */
export async function withdrawUnwanted(subscriptions: readonly Subscription[], reason: string, now: Date): Promise<void> {
  const own = new Map(subscriptions.map((s) => [s.id, s]))
  const billed = await InvoiceLine.query().whereIn('subscriptionId', [...own.keys()]).whereNull('releasedAt').whereIn('invoiceId', Invoice.query().where({ status: 'open' }).select('id')).orderBy('invoiceId').orderBy('periodStart').orderBy('id')
  const lines = billed.filter((line) => isUnwanted(own.get(line.subscriptionId!)!, line))
  for (const invoice of await Invoice.query().whereIn('id', lines.map((line) => line.invoiceId)).orderBy('id')) {
    await takeLinesOff(invoice, lines.filter((line) => line.invoiceId === invoice.id), own, reason, now)
  }
}

async function takeLinesOff(invoice: Invoice, lines: readonly InvoiceLine[], own: ReadonlyMap<number, Subscription>, reason: string, now: Date): Promise<void> {
  if (!(await takeOff(invoice, lines.map((line) => ({ line, by: [], usedUntil: null })), reason, now))) return
  for (const subscription of own.values()) {
    const starts = lines.filter((line) => line.subscriptionId === subscription.id && line.kind === 'recurring' && line.periodStart).map((line) => line.periodStart!)
    const first = starts.sort((a, b) => a.getTime() - b.getTime())[0]
    if (first && subscription.billedUntil && subscription.billedUntil > first) await subscription.$query().patch({ billedUntil: first })
  }
}

/** Money has come for what is not wanted any more (its payment was under way when the customer left): it becomes credit. Returns the lines that are wanted. Inside the caller's transaction. */
export async function creditUnwanted(subscription: Subscription, invoice: Invoice, lines: readonly InvoiceLine[], now: Date): Promise<InvoiceLine[]> {
  // What was paid ahead before the end stays paid.
  const before = subscription.startedAt && subscription.endedAt && invoice.paidAt && invoice.paidAt < subscription.endedAt
  const unwanted = before ? [] : lines.filter((line) => line.releasedAt === null && isUnwanted(subscription, line))
  if (unwanted.length) {
    await takeLinesOff(invoice, unwanted, new Map([[subscription.id, subscription]]), 'Paid after it was cancelled', now)
    await alert({ level: 'warning', title: 'A payment came for what was cancelled', message: `Invoice ${invoice.label} was paid after its subscription was cancelled. The money is the customer’s credit now; refund it where they want it back.`, fields: { shop: currentTenant().slug, invoice: invoice.publicId, subscription: subscription.publicId } })
  }
  return lines.filter((line) => !unwanted.includes(line))
}

/** The hourly run. */
export async function withdrawLeftovers(now: Date): Promise<void> {
  const rows = await tenantDb()('invoice_lines as l').join('invoices as i', 'i.id', 'l.invoice_id').join('subscriptions as s', 's.id', 'l.subscription_id').where('i.status', 'open').whereNull('l.released_at').whereNot('l.kind', 'change-credit')
    .where((q) => void q.where((ended) => void ended.where('s.status', 'ended').where((e) => void e.whereNull('s.started_at').orWhereRaw('l.period_start >= s.ended_at')))
      .orWhere((paused) => void paused.where('s.status', 'paused').whereRaw('l.period_start >= s.paused_at')).orWhere((live) => void live.whereIn('s.status', ['active', 'trialing']).whereRaw('(l.period_start >= s.cancel_at or l.period_start >= s.pause_at)')))
    .distinct('s.id', 's.user_id').orderBy('s.id') as Array<{ id: number; user_id: number }>
  for (const row of rows) await tenantTransaction(async () => {
    await billedCustomer(row.user_id, true)
    await withdrawUnwanted([await Subscription.findOwned<Subscription>({ id: row.id })], 'Cancelled', now)
  })
}
