/** Takes lines out of an open invoice, or puts others in their place: it is voided and issued anew in one step, or only voided when nothing is left on it. */
import type { NewLine } from '../invoices/draft-invoice.js'
import { InvoiceLine, type LineDetail } from '../invoices/invoice-line.js'
import type { Invoice } from '../invoices/invoice.js'
import { voidAndReissue } from '../invoices/void-and-reissue.js'
import { voidInvoice } from '../invoices/void-invoice.js'

/** By line id: what stands there instead. */
export type Replacements = ReadonlyMap<number, readonly NewLine[]>

/** The lines the new invoice will have. */
async function linesAfter(invoice: Invoice, replace: Replacements): Promise<NewLine[]> {
  const lines = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder').orderBy('id')
  return lines.flatMap((line) => replace.get(line.id) ?? [asBefore(line)])
}

/** Inside the caller's transaction. The new invoice, or null when nothing is left to bill. Throws Refusal while a payment is under way, or after a part payment. */
export async function rebillOpen(invoice: Invoice, replace: Replacements, reason: string, now: Date): Promise<Invoice | null> {
  const lines = await linesAfter(invoice, replace)
  if (!lines.length) {
    await voidInvoice(invoice, { release: true, reason, now })
    return null
  }
  return (await voidAndReissue(invoice, { lines }, { now, reason })).invoice
}

/** Priced anew; a credit keeps the taxes of what it undoes. */
function asBefore(line: InvoiceLine): NewLine {
  const { businessKey, kind, serviceId, subscriptionId, planId, productId, description, quantity, quantitySeconds, rateMicros, taxClass, amountMinor, periodStart, periodEnd } = line
  const kept = Object.entries(line.detail).filter(([name]) => name !== 'discounts' && (name !== 'taxes' || amountMinor < 0))
  const period = periodStart && periodEnd ? { start: periodStart, end: periodEnd } : null
  return { businessKey, kind, serviceId, subscriptionId, planId, productId, description, quantity, quantitySeconds, rateMicros, taxClass, amountMinor, period, detail: Object.fromEntries(kept) as LineDetail }
}
