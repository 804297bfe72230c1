/** The customer confirms a preview: exactly what was shown is charged, counted at the preview's own instant. If anything has moved since, nothing happens. */
import type { Knex } from 'knex'
import { Refusal, refuse } from '../../../shared/errors.js'
import { newPublicId } from '../../../shared/security/token.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import type { Invoice } from '../invoices/invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { dropScheduled, giveBackOld, takeForChange } from './change-stock.js'
import { issueChange, totalOf } from './issue-change.js'
import { overdueBill } from './overdue-bill.js'
import { boundPassed, parkSubscription } from './park-subscription.js'
import { outcomeOf, type Outcome, type Proposal } from './propose-change.js'
import { Subscription } from './subscription.js'
import { Change } from './subscription-change.js'

/** Throws Refusal. The invoice to pay, if the change made one. Confirming it twice is refused, so a double click charges once. */
export async function applyChange(given: Subscription, publicId: string, now = clock.now(), by: 'customer' | 'staff' = 'customer'): Promise<{ change: Change; invoice: Invoice | null }> {
  await mindTheBounds(given, now)
  return tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    const change = await Change.findOwned<Change>({ publicId, subscriptionId: subscription.id })
    refuse(change.refusalToApply(now))
    refuse(subscription.refusalToChange(by === 'staff' ? null : await overdueBill(subscription, now)))
    if (subscription.currentPeriodEnd && now >= subscription.currentPeriodEnd) throw moved()
    const family = (await subscription.family()).filter((s) => change.terms[s.id])
    if (family.length !== Object.keys(change.terms).length) throw moved()
    const proposal: Proposal = { timing: change.timing, at: change.quotedAt, effectiveAt: change.effectiveAt, terms: change.terms }
    const outcome = await outcomeOf(proposal, family)
    await dropScheduled(trx, family)
    for (const member of family) await takeForChange(trx, member, change.terms[member.id]!)
    const issued = await issueChange(trx, outcome, { key: change.publicId, userId: change.userId, currency: change.currency }, now)
    if (totalOf(issued) !== change.totalMinor) throw moved()
    const invoice = issued.find((i) => i.totalMinor > 0) ?? issued[0] ?? null
    await Change.query().patch({ status: 'undone' }).whereIn('subscriptionId', family.map((s) => s.id)).where({ status: 'quoted' }).whereNot({ id: change.id })
    if (change.timing === 'now') await takeEffectNow(trx, change, family, outcome, invoice)
    else await waitForPeriodEnd(change, family, outcome, invoice)
    return { change, invoice }
  })
}

const moved = (): Refusal => new Refusal('change.moved', 'Something has changed since this preview. Look at the new one, then confirm.')

/** A customer who changes back and forth without end is for a person to look at. */
async function mindTheBounds(subscription: Subscription, now: Date): Promise<void> {
  const bound = subscription.parkedAt ? null : await boundPassed(subscription.id, now, now)
  if (bound) await tenantTransaction((trx) => parkSubscription(trx, subscription, bound, now))
  refuse((await Subscription.findOwned<Subscription>({ id: subscription.id })).refusalToChange())
}

async function takeEffectNow(trx: Knex.Transaction, change: Change, family: readonly Subscription[], outcome: Outcome, invoice: Invoice | null): Promise<void> {
  await change.become('applied', { invoiceId: invoice?.id ?? null })
  for (const member of family) {
    const terms = change.terms[member.id]!
    const before = { planId: member.planId, quantity: member.quantity, amountMinor: member.amountMinor }
    await giveBackOld(trx, member, terms)
    await member.$query().patch({ ...terms, ...outcome.patches.get(member.id) })
    await record('subscription.changed', member, { kind: change.kind, before, planId: terms.planId, quantity: terms.quantity, serviceId: member.serviceId }, { userId: member.userId })
  }
}

/** Each subscription waits for its own row's day. */
async function waitForPeriodEnd(change: Change, family: readonly Subscription[], outcome: Outcome, invoice: Invoice | null): Promise<void> {
  await change.become('scheduled', { invoiceId: invoice?.id ?? null })
  const { kind, timing, quotedAt, effectiveAt, terms, preview, currency, userId } = change
  for (const member of family) {
    const patch = outcome.patches.get(member.id) ?? {}
    if (Object.keys(patch).length) await member.$query().patch(patch)
    if (member.id === change.subscriptionId) continue
    await Change.query().insert({ publicId: newPublicId(), businessKey: `with:${change.id}:${member.id}`, subscriptionId: member.id, userId, kind, status: 'scheduled', timing, quotedAt, effectiveAt, terms, preview, totalMinor: 0, currency })
  }
  await record('subscription.change-scheduled', family[0]!, { kind, at: effectiveAt.toISOString(), serviceId: family[0]!.serviceId }, { userId })
}
