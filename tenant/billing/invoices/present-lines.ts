/** Lines of an invoice as pages, letters and documents show them. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { explainLine, periodText, type Fact } from './explain-line.js'
import { InvoiceLine, type RunDetail } from './invoice-line.js'
import type { Invoice } from './invoice.js'

export interface ShownRun {
  start: Date
  stop: Date | null
  minutes: number
  billedMinutes: number
}
export interface ShownLine {
  id: number
  kind: InvoiceLine['kind']
  description: string
  /** As the price list counts it: before discount. */
  amount: Money
  serviceHref: string | null
  /** The customer's own name of the service, as it was on the day of issue. */
  serviceName: string | null
  period: string | null
  rate: { micros: number; currency: string; per: 'hour' } | null
  runs: ShownRun[]
  explanation: Fact[]
}

export async function shownLines(invoice: Invoice, lines: readonly InvoiceLine[]): Promise<ShownLine[]> {
  const { timeZone, locale } = currentTenant()
  const [services, zones] = await Promise.all([servicesOf(lines), zonesOf(lines)])
  return lines.map((line) => {
    const service = services.get(line.serviceId ?? 0)
    const reader = { currency: invoice.currency, locale, timeZone: zones.get(line.subscriptionId ?? 0) ?? timeZone, inclusive: invoice.pricesInclusive }
    return {
      id: line.id, kind: line.kind, description: line.description, amount: Money.of(line.amountMinor, invoice.currency), serviceHref: service ? `/services/${service.public_id}` : null,
      serviceName: line.detail.serviceName ?? service?.name ?? null,
      period: line.periodStart && line.periodEnd && line.kind !== 'usage' ? periodText({ start: line.periodStart, end: line.periodEnd }, reader) : null,
      rate: line.rateMicros === null ? null : { micros: line.rateMicros, currency: invoice.currency, per: 'hour' },
      runs: (line.detail.runs ?? []).map(shownRun), explanation: explainLine(line, reader),
    }
  })
}

export interface Sum {
  label: string
  amount: Money
}

/** Tax by rate over all lines; what no rate explains is called `Tax`. */
export function taxSums(invoice: Invoice, lines: readonly InvoiceLine[]): Sum[] {
  const sums = sumsOf(lines.flatMap((l) => l.detail.taxes ?? []).map((t) => ({ label: t.label, minor: t.amountMinor })), invoice.currency)
  const rest = invoice.taxMinor - sums.reduce((sum, s) => sum + s.amount.minor, 0)
  return rest ? [...sums, { label: 'Tax', amount: Money.of(rest, invoice.currency) }] : sums
}

/** Discounts by coupon, as amounts below zero. */
export function discountSums(invoice: Invoice, lines: readonly InvoiceLine[]): Sum[] {
  const sums = sumsOf(lines.flatMap((l) => l.detail.discounts ?? []).map((d) => ({ label: d.label, minor: -d.amountMinor })), invoice.currency)
  const rest = -invoice.discountMinor - sums.reduce((sum, s) => sum + s.amount.minor, 0)
  return rest ? [...sums, { label: 'Discount', amount: Money.of(rest, invoice.currency) }] : sums
}

function sumsOf(parts: ReadonlyArray<{ label: string; minor: number }>, currency: string): Sum[] {
  const byLabel = new Map<string, number>()
  for (const { label, minor } of parts) byLabel.set(label, (byLabel.get(label) ?? 0) + minor)
  return [...byLabel].filter(([, minor]) => minor !== 0).map(([label, minor]) => ({ label, amount: Money.of(minor, currency) }))
}

type ServiceRow = { id: number; public_id: string; name: string }

async function servicesOf(lines: readonly InvoiceLine[]): Promise<Map<number, ServiceRow>> {
  const ids = lines.flatMap((l) => (l.serviceId === null ? [] : [l.serviceId]))
  const rows = ids.length ? await tenantDb()('services').whereIn('id', ids).select<ServiceRow[]>('id', 'public_id', 'name') : []
  return new Map(rows.map((row) => [row.id, row]))
}

/** A subscription's days begin in its own zone, all else in the shop's. */
async function zonesOf(lines: readonly InvoiceLine[]): Promise<Map<number, string>> {
  const ids = lines.flatMap((l) => (l.subscriptionId === null ? [] : [l.subscriptionId]))
  const rows = ids.length ? await tenantDb()('subscriptions').whereIn('id', ids).select<Array<{ id: number; time_zone: string }>>('id', 'time_zone') : []
  return new Map(rows.map((row) => [row.id, row.time_zone]))
}

const shownRun = (run: RunDetail): ShownRun => ({
  start: new Date(run.start), stop: run.stop === null ? null : new Date(run.stop), minutes: run.minutes, billedMinutes: run.billedMinutes,
})
