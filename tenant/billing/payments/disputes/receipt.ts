/** The invoice that the disputed payment paid, on paper: proof of what was bought. */
import { OutsideError, Refusal } from '../../../../shared/errors.js'
import { invoicePdf } from '../../invoices/documents/invoice-document.js'
import { Invoice } from '../../invoices/invoice.js'
import { partsOf } from '../payment-allocation.js'
import type { Dispute } from './dispute.js'

export interface Receipt { readonly filename: string; readonly content: Buffer }

/** What the payment was for, the largest part first. Empty for a top-up. */
export async function invoicesOf(dispute: Dispute): Promise<Invoice[]> {
  const parts = (await partsOf(dispute.paymentId)).sort((a, b) => b.amountMinor - a.amountMinor)
  const found = new Map((await Invoice.query().whereIn('id', parts.map((p) => p.invoiceId))).map((i) => [i.id, i]))
  return parts.flatMap((p) => found.get(p.invoiceId) ?? [])
}

/** Null when there is no invoice. Throws Refusal when it cannot be printed just now. */
export async function printReceipt(dispute: Dispute): Promise<Receipt | null> {
  const [invoice] = await invoicesOf(dispute)
  if (!invoice) return null
  return invoicePdf(invoice).catch((error: unknown) => {
    if (!(error instanceof OutsideError)) throw error
    throw new Refusal('dispute.receipt', 'The invoice could not be printed just now. Try again in a minute, or send the answer without it.')
  })
}
