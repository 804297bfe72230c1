/** A draft in the editor: its lines, and what it would come to if it were issued now. */
import { formatPlainAmount } from '../../../shared/views/format.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { isoOf, localDateOf } from '../../../shared/time/local-date.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { Service } from '../../../tenant/services/service.js'
import { InvoiceLine } from '../../../tenant/billing/invoices/invoice-line.js'
import type { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { priceDraft } from '../../../tenant/billing/invoices/price-draft.js'
import { Money } from '../../../shared/money/money.js'

export async function draftView(invoice: Invoice, now: Date): Promise<object> {
  const customer = await Customer.findOwned<Customer>({ id: invoice.userId })
  const lines = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder').orderBy('id')
  const priced = await priceDraft(invoice, lines, now)
  const services = await Service.query().where({ userId: customer.id }).whereNot({ status: 'terminated' }).orderBy('name')
  const sums = (parts: ReadonlyArray<{ label: string; amountMinor: number }>): Array<{ label: string; amount: Money }> => parts.map((p) => ({ label: p.label, amount: Money.of(p.amountMinor, invoice.currency) }))
  return {
    publicId: invoice.publicId, currency: invoice.currency, manual: invoice.kind === 'manual',
    customer: { name: customer.company ?? customer.name, email: customer.email, publicId: customer.publicId },
    lines: lines.map((line) => lineView(line, invoice.currency)),
    services: [{ value: '', label: 'No service' }, ...services.map((s) => ({ value: s.publicId, label: s.name }))],
    taxClasses: [{ value: '', label: 'Standard' }, { value: 'exempt', label: 'Exempt' }],
    dueOn: invoice.dueAt ? isoOf(localDateOf(invoice.dueAt, currentTenant().timeZone)) : '', memo: invoice.memo ?? '', inclusive: priced.inclusive,
    subtotal: priced.subtotal, discounts: sums(priced.lines.flatMap((l) => l.discounts).map((d) => ({ ...d, amountMinor: -d.amountMinor }))),
    taxes: priced.taxes.map((t) => ({ label: t.label, amount: t.tax })), total: priced.total, notes: priced.notes,
  }
}

function lineView(line: InvoiceLine, currency: string): object {
  const quantity = line.quantity ?? 1
  return {
    id: line.id, description: line.description, quantity, price: formatPlainAmount(Math.trunc(line.amountMinor / quantity), currency),
    amount: Money.of(line.amountMinor, currency), service: line.detail.serviceName ?? null, taxClass: line.taxClass,
  }
}
