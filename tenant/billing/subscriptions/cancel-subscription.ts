/** The customer leaves: at the end of what is paid, with the way back open until then, or at once. */
import { refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { createCreditNote } from '../invoices/credit-notes/create-credit-note.js'
import type { Invoice } from '../invoices/invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { periodAround } from './billing-plan.js'
import { billedAfter, cancelKey, isOpen } from './billed-lines.js'
import { subscriptionRules } from './billing-rules.js'
import { Cancellation, type CancelReason } from './cancellation.js'
import { endSubscription } from './end-subscription.js'
import { Subscription } from './subscription.js'
import { usedLines } from './change-lines.js'
import { dropScheduled } from './change-stock.js'
import { namesOf } from './line-names.js'
import { takeOff } from './take-off.js'
import { withdrawUnwanted } from './unwanted-periods.js'
import { byInvoice, lastWantedEnd } from './withdraw-periods.js'
import { worthAt } from './worth.js'

export interface CancelWish {
  readonly timing: 'now' | 'end'
  readonly reason?: CancelReason | null
  readonly comment?: string | null
  readonly by: 'customer' | 'staff'
  /** Of `now`: what staff gives back; customers get what the shop's rule says. */
  readonly refund?: 'none' | 'credit'
}

/** Day on which it ends when it is cancelled for the end: never before the minimum term is over. */
export async function endIfCancelled(subscription: Subscription, now: Date): Promise<Date> {
  if (subscription.status === 'paused' || !subscription.renews) return now
  const end = await lastWantedEnd(subscription, now)
  return subscription.minimumUntil && subscription.minimumUntil > end ? lastPeriodEnd(subscription, subscription.minimumUntil) : end
}

function lastPeriodEnd(subscription: Subscription, until: Date): Date {
  const { start, end } = periodAround(subscription, until)
  return start.getTime() === until.getTime() ? start : end
}

/** Throws Refusal. Returns the instant at which it ends. */
export async function cancelSubscription(given: Subscription, wish: CancelWish, now = clock.now()): Promise<Date> {
  return tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    const atOnce = subscription.endsAtOnce(wish.timing)
    refuse(atOnce && wish.by === 'customer' ? subscription.refusalToCancelNow(now) : subscription.refusalToEnd(wish.timing))
    const family = await subscription.family()
    const at = atOnce ? now : await endIfCancelled(subscription, now)
    const refund = atOnce ? wish.refund ?? (await subscriptionRules.read()).cancelRefund : 'none'
    await dropScheduled(trx, family)
    await Cancellation.query().insert({ subscriptionId: subscription.id, userId: subscription.userId, timing: atOnce ? 'now' : 'end', askedBy: wish.by, reason: wish.reason ?? null, comment: wish.comment ?? null, effectiveAt: at, refund })
    if (atOnce) {
      if (refund === 'credit') await giveBackRest(family, now)
      await endSubscription(trx, subscription, now, wish.by === 'staff' ? 'staff' : 'cancelled')
      return at
    }
    for (const member of family) await member.$query().patch({ cancelAt: at, pauseAt: null })
    await withdrawUnwanted(family, 'Cancelled', now)
    await record('subscription.cancel-scheduled', subscription, { at: at.toISOString(), by: wish.by, serviceId: subscription.serviceId }, { userId: subscription.userId })
    return at
  })
}

/** What paid time that is not used any more was worth, as it was billed: after discount, with tax, less what was given back before. */
export async function restWorth(family: readonly Subscription[], now: Date): Promise<Array<{ invoice: Invoice; lineId: number; amountMinor: number }>> {
  const billed = (await Promise.all(family.map((member) => billedAfter(member, now)))).flat()
  return [...(await worthAt(billed, now)).values()].map((worth) => ({ invoice: worth.billed.invoice, lineId: worth.billed.line.id, amountMinor: worth.totalMinor }))
}

/** Paid time as credit, by one note on each invoice; of time that is not paid, only what was used stays owed. */
async function giveBackRest(family: readonly Subscription[], now: Date): Promise<void> {
  const worth = await restWorth(family, now)
  for (const invoice of new Map(worth.map((w) => [w.invoice.id, w.invoice])).values()) {
    const lines = worth.filter((w) => w.invoice.id === invoice.id).map(({ lineId, amountMinor }) => ({ lineId, amountMinor }))
    await createCreditNote({ invoice, lines, reason: 'Cancelled: the rest of the period', to: 'balance', key: cancelKey(family[0]!, invoice) }, now)
  }
  const begun = family.filter((member) => member.startedAt !== null)
  const unpaid = (await Promise.all(begun.map(async (member) => {
    const names = await namesOf(member, member.planId)
    return (await billedAfter(member, now)).filter((each) => isOpen(each) && each.span.start < now).map((billed) => ({ billed, by: usedLines(member, names, billed, now) }))
  }))).flat()
  for (const [invoice, lines] of byInvoice(unpaid.map((each) => each.billed))) {
    const by = (id: number) => unpaid.find((each) => each.billed.line.id === id)!.by
    await takeOff(invoice, lines.map(({ line }) => ({ line, by: by(line.id), usedUntil: now })), 'Cancelled: the rest of the period', now)
  }
}

/** Until it has ended, the customer may stay. Coming periods are billed again by the next hourly run. */
export async function undoCancel(given: Subscription, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    refuse(subscription.refusalToUndoCancel(now))
    for (const member of await subscription.family()) await member.$query().patch({ cancelAt: null })
    await Cancellation.query().patch({ undoneAt: now }).where({ subscriptionId: subscription.id }).whereNull('undoneAt')
    await record('subscription.cancel-undone', subscription, { serviceId: subscription.serviceId }, { userId: subscription.userId })
  })
}
