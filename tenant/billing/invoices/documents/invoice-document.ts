/** The invoice on paper: the same facts as the page. Made when somebody asks for it; the invoice does not depend on it. */
import { OutsideError } from '../../../../shared/errors.js'
import { registerAttachment } from '../../../../shared/mail/attachments.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { tenantKey } from '../../../../shared/tenancy/tenant.js'
import { clock } from '../../../../shared/time/clock.js'
import { creditNoteHtml } from './credit-note-document.js'
import { CreditNote } from '../credit-notes/credit-note.js'
import { Invoice } from '../invoice.js'
import { invoicePage } from '../present-invoice.js'
import { documentHtml, documentName, documentPdf, type Paper } from './print-document.js'

/** The document as HTML: no address of any network in it. */
export async function invoiceHtml(invoice: Invoice, paper?: Paper): Promise<string> {
  const shown = await invoicePage(invoice, clock.now())
  return documentHtml('invoices/document', shown, `${shown.heading} ${shown.number}`, paper)
}

/** Throws OutsideError (retryable) when the browser could not make it. */
export async function invoicePdf(invoice: Invoice, paper?: Paper): Promise<{ filename: string; content: Buffer }> {
  return documentPdf(await invoiceHtml(invoice, paper), invoice.number ?? invoice.proformaNumber ?? invoice.publicId, paper)
}

/** Tries before a letter goes out with the page itself: a document must reach its customer although no browser can print it. */
const mostTries = 3
const failures = new Map<string, number>()

async function attach(kind: string, id: number, name: string, html: () => Promise<string>): Promise<{ filename: string; content: Buffer; contentType: string }> {
  const key = `${tenantKey(currentTenant())}:${kind}:${id}`
  const page = await html()
  try {
    const pdf = await documentPdf(page, name)
    failures.delete(key)
    return { ...pdf, contentType: 'application/pdf' }
  } catch (error) {
    failures.set(key, (failures.get(key) ?? 0) + 1)
    if (!(error instanceof OutsideError) || failures.get(key)! <= mostTries) throw error
    failures.delete(key)
    return { filename: documentName(name, 'html'), contentType: 'text/html', content: Buffer.from(page) }
  }
}

registerAttachment('invoice-pdf', async (id) => {
  const invoice = await Invoice.findOwned({ id: Number(id) })
  return attach('invoice', invoice.id, invoice.number ?? invoice.proformaNumber ?? invoice.publicId, () => invoiceHtml(invoice))
})
registerAttachment('credit-note-pdf', async (id) => {
  const note = await CreditNote.findOwned({ id: Number(id) })
  return attach('credit-note', note.id, note.label, () => creditNoteHtml(note))
})
