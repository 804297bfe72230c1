/** What the lines of a draft come to: discounts, tax and totals. Preview and issue both ask here, so they cannot disagree. */
import type { PricedCharge } from '../charges/charge.js'
import { priceLines } from '../charges/price-lines.js'
import type { InvoiceLine } from './invoice-line.js'
import type { Invoice } from './invoice.js'

/** Reads rates and coupons as they are at `now`; writes nothing. The answer's lines come in the order of the draft's. */
export async function priceDraft(invoice: Invoice, lines: readonly InvoiceLine[], now: Date): Promise<PricedCharge> {
  const priced = await priceLines({
    userId: invoice.userId, currency: invoice.currency, codes: invoice.codes ?? [], now,
    lines: lines.map((line) => ({
      key: line.businessKey, kind: line.kind, amountMinor: line.amountMinor, planId: line.planId, productId: line.productId, subscriptionId: line.subscriptionId, taxClass: line.taxClass,
      period: line.periodStart && line.periodEnd ? { start: line.periodStart, end: line.periodEnd } : null, detail: line.detail, ...(line.detail.serviceType ? { serviceType: line.detail.serviceType } : {}),
    })),
  })
  const byKey = new Map(priced.lines.map((line) => [line.key, line]))
  return { ...priced, lines: lines.map((line) => byKey.get(line.businessKey)!) }
}
