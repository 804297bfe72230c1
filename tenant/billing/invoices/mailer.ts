/** The letters that bring an invoice or a credit note, with its PDF. */
import { originOf } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import './documents/invoice-document.js'
import { CreditNote } from './credit-notes/credit-note.js'
import { creditNotePage } from './documents/credit-note-document.js'
import { Invoice } from './invoice.js'
import { invoicePage } from './present-invoice.js'

const dollars = (minor: number) => ({ minor, currency: 'USD' })
registerLetter({
  name: 'invoice-issued', subject: (data, brand) => `${String(data.heading ?? 'Invoice')} ${String(data.number)} from ${brand.name}`, view: 'tenant/mail/invoice-issued',
  preview: () => ({
    name: 'Ada', heading: 'Invoice', number: 'INV-2026-00042', dueAt: new Date('2026-12-08T00:00:00Z'), total: dollars(4735), balance: dollars(4235),
    credited: dollars(-500), willCharge: true, chargeAt: null, isPaid: false, hasRuns: true,
    lines: [{ label: 'Developer Basic "api-box": 37 runs, 2,340 min at $0.15/h', amount: dollars(585) }], href: 'https://shop.example/invoices/…',
  }),
})
registerLetter({
  name: 'credit-note-issued', subject: (data, brand) => `Credit note ${String(data.number)} from ${brand.name}`, view: 'tenant/mail/credit-note-issued',
  preview: () => ({
    name: 'Ada', number: 'CN-2026-00007', invoice: 'INV-2026-00042', reason: 'Two days of outage',
    destination: 'It is added to your credit and pays your next invoices.', total: dollars(500),
    lines: [{ label: 'Developer Basic "api-box"', amount: dollars(500) }], href: 'https://shop.example/credit-notes/…',
  }),
})

/**
 * Reaction to `invoice.issued`, and to the payment of a proforma; outside any transaction, safe to repeat. An invoice over nothing brings no letter.
 * `again`: staff sends it once more; a key of that act.
 */
export async function mailInvoice(invoiceId: number, again?: string): Promise<void> {
  const invoice = await Invoice.findOwned({ id: invoiceId })
  if (invoice.totalMinor === 0 || invoice.status === 'void' || invoice.issuedAt === null) return
  const customer = await Customer.findOwned({ id: invoice.userId })
  const shown = await invoicePage(invoice, invoice.issuedAt)
  const final = invoice.proformaNumber !== null && invoice.number !== null
  await send({
    name: 'invoice-issued', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `invoice-${final ? 'final' : 'issued'}:${invoice.id}${again ? `:${again}` : ''}`,
    data: {
      name: customer.name, heading: shown.heading, number: shown.number, dueAt: invoice.dueAt, total: shown.total, balance: shown.balance,
      credited: shown.credited, isPaid: shown.isPaid && !shown.paid, wasPaid: shown.isPaid && shown.paid !== null,
      willCharge: invoice.collectAt !== null && (await hasMethod(customer.id)),
      chargeAt: invoice.collectAt && invoice.collectAt > invoice.issuedAt ? invoice.collectAt : null, hasRuns: shown.hasRuns,
      lines: [...shown.lines.map((l) => ({ label: l.description, amount: l.amount })), ...shown.discounts, ...(shown.inclusive ? [] : shown.taxes)], href: `${originOf(currentTenant().primaryHost)}/invoices/${invoice.publicId}`,
    },
    attachments: [{ kind: 'invoice-pdf', id: invoice.id }],
  })
}

/** Reaction to `credit-note.issued`; safe to repeat. */
export async function mailCreditNote(noteId: number): Promise<void> {
  const note = await CreditNote.findOwned({ id: noteId })
  const customer = await Customer.findOwned({ id: note.userId })
  const shown = await creditNotePage(note)
  await send({
    name: 'credit-note-issued', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `credit-note-issued:${note.id}`,
    data: {
      name: customer.name, number: shown.number, invoice: shown.invoice.number, reason: shown.reason, destination: shown.destination,
      total: shown.total,
      lines: shown.lines.map((l) => ({ label: l.description, amount: l.total })), href: `${originOf(currentTenant().primaryHost)}/credit-notes/${note.publicId}`,
    },
    attachments: [{ kind: 'credit-note-pdf', id: note.id }],
  })
}

async function hasMethod(userId: number): Promise<boolean> {
  return Boolean(await tenantDb()('payment_methods').where({ user_id: userId, status: 'active' }).first('id'))
}
