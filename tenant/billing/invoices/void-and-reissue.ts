/** Replaces an unpaid invoice by a corrected one in one step: there is never a moment without an invoice, nor one with two. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { moveCase } from '../dunning/move-case.js'
import { usageSources } from '../usage/usage-source.js'
import { draftInvoice, type NewInvoice, type NewLine } from './draft-invoice.js'
import { InvoiceLine, type LineDetail } from './invoice-line.js'
import { Invoice } from './invoice.js'
import { issueInvoice } from './issue-invoice.js'
import { voidInvoice } from './void-invoice.js'

export type Correction = Partial<Pick<NewInvoice, 'kind' | 'lines' | 'period' | 'dueAt' | 'collectAt' | 'codes' | 'memo'>>

/**
 * Voids the invoice with its keys released and issues the next one under the same business key. What the correction does not name stays as it was; lines are
 * priced again, by today's taxes and address. It is due and collected when the old one was, at once if that has passed, and its dunning goes on. Metered use moves along when the lines stay. Throws Refusal as voidInvoice does.
 */
export async function voidAndReissue(given: Invoice, next: Correction = {}, { now = clock.now(), reason = null }: { now?: Date; reason?: string | null } = {}): Promise<{ voided: Invoice; invoice: Invoice }> {
  return tenantTransaction(async (trx) => {
    const old = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    const oldLines = await InvoiceLine.query().where({ invoiceId: old.id }).orderBy('sortOrder').orderBy('id')
    const voided = await voidInvoice(old, { release: true, reason, now })
    const { invoice: draft, lines } = await draftInvoice(trx, {
      businessKey: old.businessKey, userId: old.userId, currency: old.currency, kind: next.kind ?? old.kind, period: next.period ?? spanOf(old),
      dueAt: next.dueAt ?? old.dueAt, collectAt: next.collectAt ?? old.collectAt, codes: next.codes ?? old.codes ?? [],
      memo: next.memo ?? old.memo, lines: next.lines ?? oldLines.map(again),
    })
    await Invoice.query().patch({ replacesId: old.id }).where({ id: draft.id })
    await moveCase(old, draft)
    if (!next.lines) await moveUse(oldLines, lines)
    return { voided, invoice: await issueInvoice(draft, now) }
  })
}

const spanOf = ({ periodStart, periodEnd }: { periodStart: Date | null; periodEnd: Date | null }) => (periodStart && periodEnd ? { start: periodStart, end: periodEnd } : null)

/** The same line to be priced anew; a credit keeps the taxes of what it undoes. */
function again(line: InvoiceLine): NewLine {
  const kept = Object.entries(line.detail).filter(([name]) => name !== 'discounts' && (name !== 'taxes' || line.amountMinor < 0))
  return {
    businessKey: line.businessKey, kind: line.kind, serviceId: line.serviceId, subscriptionId: line.subscriptionId, planId: line.planId,
    productId: line.productId, description: line.description,
    quantity: line.quantity, quantitySeconds: line.quantitySeconds, rateMicros: line.rateMicros, taxClass: line.taxClass,
    amountMinor: line.amountMinor, period: spanOf(line),
    detail: Object.fromEntries(kept) as LineDetail,
  }
}

async function moveUse(from: readonly InvoiceLine[], to: readonly InvoiceLine[]): Promise<void> {
  const moves = from.flatMap((line, i) => (line.kind === 'usage' ? [{ fromLineId: line.id, toLineId: to[i]!.id, toInvoiceId: to[i]!.invoiceId }] : []))
  if (moves.length) for (const source of usageSources()) await source.moveBilled(moves)
}
