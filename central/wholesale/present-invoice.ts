/** What wholesale pages show, to staff and to resellers alike. */
import { centralDb } from '../../shared/database/central-database.js'
import { formatRate } from '../../shared/views/format.js'
import { WholesaleInvoice, WholesaleLine } from './wholesale-invoice.js'

type Listed = WholesaleInvoice & { name: string; slug: string }
const money = (minor: number, currency: string) => ({ minor: Number(minor), currency })

/** Newest first. With a tenant: only its invoices. */
export async function invoiceList(tenantId?: number, limit = 100): Promise<object[]> {
  const rows = (await WholesaleInvoice.query().alias('i').join('tenants as t', 't.id', 'i.tenant_id').modify((q) => {
    if (tenantId !== undefined) void q.where('i.tenant_id', tenantId)
  }).orderBy([{ column: 'i.period_start', order: 'desc' }, { column: 'i.id', order: 'desc' }]).limit(limit).select('i.*', 't.name', 't.slug')) as unknown as Listed[]
  return rows.map((i) => ({
    publicId: i.publicId, number: i.number, status: i.status, name: i.name, slug: i.slug, periodStart: i.periodStart, periodEnd: i.periodEnd, dueAt: i.dueDate, issuedAt: i.issuedAt, total: money(i.totalMinor, i.currency),
  }))
}

function quantity(line: WholesaleLine): string {
  if (line.quantitySeconds !== null) return `${(Number(line.quantitySeconds) / 3600).toFixed(2)} h`
  return line.quantity === null ? '' : String(line.quantity)
}

/** One invoice with its lines. */
export async function invoiceDetail(invoice: WholesaleInvoice): Promise<object> {
  const lines = await WholesaleLine.query().where({ wholesaleInvoiceId: invoice.id }).orderBy('sortOrder')
  const tenant = (await centralDb()('tenants').where({ id: invoice.tenantId }).first('name', 'slug', 'owner_name')) as { name: string; slug: string; owner_name: string }
  return {
    publicId: invoice.publicId, number: invoice.number, status: invoice.status, reseller: tenant.name, slug: tenant.slug, owner: tenant.owner_name, periodStart: invoice.periodStart, lastDay: new Date(invoice.periodEnd.getTime() - 1),
    issuedAt: invoice.issuedAt, dueAt: invoice.dueDate, paidAt: invoice.paidAt, total: money(invoice.totalMinor, invoice.currency), canPay: !invoice.refusalToPay(),
    lines: lines.map((line) => ({
      description: line.description, quantity: quantity(line), amount: money(line.amountMinor, invoice.currency),
      rate: line.rateMicros === null ? '' : line.kind === 'usage' ? formatRate({ micros: Number(line.rateMicros), currency: invoice.currency, per: 'hour' }) : '',
    })),
  }
}
