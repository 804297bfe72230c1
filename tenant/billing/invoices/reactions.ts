/** What follows from what happens to invoices. Read by tenant/reactions.ts; collecting is the payments' own reaction. */
import { Refusal } from '../../../shared/errors.js'
import { on } from '../../../shared/events/reactions.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { Payment } from '../payments/payment.js'
import { noteKey, refundPayment } from '../payments/refunds/refund-payment.js'
import { CreditNote } from './credit-notes/credit-note.js'
import { keepAsCredit } from './credit-notes/keep-as-credit.js'
import { Invoice } from './invoice.js'
import { mailCreditNote, mailInvoice } from './mailer.js'

export function registerInvoiceReactions(): void {
  on('invoice.issued', 'mail the invoice', (event) => mailInvoice(event.subjectId!))
  on('invoice.paid', 'report the sale', (event) => reportSale(event.subjectId!))
  on('invoice.paid', 'mail the invoice behind a proforma', (event) => mailFinal(event.subjectId!))
  on('credit-note.issued', 'mail the credit note', (event) => mailCreditNote(event.subjectId!))
  on('credit-note.issued', 'send the money back', (event) => sendBack(event.subjectId!))
  on('credit-note.issued', 'take back the sale', (event) => takeBackSale(event.subjectId!))
}

/** Commission terms count what was paid for, before tax, without what was taken back by then. */
export async function reportSale(invoiceId: number): Promise<void> {
  const invoice = await Invoice.findOwned({ id: invoiceId })
  if (invoice.status !== 'paid' || invoice.paidAt === null || invoice.totalMinor === 0) return
  const notes = await CreditNote.query().where({ invoiceId: invoice.id }).where('issuedAt', '<=', invoice.paidAt)
  const amountMinor = invoice.totalMinor - invoice.taxMinor - notes.reduce((sum, note) => sum + note.netMinor, 0)
  await directory().recordSale(currentTenant(), { key: `invoice:${invoice.id}:paid`, amountMinor, currency: invoice.currency, occurredAt: invoice.paidAt })
}

/** What is taken back after the sale was reported. */
async function takeBackSale(noteId: number): Promise<void> {
  const note = await CreditNote.findOwned({ id: noteId })
  const invoice = await Invoice.findOwned({ id: note.invoiceId })
  if (invoice.paidAt === null || note.issuedAt <= invoice.paidAt) return
  await directory().recordSale(currentTenant(), { key: `credit-note:${note.id}`, amountMinor: -note.netMinor, currency: note.currency, occurredAt: note.issuedAt })
}

async function mailFinal(invoiceId: number): Promise<void> {
  const invoice = await Invoice.findOwned({ id: invoiceId })
  if (invoice.proformaNumber !== null && invoice.number !== null) await mailInvoice(invoice.id)
}

/** The key makes it happen once, however often this runs. A gateway that says no, or a payment that no longer holds it, leaves the money with the customer as credit. */
async function sendBack(noteId: number): Promise<void> {
  const note = await CreditNote.findOwned({ id: noteId })
  if (note.destination !== 'source' || note.paymentId === null) return
  const payment = await Payment.findOwned<Payment>({ id: note.paymentId })
  await refundPayment({ payment, amount: note.total, to: 'source', reason: note.reason, key: noteKey(note) }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    return keepAsCredit(note)
  })
}
