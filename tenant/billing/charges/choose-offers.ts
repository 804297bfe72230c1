/**
 * Which of the typed coupons count together. Coupons that may be combined count all together; one that may not counts alone. Of these choices the customer
 * gets the one that takes most off; when two take the same, the combined ones, then the older coupon. Pure.
 */
import { discountLines, type Offer } from './discount-lines.js'
import type { ChargeLine, RejectedCode } from './charge.js'

export interface TypedOffer extends Offer {
  readonly stackable: boolean
}

/** `standing`: coupons of running subscriptions; they stay whatever is typed. */
export function chooseOffers(lines: readonly ChargeLine[], standing: readonly Offer[], typed: readonly TypedOffer[], currency: string): { chosen: Offer[]; rejected: RejectedCode[] } {
  const together = typed.filter((offer) => offer.stackable)
  const alone = typed.filter((offer) => !offer.stackable).sort((a, b) => a.couponId - b.couponId)
  const choices = [...(together.length ? [together] : []), ...alone.map((offer) => [offer])]
  let best: readonly TypedOffer[] = []
  let most = -1
  for (const choice of choices) {
    const saved = savedBy(lines, [...standing, ...choice], currency)
    if (saved > most) [best, most] = [choice, saved]
  }
  const rejected = typed.filter((offer) => !best.includes(offer)).map((offer) => ({ code: offer.code, reason: losing(offer, best) }))
  return { chosen: [...standing, ...best], rejected }
}

const savedBy = (lines: readonly ChargeLine[], offers: readonly Offer[], currency: string): number =>
  [...discountLines(lines, offers, currency).values()].flat().reduce((sum, discount) => sum + discount.amountMinor, 0)

const losing = (offer: Offer, best: readonly Offer[]): string =>
  `${offer.code} cannot be combined with ${best.map((other) => other.code).join(' and ')}, which saves you at least as much.`
