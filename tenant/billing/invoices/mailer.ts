/** The letter that brings an invoice, with its PDF. */
import { originOf } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import './invoice-document.js'
import { Invoice } from './invoice.js'
import { invoicePage } from './pages.js'

const dollars = (minor: number) => ({ minor, currency: 'USD' })
registerLetter({
  name: 'invoice-issued', subject: (data, brand) => `Invoice ${String(data.number)} from ${brand.name}`, view: 'tenant/mail/invoice-issued',
  preview: () => ({
    name: 'Ada', number: 'INV-2026-00042', dueAt: new Date('2026-12-08T00:00:00Z'), total: dollars(4735), balance: dollars(4235), credited: dollars(-500), willCharge: true, isPaid: false,
    lines: [{ label: 'Developer Basic "api-box": 37 runs, 2,340 min at $0.15/h', amount: dollars(585) }], href: 'https://shop.example/invoices/…',
  }),
})

/** Reaction to `invoice.issued`: outside any transaction, safe to repeat. An invoice over nothing brings no letter. */
export async function mailInvoice(invoiceId: number): Promise<void> {
  const invoice = await Invoice.findOwned({ id: invoiceId })
  if (invoice.totalMinor === 0 || invoice.status === 'void') return
  const customer = await Customer.findOwned({ id: invoice.userId })
  const shown = await invoicePage(invoice, invoice.issuedAt ?? invoice.createdAt)
  await send({
    name: 'invoice-issued', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `invoice-issued:${invoice.id}`,
    data: {
      name: customer.name, number: shown.number, dueAt: invoice.dueAt, total: shown.total, balance: shown.balance, credited: shown.credited, isPaid: shown.isPaid && !shown.paid,
      willCharge: await hasMethod(customer.id), lines: shown.lines.map((l) => ({ label: l.description, amount: l.amount })), href: `${originOf(currentTenant().primaryHost)}/invoices/${invoice.publicId}`,
    },
    attachments: [{ kind: 'invoice-pdf', id: invoice.id }],
  })
}

async function hasMethod(userId: number): Promise<boolean> {
  return Boolean(await tenantDb()('payment_methods').where({ user_id: userId, status: 'active' }).first('id'))
}
