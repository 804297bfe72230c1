/** Coming periods that are billed already and are going to be billed otherwise come off the open invoices they stand on. */
import type { Invoice } from '../invoices/invoice.js'
import { billedAfter, isOpen, isPaid, type BilledLine } from './billed-lines.js'
import { rebillOpen } from './rebill-open.js'
import type { Subscription } from './subscription.js'

/** The end of what is paid or going on: a period that was paid ahead is not taken away. */
export async function lastWantedEnd(subscription: Subscription, now: Date): Promise<Date> {
  const current = subscription.currentPeriodEnd ?? now
  const paid = (await billedAfter(subscription, current)).filter(isPaid)
  return paid.reduce((end, line) => (line.span.end > end ? line.span.end : end), current)
}

/** Inside the caller's transaction: unpaid periods that begin at `from` or later are billed again by the next run. Throws Refusal once something was paid on them. */
export async function withdrawFrom(family: readonly Subscription[], from: Date, reason: string, now: Date): Promise<void> {
  const coming: BilledLine[] = []
  for (const subscription of family) {
    const own = (await billedAfter(subscription, from)).filter((line) => isOpen(line) && line.span.start >= from)
    coming.push(...own)
    if (own.length && subscription.billedUntil && subscription.billedUntil > from) await subscription.$query().patch({ billedUntil: own[0]!.span.start })
  }
  for (const [invoice, lines] of byInvoice(coming)) await rebillOpen(invoice, new Map(lines.map(({ line }) => [line.id, []])), reason, now)
}

/** One new invoice for each old one, however many lines change on it. */
export function byInvoice(lines: readonly BilledLine[]): Array<[Invoice, BilledLine[]]> {
  const groups = new Map<number, BilledLine[]>()
  for (const each of lines) groups.set(each.invoice.id, [...(groups.get(each.invoice.id) ?? []), each])
  return [...groups.values()].map((group) => [group[0]!.invoice, group])
}
