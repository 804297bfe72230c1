/** What dunning does when something happened to an invoice or to a payment method. Handed to tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { Invoice } from '../invoices/invoice.js'
import { enqueueCollection } from '../payments/collect-invoice.js'
import { dunningOf } from './dunning-case.js'
import { closeCase, reopenCase } from './end-case.js'
import { clock } from '../../../shared/time/clock.js'

export function registerDunningReactions(): void {
  on('invoice.paid', 'end its dunning', ({ subjectId }) => endIf(subjectId!, ['paid'], 'repaired'))
  on('invoice.credited', 'end its dunning', ({ subjectId }) => endIf(subjectId!, ['paid'], 'ended'))
  on('invoice.voided', 'end its dunning', ({ subjectId }) => endIf(subjectId!, ['void'], 'ended'))
  on('invoice.written-off', 'end its dunning', ({ subjectId }) => endIf(subjectId!, ['uncollectible'], 'ended'))
  on('invoice.reopened', 'go on with its dunning', ({ subjectId }) => reopenCase(subjectId!))
  on('payment-method.added', 'try the new method on what is overdue', async ({ userId }) => {
    for (const { invoiceId } of userId === null ? [] : await dunningOf(userId, clock.now())) await enqueueCollection(invoiceId)
  })
}

/** Events may come late: the row decides. */
async function endIf(invoiceId: number, statuses: readonly string[], to: 'repaired' | 'ended'): Promise<void> {
  const invoice = await Invoice.query().findById(invoiceId)
  if (invoice && statuses.includes(invoice.status)) await closeCase(invoiceId, to)
}
