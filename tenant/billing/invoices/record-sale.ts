/** Tells the platform what was sold, before tax: resellers on commission terms are billed from it. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { Invoice } from './invoice.js'

export async function recordSale(invoiceId: number): Promise<void> {
  const invoice = await Invoice.findOwned({ id: invoiceId })
  await directory().recordSale(currentTenant(), {
    key: `invoice:${invoice.id}:paid`, amountMinor: invoice.subtotalMinor - invoice.discountMinor, currency: invoice.currency, occurredAt: invoice.paidAt ?? invoice.issuedAt ?? invoice.createdAt,
  })
}
