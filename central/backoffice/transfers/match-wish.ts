/** From the match form to the parts of a transfer. */
import { FormErrors } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import type { TransferPart } from '../../../tenant/billing/transfers/match-transfer.js'
import { Customer } from '../../../tenant/customers/customer.js'

export interface MatchInput {
  invoice?: string[] | undefined
  amount?: string[] | undefined
  number?: string | undefined
  numberAmount?: string | undefined
  email?: string | undefined
  creditAmount?: string | undefined
}

/** Throws FormErrors by field; nothing filled in is an error, too. Inside the tenant. */
export async function partsFrom(input: MatchInput, currency: string): Promise<TransferPart[]> {
  const read = (text: string, field: string): Money => {
    const amount = Money.parse(text, currency)
    if (!amount?.isPositive()) throw new FormErrors({ [field]: 'Enter an amount like 25.00.' })
    return amount
  }
  const parts: TransferPart[] = []
  for (const [i, publicId] of (input.invoice ?? []).entries()) {
    const text = input.amount?.[i]?.trim()
    if (!text) continue
    const invoice = await Invoice.findOwned<Invoice>({ publicId })
    parts.push({ userId: invoice.userId, invoiceId: invoice.id, amount: read(text, 'amount') })
  }
  if (input.number) {
    const invoice = await Invoice.query().findOne((q) => void q.where({ number: input.number }).orWhere({ proformaNumber: input.number }))
    if (!invoice) throw new FormErrors({ number: 'No invoice has this number.' })
    parts.push({ userId: invoice.userId, invoiceId: invoice.id, amount: read(input.numberAmount ?? '', 'numberAmount') })
  }
  if (input.email) {
    const customer = await Customer.withEmail(input.email)
    if (!customer) throw new FormErrors({ email: 'No customer has this address.' })
    parts.push({ userId: customer.id, invoiceId: null, amount: read(input.creditAmount ?? '', 'creditAmount') })
  }
  if (!parts.length) throw new FormErrors({ form: 'Say whose money it is: enter an amount beside an invoice, or a customer for credit.' })
  return parts
}
