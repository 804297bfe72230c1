/** What tax was charged in a period, by rate and currency: numbered invoices less credit notes, each on its own day. A proforma counts from when it gets its number; voided invoices never. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Span } from '../../../shared/time/period.js'
import type { Treatment } from '../charges/charge.js'

export interface ReportRow {
  readonly code: string
  readonly label: string
  readonly country: string
  readonly region: string
  readonly ratePpm: number
  readonly treatment: Treatment
  readonly currency: string
  readonly invoices: number
  readonly netMinor: number
  readonly taxMinor: number
}
interface Row { code: string; label: string; country: string; region: string; ppm: number; treatment: Treatment; currency: string; n: number | string; net: number | string; tax: number | string }

export async function taxReport(span: Span): Promise<ReportRow[]> {
  const rows = new Map<string, ReportRow>()
  for (const row of await invoiced(span)) add(rows, { ...shape(row), invoices: Number(row.n), netMinor: Number(row.net), taxMinor: Number(row.tax) })
  for (const row of await credited(span)) add(rows, row)
  return [...rows.values()].sort((a, b) => a.country.localeCompare(b.country) || a.code.localeCompare(b.code) || a.currency.localeCompare(b.currency))
}

const shape = ({ code, label, country, region, ppm, treatment, currency }: Row) => ({ code, label, country, region, ratePpm: Number(ppm), treatment, currency })

function add(rows: Map<string, ReportRow>, row: ReportRow): void {
  const key = `${row.code}|${row.treatment === 'taxed' ? '' : row.country}|${row.currency}`
  const before = rows.get(key)
  rows.set(key, before ? { ...before, invoices: before.invoices + row.invoices, netMinor: before.netMinor + row.netMinor, taxMinor: before.taxMinor + row.taxMinor } : row)
}

const invoiced = (span: Span): Promise<Row[]> => tenantDb()('invoice_taxes as t').join('invoices as i', 'i.id', 't.invoice_id')
  .where('i.issued_at', '>=', span.start).where('i.issued_at', '<', span.end)
  .whereNotNull('i.number').whereNotIn('i.status', ['draft', 'void']).groupBy('t.code', 't.label', 't.country', 't.region', 't.ppm', 't.treatment', 'i.currency')
  .select<Row[]>('t.code', 't.label', 't.country', 't.region', 't.ppm', 't.treatment', 'i.currency').count({ n: '*' })
    .sum({ net: 't.net_minor', tax: 't.tax_minor' }) as unknown as Promise<Row[]>

interface CreditRow { invoice_id: number; currency: string; net_minor: number; taxes: unknown }
interface CreditTax { code: string; label?: string; amountMinor: number }

/** A credit note's line keeps its taxes; what they are is known from the invoice that it takes back. */
async function credited(span: Span): Promise<ReportRow[]> {
  const lines = await tenantDb()('credit_note_lines as l').join('credit_notes as n', 'n.id', 'l.credit_note_id')
    .where('n.issued_at', '>=', span.start).where('n.issued_at', '<', span.end)
    .select<CreditRow[]>('n.invoice_id', 'n.currency', 'l.net_minor', 'l.taxes')
  if (!lines.length) return []
  const known = await tenantDb()('invoice_taxes').whereIn('invoice_id', [...new Set(lines.map((line) => line.invoice_id))]).select<Array<Omit<Row, 'currency' | 'n' | 'net' | 'tax'> & { invoice_id: number }>>('*')
  return lines.flatMap((line) => {
    const taxes = (typeof line.taxes === 'string' ? JSON.parse(line.taxes) : line.taxes ?? []) as CreditTax[]
    const of = known.filter((row) => row.invoice_id === line.invoice_id && (taxes.length ? taxes.some((tax) => tax.code === row.code) : row.treatment !== 'taxed'))
    return of.map((row) => ({ ...shape({ ...row, currency: line.currency, n: 0, net: 0, tax: 0 }), invoices: 0, netMinor: -line.net_minor, taxMinor: -(taxes.find((tax) => tax.code === row.code)?.amountMinor ?? 0) }))
  })
}
