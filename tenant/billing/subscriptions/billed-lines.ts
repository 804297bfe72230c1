/** What a subscription was billed for time that is not over, read from its invoices: the only source of credits. */
import { InvoiceLine } from '../invoices/invoice-line.js'
import { Invoice } from '../invoices/invoice.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Span } from '../../../shared/time/period.js'
import { restOf, type PaidLine } from './proration.js'
import type { Subscription } from './subscription.js'

export interface BilledLine extends PaidLine {
  readonly line: InvoiceLine
  readonly invoice: Invoice
  readonly span: Span
  /** Taken back by credit notes, with tax. */
  readonly takenBackTotalMinor: number
}

/** Lines of the subscription whose time ends after `t`, that no earlier change has credited and that belong to its present rhythm; oldest time first. */
export async function billedAfter({ id: subscriptionId, anchoredAt }: Subscription, t: Date): Promise<BilledLine[]> {
  const lines = await InvoiceLine.query().where({ subscriptionId }).whereIn('kind', ['recurring', 'change-charge']).whereNull('releasedAt').where('periodEnd', '>', t).where('periodStart', '>=', anchoredAt).orderBy('periodStart').orderBy('id')
  const undone = new Set((await InvoiceLine.query().where({ subscriptionId, kind: 'change-credit' }).whereNull('releasedAt').select('businessKey')).map((line) => line.businessKey))
  const live = lines.filter((line) => !undone.has(creditKey(subscriptionId, line.id)))
  const invoices = new Map((await Invoice.query().whereIn('id', live.map((line) => line.invoiceId))).map((invoice) => [invoice.id, invoice]))
  const takenBack = await takenBackFrom(live.map((line) => line.id))
  return live.map((line) => {
    const invoice = invoices.get(line.invoiceId)!
    const { net, total } = takenBack.get(line.id) ?? { net: 0, total: 0 }
    return { line, invoice, span: { start: line.periodStart!, end: line.periodEnd! }, baseMinor: line.amountMinor - line.discountMinor, takenBackMinor: invoice.pricesInclusive ? total : net, takenBackTotalMinor: total }
  })
}

/** Names the line that it undoes: the database refuses a second credit for one line. */
export const creditKey = (subscriptionId: number, lineId: number): string => `sub:${subscriptionId}:change-credit:${lineId}`

/** Names the credit note that gives back the rest of an invoice to who left at once. */
export const cancelKey = (subscription: Pick<Subscription, 'id'>, invoice: Pick<Invoice, 'id'>): string => `cancelled:${subscription.id}:${invoice.id}`

async function takenBackFrom(lineIds: readonly number[]): Promise<Map<number, { net: number; total: number }>> {
  if (!lineIds.length) return new Map()
  const rows = await tenantDb()('credit_note_lines').whereIn('invoice_line_id', [...lineIds]).groupBy('invoice_line_id').select('invoice_line_id as id')
    .sum({ net: 'net_minor', total: 'total_minor' }) as Array<{ id: number; net: string; total: string }>
  return new Map(rows.map((row) => [row.id, { net: Number(row.net), total: Number(row.total) }]))
}

export const isOpen = ({ invoice }: BilledLine): boolean => invoice.status === 'open' || invoice.status === 'draft'
export const isPaid = ({ invoice }: BilledLine): boolean => invoice.status === 'paid'

/** What of an unpaid line belongs to the time before `t`, before discounts. */
export const usedPart = ({ line, span }: BilledLine, t: Date): number => line.amountMinor - restOf(line.amountMinor, span, t)
