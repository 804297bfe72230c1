/** What payments do when something else happened. Handed to tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { Invoice } from '../invoices/invoice.js'
import { enqueueCollection } from './collect-invoice.js'

export function registerPaymentReactions(): void {
  on('invoice.issued', 'collect from the saved method', async ({ subjectId }) => {
    const invoice = subjectId === null ? undefined : await Invoice.query().findById(subjectId)
    if (invoice && !invoice.refusalToPay()) await enqueueCollection(invoice.id)
  })
}
