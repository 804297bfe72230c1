/** How the shop issues invoices: its own choices. */
import { z } from 'zod'
import { defineSetting } from '../../settings/setting.js'

export interface InvoiceTerms {
  /** Days a customer has to pay, where an invoice names no day of its own. */
  readonly days: number
  /** An order's invoice is a proforma, and gets its own number when it is paid. */
  readonly proforma: boolean
}

export const invoiceTerms = defineSetting<InvoiceTerms>('invoices.terms', z.object({ days: z.number().int().min(0).max(120), proforma: z.boolean() }), { days: 7, proforma: false })
