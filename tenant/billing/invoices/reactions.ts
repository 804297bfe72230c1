/** What follows from what happens to invoices. Read by tenant/reactions.ts; collecting is the payments' own reaction. */
import { on } from '../../../shared/events/reactions.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { Invoice } from './invoice.js'
import { mailInvoice } from './mailer.js'

export function registerInvoiceReactions(): void {
  on('invoice.issued', 'mail the invoice', (event) => mailInvoice(event.subjectId!))
  on('invoice.paid', 'report the sale', (event) => reportSale(event.subjectId!))
}

/** Commission terms count what was paid for, before tax. */
export async function reportSale(invoiceId: number): Promise<void> {
  const invoice = await Invoice.findOwned({ id: invoiceId })
  if (invoice.status !== 'paid' || invoice.totalMinor === 0) return
  await directory().recordSale(currentTenant(), { key: `invoice:${invoice.id}:paid`, amountMinor: invoice.totalMinor - invoice.taxMinor, currency: invoice.currency, occurredAt: invoice.paidAt ?? invoice.updatedAt })
}
