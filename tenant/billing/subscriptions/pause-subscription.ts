/** A rest: nothing is billed from the next period on and the service stops, until the customer comes back with a new period of their own. */
import type { Knex } from 'knex'
import { refuse, Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { CreditNote } from '../invoices/credit-notes/credit-note.js'
import { draftInvoice } from '../invoices/draft-invoice.js'
import type { Invoice } from '../invoices/invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { freeKey } from './bill-periods.js'
import { billedAfter, cancelKey, isPaid } from './billed-lines.js'
import { anchorAt, localDay, periodAround } from './billing-plan.js'
import { namesOf, recurringLine } from './line-names.js'
import { restOf } from './proration.js'
import { Subscription } from './subscription.js'
import { dropScheduled } from './change-stock.js'
import { takeOff } from './take-off.js'
import { withdrawUnwanted } from './unwanted-periods.js'
import { byInvoice, lastWantedEnd } from './withdraw-periods.js'
import { worthAt } from './worth.js'

/** From the end of what is paid or going on. Returns that instant. Throws Refusal. */
export async function pauseSubscription(given: Subscription, now = clock.now()): Promise<Date> {
  return tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    refuse(subscription.refusalToPause())
    const family = await subscription.family()
    const at = await lastWantedEnd(subscription, now)
    await dropScheduled(trx, family)
    for (const member of family) await member.$query().patch({ pauseAt: at })
    await withdrawUnwanted(family, 'Paused', now)
    await record('subscription.pause-scheduled', subscription, { at: at.toISOString(), serviceId: subscription.serviceId }, { userId: subscription.userId })
    return at
  })
}

/** Later periods of the old rhythm do not stand beside those of the new one: what is left of their money is credit. */
async function clearTheWay(subscription: Subscription, now: Date): Promise<void> {
  const ahead = (await billedAfter(subscription, now)).filter((each) => each.span.start >= now)
  for (const [invoice, lines] of byInvoice(ahead)) {
    const taken = await takeOff(invoice, lines.map(({ line }) => ({ line, by: [], usedUntil: null })), 'A new period begins', now)
    if (!taken) throw new Refusal('invoice.being-paid', 'A payment for this subscription is under way. Wait for its result.')
  }
}

/** Is this instant paid for, and nothing of its rest was given back? */
async function isPaidFor(subscription: Subscription, now: Date): Promise<boolean> {
  const current = (await billedAfter(subscription, now)).filter((each) => isPaid(each) && each.span.start <= now)
  const worth = await worthAt(current, now)
  const givenBack = await CreditNote.query().whereIn('businessKey', current.map(({ invoice }) => cancelKey(subscription, invoice))).select('invoiceId')
  return current.some(({ line, invoice, span }) => (worth.get(line.id)?.totalMinor ?? 0) === restOf(line.totalMinor, span, now) && !givenBack.some((note) => note.invoiceId === invoice.id))
}

/** The day has come. Called by the hourly run, in its transaction. */
export async function enterPause(subscription: Subscription, at: Date): Promise<void> {
  await subscription.become('paused', { pausedAt: at, pauseAt: null })
  await record('subscription.paused', subscription, { serviceId: subscription.serviceId, parentId: subscription.parentId }, { userId: subscription.userId })
}

/** Before the pause has begun it is only taken back; afterwards a new period starts now, with its invoice. Returns that invoice. Throws Refusal. */
export async function resumeSubscription(given: Subscription, now = clock.now()): Promise<Invoice | null> {
  return tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    refuse(subscription.refusalToResume())
    const family = await subscription.family()
    if (subscription.status !== 'paused') {
      for (const member of family) await member.$query().patch({ pauseAt: null })
      await record('subscription.pause-undone', subscription, { serviceId: subscription.serviceId }, { userId: subscription.userId })
      return null
    }
    const invoice = await beginAgain(trx, family, now)
    for (const member of family) await record('subscription.resumed', member, { serviceId: member.serviceId, parentId: member.parentId }, { userId: member.userId })
    return invoice
  })
}

/**
 * For all that rest: the old period goes on where its rest is still paid for, otherwise a new anchor begins at this instant, with the invoice over their first periods,
 * due at once. Inside the caller's transaction.
 */
export async function beginAgain(trx: Knex.Transaction, family: readonly Subscription[], now: Date): Promise<Invoice | null> {
  const lines = []
  for (const member of family.filter((s) => s.status === 'paused' || s.status === 'ended')) {
    if (!member.renews || (await isPaidFor(member, now))) {
      await member.become('active', { pausedAt: null })
      continue
    }
    await clearTheWay(member, now)
    const anchor = anchorAt(now, member.timeZone)
    const period = periodAround({ ...anchor, billingCycle: member.billingCycle, timeZone: member.timeZone }, now)
    await member.become('active', { ...anchor, pausedAt: null, currentPeriodStart: period.start, currentPeriodEnd: period.end, billedUntil: period.end })
    if (member.amountMinor > 0) lines.push(recurringLine(member, member, await namesOf(member, member.planId), period))
  }
  const [first] = family
  if (!lines.length || !first) return null
  const businessKey = await freeKey(`renewal:${first.userId}:${first.currency}:${localDay(now, first.timeZone)}`)
  const { invoice } = await draftInvoice(trx, { businessKey, userId: first.userId, kind: 'renewal', currency: first.currency, lines, dueAt: now, collectAt: now })
  return issueInvoice(invoice, now)
}
