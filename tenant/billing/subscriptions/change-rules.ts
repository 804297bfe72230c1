/** What kind of change it is, when it takes effect, and what new options cost once. Pure. */
import { divideRounded } from '../../../shared/money/rate.js'
import type { PricedItem } from '../../catalog/price-selection.js'
import type { Product } from '../../catalog/product.js'
import { trialEndOf } from './open-subscription.js'
import type { Subscription } from './subscription.js'
import type { ChangeKind, Terms, Timing } from './subscription-change.js'

type Compared = Pick<Terms, 'productId' | 'billingCycle' | 'quantity' | 'amountMinor'> & { readonly items: readonly PricedItem[] }

type Tried = Pick<Subscription, 'status' | 'productId' | 'trialEnd' | 'currentPeriodStart' | 'timeZone'>

/**
 * Is this a wish for something that cannot be had for free until the trial ends? A trial goes on within its product, and in a product whose own trial, had it begun on
 * the same day, would not be over earlier. Anything else begins when the trial is over.
 */
export function outlivesTrial(subscription: Tried, to: Pick<Product, 'id' | 'trialDays'>): boolean {
  const { status, productId, trialEnd, currentPeriodStart, timeZone } = subscription
  if (status !== 'trialing' || !trialEnd || productId === to.id) return false
  return !currentPeriodStart || to.trialDays === 0 || trialEndOf(currentPeriodStart, to.trialDays, timeZone) < trialEnd
}

/** Null: nothing would change. */
export function kindOf(before: Compared, after: Compared): ChangeKind | null {
  if (before.productId !== after.productId) return 'plan'
  if (before.billingCycle !== after.billingCycle) return 'cycle'
  if (before.quantity !== after.quantity) return 'quantity'
  return sameOptions(before.items, after.items) ? null : 'option'
}

const optionsOf = (items: readonly PricedItem[]): string => JSON.stringify(items.filter((i) => i.kind === 'option').map((i) => [i.optionId, i.choiceId, i.quantity]).sort())
const sameOptions = (a: readonly PricedItem[], b: readonly PricedItem[]): boolean => optionsOf(a) === optionsOf(b)

/** A period that costs more is an upgrade: now. One that costs less waits for the end of what is paid. A reseller may say otherwise per product. */
export function timingOf(before: Compared, after: Compared, product: Pick<Product, 'upgradePolicy' | 'downgradePolicy'>): Timing {
  return after.amountMinor >= before.amountMinor ? product.upgradePolicy : product.downgradePolicy
}

/** Setup fees of what is new: options that were not there, and further units of those that were. The fee of a plan is for setting it up the first time. */
export function newSetup(before: readonly PricedItem[], after: readonly PricedItem[]): number {
  const had = new Map<number, number>()
  for (const item of before) if (item.choiceId !== undefined) had.set(item.choiceId, (had.get(item.choiceId) ?? 0) + item.quantity)
  let sum = 0
  for (const item of after) {
    if (item.choiceId === undefined || item.setupMinor === 0 || item.quantity === 0) continue
    const covered = Math.min(item.quantity, had.get(item.choiceId) ?? 0)
    had.set(item.choiceId, (had.get(item.choiceId) ?? 0) - covered)
    sum += Number(divideRounded(BigInt(item.setupMinor) * BigInt(item.quantity - covered), BigInt(item.quantity)))
  }
  return sum
}
