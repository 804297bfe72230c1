/** The preview of a change. It is kept with its instant: confirming it within 15 minutes charges exactly this, or nothing. */
import { FormErrors, Refusal, refuse } from '../../../shared/errors.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { isRenewing } from '../../catalog/cycle.js'
import { plansOf } from '../../catalog/offered.js'
import { Plan } from '../../catalog/plan.js'
import { priceSelection, type KeptPrices, type PricedSelection, type Selection } from '../../catalog/price-selection.js'
import { Product } from '../../catalog/product.js'
import { kindOf, outlivesTrial, timingOf } from './change-rules.js'
import { previewOf } from './change-preview.js'
import { rehearseChange } from './issue-change.js'
import { overdueBill } from './overdue-bill.js'
import type { Proposal } from './propose-change.js'
import { renewCustomer } from './renew-due.js'
import { Change, quoteMinutes, type Terms, type TermsById, type Timing } from './subscription-change.js'
import { Subscription } from './subscription.js'
import { lastWantedEnd } from './withdraw-periods.js'

export interface ChangeWish {
  readonly plan: Plan
  readonly selection: Selection
  /** Staff may choose; customers get what the product says. */
  readonly timing?: Timing
  /** Staff may change what an overdue invoice bills. Default: the customer, who pays it first. */
  readonly by?: 'customer' | 'staff'
}

/** Throws Refusal when nothing may change, FormErrors for a wish that is not on offer or changes nothing. */
export async function quoteChange(given: Subscription, wish: ChangeWish, now = clock.now()): Promise<Change> {
  await renewCustomer(given.userId, now)
  const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
  refuse(subscription.refusalToChange(wish.by === 'staff' ? null : await overdueBill(subscription, now)))
  refuse(await refusalTooSoon(subscription, now))
  const priced = await priceWish(subscription, wish)
  const kind = kindOf(subscription, termsOf(priced))
  if (!kind) throw new FormErrors({ form: 'This is what you have already. Choose something else.' })
  const own = subscription.productId === null ? null : await Product.query().findById(subscription.productId)
  const timing = subscription.status === 'trialing' ? 'now' : wish.timing ?? timingOf(subscription, termsOf(priced), own ?? priced.product)
  const family = kind === 'cycle' || priced.plan.billingCycle !== subscription.billingCycle ? await subscription.family() : [subscription]
  const terms = { [subscription.id]: termsOf(priced), ...(await followers(family.slice(1), priced.plan)) }
  const effectiveAt = timing === 'now' ? now : await lastWantedEnd(subscription, now)
  const proposal: Proposal = { timing, at: now, effectiveAt, terms }
  const changing = family.filter((s) => terms[s.id])
  const result = await rehearseChange(proposal, changing, now)
  return Change.query().insertAndFetch({
    publicId: newPublicId(), subscriptionId: subscription.id, userId: subscription.userId, kind, status: 'quoted', timing, quotedAt: now, expiresAt: new Date(now.getTime() + quoteMinutes * 60_000), effectiveAt,
    terms, preview: await previewOf(subscription, proposal, result), totalMinor: result.totalMinor, currency: subscription.currency,
  })
}

async function refusalTooSoon(subscription: Subscription, now: Date): Promise<Refusal | null> {
  const just = await Change.query().where({ subscriptionId: subscription.id, status: 'applied', timing: 'now' }).where('quotedAt', '>=', now).select('id').first()
  return just ? new Refusal('change.too-soon', 'It has only just been changed. Please wait a moment.') : null
}

/** The customer keeps the price of what they already have; anything new is at today's. */
export async function priceWish(subscription: Subscription, { plan, selection }: Pick<ChangeWish, 'plan' | 'selection'>): Promise<PricedSelection> {
  if (plan.currency !== subscription.currency) throw new FormErrors({ plan: `This plan is priced in ${plan.currency}. This subscription is in ${subscription.currency}.` })
  if (!isRenewing(plan.billingCycle)) throw new FormErrors({ plan: 'Choose a plan that renews.' })
  const current = await Plan.findOwned<Plan>({ id: subscription.planId })
  const priced = await priceSelection(plan, selection, plan.id === subscription.planId ? keptBy(subscription) : undefined)
  const [from, to] = [current.productId === null ? null : await Product.query().findById(current.productId), priced.product]
  const possible = from?.id === to.id || (from?.kind === 'plan' && to.kind === 'plan' && plan.serviceType === current.serviceType)
  if (outlivesTrial(subscription, to)) throw new FormErrors({ plan: `${to.name} has no free trial, or a shorter one. Change to it when your trial is over.` })
  if (!possible) throw new FormErrors({ plan: 'A subscription cannot be changed into this. Please order it instead.' })
  return priced
}

const keptBy = ({ items }: Subscription): KeptPrices => ({
  priceMicros: items.find((i) => i.kind === 'plan')?.unitMicros ?? 0, optionMicros: new Map(items.flatMap((i) => (i.choiceId === undefined || i.tier ? [] : [[i.choiceId, i.unitMicros] as const]))),
})

export const termsOf = ({ plan, selection, items, recurring }: PricedSelection): Terms =>
  ({ planId: plan.id, planVersion: plan.version, productId: plan.productId, billingCycle: plan.billingCycle, quantity: selection.quantity, selection, items, amountMinor: recurring.minor })

/** Add-ons that follow go along into another cycle; each must be sold for it. */
async function followers(addons: readonly Subscription[], plan: Plan): Promise<TermsById> {
  const terms: Record<number, Terms> = {}
  for (const addon of addons.filter((s) => s.renews && s.billingCycle !== plan.billingCycle)) {
    const same = addon.productId === null ? undefined : (await plansOf({ id: addon.productId }, addon.currency)).find((p) => p.billingCycle === plan.billingCycle)
    if (!same) throw new FormErrors({ plan: 'One of your add-ons is not sold for this billing cycle. Cancel the add-on first, or choose another cycle.' })
    terms[addon.id] = termsOf(await priceSelection(same, addon.selection))
  }
  return terms
}
