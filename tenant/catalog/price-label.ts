/** How prices of the catalogue read. */
import { Money } from '../../shared/money/money.js'
import { formatMoney, formatRate } from '../../shared/views/format.js'
import { cycleUnits } from './cycle.js'
import type { Plan } from './plan.js'
import type { TierMode } from './product-option.js'
import type { Tier } from './option-offer.js'

/** A unit price, with as many decimals as it needs: `$0.005`. */
export const unitText = (micros: number, currency: string, locale: string): string => formatRate({ micros, currency }, locale).replace(/\/h$/, '')
export const moneyText = (money: Money, locale: string): string => formatMoney(money.minor, money.currency, locale)

/** `$5.00 a month`, `$0.15 an hour`, `Free`. */
export function priceText(plan: Plan, locale: string): string {
  if (plan.billingCycle === 'free' || plan.priceMicros === 0) return 'Free'
  return `${unitText(plan.priceMicros, plan.currency, locale)} ${cycleUnits[plan.billingCycle]}`
}

/** What one choice costs with a plan: `$2.00 a month each up to 8, then $1.50`. Empty when it costs nothing. */
export function tierText(tiers: readonly Tier[], plan: Plan, { mode, each }: { mode: TierMode; each: boolean }, locale: string): string {
  const [first, ...rest] = tiers
  if (!first || (rest.length === 0 && first.unitMicros === 0)) return first && first.setupMinor > 0 ? setupText(first.setupMinor, plan.currency, locale) : ''
  const unit = (tier: Tier): string => unitText(tier.unitMicros, plan.currency, locale)
  const begin = `${unit(first)} ${cycleUnits[plan.billingCycle]}${each ? ' each' : ''}`
  const further = rest.map((tier) => (mode === 'volume' ? `${unit(tier)} each for all from ${tier.fromQuantity} on` : `${unit(tier)} for each from number ${tier.fromQuantity} on`))
  return [[begin, ...further].join('; '), ...(first.setupMinor > 0 ? [setupText(first.setupMinor, plan.currency, locale)] : [])].join(', ')
}

const setupText = (minor: number, currency: string, locale: string): string => `plus ${formatMoney(minor, currency, locale)} once`
