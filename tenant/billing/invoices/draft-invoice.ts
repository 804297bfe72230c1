/** Makes a draft from lines that somebody computed. A business key names what it bills: the second draft of the same thing is refused by the database. */
import type { Knex } from 'knex'
import { newPublicId } from '../../../shared/security/token.js'
import type { Span } from '../../../shared/time/period.js'
import { InvoiceLine, type LineDetail, type LineKind } from './invoice-line.js'
import { Invoice, type InvoiceKind } from './invoice.js'

export interface NewLine {
  /** Unique in the tenant while it is not released: `usage:7:2026-11:3:150000`, `sub:9:recurring:2026-11-01T00:00:00.000Z`. */
  readonly businessKey: string
  readonly kind: LineKind
  readonly serviceId?: number | null
  readonly subscriptionId?: number | null
  readonly planId?: number | null
  readonly productId?: number | null
  readonly description: string
  readonly quantity?: number | null
  readonly quantitySeconds?: number | null
  readonly rateMicros?: number | null
  /** Null or absent: the standard class. */
  readonly taxClass?: string | null
  /** As the price list counts it: with tax in it where prices are inclusive. Negative for a credit. */
  readonly amountMinor: number
  readonly period?: Span | null
  readonly detail?: LineDetail
}

export interface NewInvoice {
  readonly businessKey: string
  readonly userId: number
  readonly kind: InvoiceKind
  readonly currency: string
  readonly period?: Span | null
  readonly lines: readonly NewLine[]
  /** Absent: the shop's payment term after the day of issue. */
  readonly dueAt?: Date | null
  /** When the saved method is charged. Absent: usage at issue, renewal when due, others never by themselves. */
  readonly collectAt?: Date | null
  /** Coupon codes of a cart; priced when the invoice is issued. */
  readonly codes?: readonly string[]
  /** Words for the customer, above the lines. */
  readonly memo?: string | null
}

/** Inside the caller's transaction. Lines come back in the order given. */
export async function draftInvoice(_trx: Knex.Transaction, facts: NewInvoice): Promise<{ invoice: Invoice; lines: InvoiceLine[] }> {
  const invoice = await Invoice.query().insertAndFetch({
    publicId: newPublicId(), businessKey: facts.businessKey, userId: facts.userId, kind: facts.kind, status: 'draft', currency: facts.currency,
    periodStart: facts.period?.start ?? null, periodEnd: facts.period?.end ?? null, dueAt: facts.dueAt ?? null, collectAt: facts.collectAt ?? null,
    codes: facts.codes?.length ? [...facts.codes] : null, memo: facts.memo ?? null,
  })
  const lines: InvoiceLine[] = []
  for (const [sortOrder, line] of facts.lines.entries()) lines.push(await addLine(invoice, line, sortOrder))
  return { invoice, lines }
}

/** To a draft, in the caller's transaction. */
export async function addLine(draft: Invoice, line: NewLine, sortOrder: number): Promise<InvoiceLine> {
  return InvoiceLine.query().insertAndFetch(rowOf(line, draft.id, sortOrder))
}

/** Until the invoice is issued nothing is priced: net is the amount. */
function rowOf(line: NewLine, invoiceId: number, sortOrder: number): Partial<InvoiceLine> {
  return {
    invoiceId, businessKey: line.businessKey, kind: line.kind, serviceId: line.serviceId ?? null, subscriptionId: line.subscriptionId ?? null,
    planId: line.planId ?? null, productId: line.productId ?? null,
    description: line.description.slice(0, 500), quantity: line.quantity ?? null, quantitySeconds: line.quantitySeconds ?? null,
    rateMicros: line.rateMicros ?? null, taxClass: line.taxClass ?? null,
    amountMinor: line.amountMinor, netMinor: line.amountMinor, periodStart: line.period?.start ?? null, periodEnd: line.period?.end ?? null,
    detail: line.detail ?? {}, sortOrder,
  }
}
