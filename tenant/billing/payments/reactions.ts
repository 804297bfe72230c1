/** What payments do when something else happened. Handed to tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { enqueueCollection } from './collect-invoice.js'

export function registerPaymentReactions(): void {
  on('invoice.issued', 'collect from the saved method when its time has come', async ({ subjectId }) => {
    const invoice = subjectId === null ? undefined : await Invoice.query().findById(subjectId)
    if (invoice?.collectAt && invoice.collectAt <= clock.now() && !invoice.refusalToPay()) await enqueueCollection(invoice.id)
  })
}
