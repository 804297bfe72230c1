/** Makes a draft from lines that somebody computed. A business key names what it bills: the second draft of the same thing is refused by the database. */
import type { Knex } from 'knex'
import { newPublicId } from '../../../shared/security/token.js'
import type { Span } from '../../../shared/time/period.js'
import { InvoiceLine, type LineDetail } from './invoice-line.js'
import { Invoice, type InvoiceKind } from './invoice.js'

export interface NewLine {
  /** Unique in the tenant: `usage:7:2026-11:3:150000`. */
  readonly businessKey: string
  readonly kind: InvoiceLine['kind']
  readonly serviceId?: number | null
  readonly description: string
  readonly quantitySeconds?: number | null
  readonly rateMicros?: number | null
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
}

/** Inside the caller's transaction. Lines come back in the order given. */
export async function draftInvoice(_trx: Knex.Transaction, facts: NewInvoice): Promise<{ invoice: Invoice; lines: InvoiceLine[] }> {
  const invoice = await Invoice.query().insertAndFetch({
    publicId: newPublicId(), businessKey: facts.businessKey, userId: facts.userId, kind: facts.kind, status: 'draft', currency: facts.currency,
    periodStart: facts.period?.start ?? null, periodEnd: facts.period?.end ?? null,
  })
  const lines: InvoiceLine[] = []
  for (const [sortOrder, line] of facts.lines.entries()) lines.push(await InvoiceLine.query().insertAndFetch(rowOf(line, invoice.id, sortOrder)))
  return { invoice, lines }
}

function rowOf(line: NewLine, invoiceId: number, sortOrder: number): Partial<InvoiceLine> {
  return {
    invoiceId, businessKey: line.businessKey, kind: line.kind, serviceId: line.serviceId ?? null, description: line.description.slice(0, 500),
    quantitySeconds: line.quantitySeconds ?? null, rateMicros: line.rateMicros ?? null, amountMinor: line.amountMinor,
    periodStart: line.period?.start ?? null, periodEnd: line.period?.end ?? null, detail: line.detail ?? {}, sortOrder,
  }
}
