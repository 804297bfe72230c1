/** Lines → discounts → tax → totals. Cart, previews, drafts and issue all ask here, so that they cannot differ by a cent. */
import { taxView } from '../tax/tax-position.js'
import type { ChargeFacts, PricedCharge } from './charge.js'
import { chooseOffers } from './choose-offers.js'
import { inOrder } from './discount-lines.js'
import { offersFor } from './offers-for.js'
import { priceCharge } from './price-charge.js'

export type { ChargeFacts, ChargeLine, CouponUse, LineDiscount, LineKind, LineTax, Place, PricedCharge, PricedLine, RejectedCode, TaxSummary, Treatment } from './charge.js'

/** Changes nothing. A code that does not count is never an error here: it comes back in `rejected`. */
export async function priceLines(facts: ChargeFacts): Promise<PricedCharge> {
  const { settings, position, ratesFor } = await taxView(facts.userId, facts.place ?? null, facts.now)
  const { standing, typed, rejected } = await offersFor(facts)
  const { chosen, rejected: losing } = chooseOffers(facts.lines, standing, typed, facts.currency)
  const named = new Set((facts.codes ?? []).map((code) => code.trim().toUpperCase()))
  const offers = [...chosen].sort(inOrder)
  return priceCharge({
    currency: facts.currency, lines: facts.lines, offers, position, ratesFor,
    mode: { inclusive: settings.pricesInclusive, rounding: settings.rounding },
    applied: offers.filter((offer) => named.has(offer.code)).map((offer) => offer.code), rejected: [...rejected, ...losing],
  })
}
