/** A credit note as page and on paper. */
import { Money } from '../../../../shared/money/money.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { CreditNoteLine, type CreditNote } from '../credit-notes/credit-note.js'
import type { Buyer, Seller } from '../invoice.js'
import { Invoice } from '../invoice.js'
import { documentHtml, documentPdf } from './print-document.js'

export interface CreditNotePage {
  publicId: string
  number: string
  issuedAt: Date
  timeZone: string
  invoice: { number: string; href: string; issuedAt: Date | null }
  reason: string
  destination: string
  seller: Seller
  buyer: Buyer
  lines: Array<{ description: string; net: Money; tax: Money; total: Money }>
  taxes: Array<{ label: string; amount: Money }>
  net: Money
  tax: Money | null
  total: Money
}

const whither = { invoice: 'It is taken off what is left to pay on the invoice.', balance: 'It is added to your credit and pays your next invoices.', source: 'It is sent back the way you paid; banks need up to ten days.' } as const

export async function creditNotePage(note: CreditNote): Promise<CreditNotePage> {
  const money = (minor: number): Money => Money.of(minor, note.currency)
  const invoice = await Invoice.findOwned({ id: note.invoiceId })
  const lines = await CreditNoteLine.query().where({ creditNoteId: note.id }).orderBy('sortOrder')
  const byLabel = new Map<string, number>()
  for (const tax of lines.flatMap((l) => l.taxes)) byLabel.set(tax.label, (byLabel.get(tax.label) ?? 0) + tax.amountMinor)
  return {
    publicId: note.publicId, number: note.label, issuedAt: note.issuedAt, timeZone: currentTenant().timeZone, invoice: { number: invoice.label, href: `/invoices/${invoice.publicId}`, issuedAt: invoice.issuedAt },
    reason: note.reason, destination: whither[note.destination], seller: note.seller, buyer: note.buyer,
    lines: lines.map((l) => ({ description: l.description, net: money(l.netMinor), tax: money(l.taxMinor), total: money(l.totalMinor) })),
    taxes: [...byLabel].map(([label, minor]) => ({ label, amount: money(minor) })), net: money(note.netMinor), tax: note.taxMinor ? money(note.taxMinor) : null, total: note.total,
  }
}

export async function creditNoteHtml(note: CreditNote): Promise<string> {
  const shown = await creditNotePage(note)
  return documentHtml('invoices/credit-note-document', shown, `Credit note ${shown.number}`)
}

/** Throws OutsideError (retryable) when the browser could not make it. */
export async function creditNotePdf(note: CreditNote): Promise<{ filename: string; content: Buffer }> {
  return documentPdf(await creditNoteHtml(note), note.label)
}
