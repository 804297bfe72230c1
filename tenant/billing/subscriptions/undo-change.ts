/** A change that waits is taken back: everything stays as it is, and a coming period that was billed by the new terms is billed by the old ones again. */
import { Refusal, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { billedCustomer } from '../invoices/parties.js'
import { billedAfter, isPaid } from './billed-lines.js'
import { dropScheduled } from './change-stock.js'
import { outcomeOf } from './propose-change.js'
import { rebillOpen } from './rebill-open.js'
import { Subscription } from './subscription.js'
import { Change, type TermsById } from './subscription-change.js'
import { withdrawFrom } from './withdraw-periods.js'

/** Throws Refusal when it has taken effect, or its first period is already paid for. */
export async function undoChange(given: Subscription, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    const change = (await Change.scheduledFor([subscription.id])).get(subscription.id)
    refuse(change ? change.refusalToUndo(now) : new Refusal('change.not-scheduled', 'This change is not waiting any more.'))
    const family = (await subscription.family()).filter((s) => change!.terms[s.id])
    for (const member of family) {
      const paid = (await billedAfter(member, change!.effectiveAt)).some((line) => isPaid(line) && line.span.start >= change!.effectiveAt)
      if (paid) throw new Refusal('change.billed', 'The next period is already paid at the new price. Make a new change instead.')
    }
    if (family.some((s) => change!.terms[s.id]!.billingCycle !== s.billingCycle)) await withdrawFrom(family, change!.effectiveAt, 'Change taken back', now)
    else {
      const asBefore: TermsById = Object.fromEntries(family.map((s) => [s.id, { planId: s.planId, planVersion: s.planVersion, productId: s.productId, billingCycle: s.billingCycle, quantity: s.quantity, selection: s.selection, items: s.items, amountMinor: s.amountMinor }]))
      const { reissues } = await outcomeOf({ timing: 'period-end', at: change!.effectiveAt, effectiveAt: change!.effectiveAt, terms: asBefore }, family)
      for (const { invoice, replace } of reissues) await rebillOpen(invoice, replace, 'Change taken back', now)
    }
    await dropScheduled(trx, family)
    await record('subscription.change-undone', subscription, { kind: change!.kind, serviceId: subscription.serviceId }, { userId: subscription.userId })
  })
}
