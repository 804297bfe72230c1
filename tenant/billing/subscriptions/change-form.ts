/** The form of a change and its preview, as the customer and the desk see them. */
import { Money } from '../../../shared/money/money.js'
import { formatMoney } from '../../../shared/views/format.js'
import { cycleNames, cycleUnits, isRenewing } from '../../catalog/cycle.js'
import { offeredProducts, plansOf } from '../../catalog/offered.js'
import { optionFields, type OptionField } from '../../catalog/option-fields.js'
import { optionsOn } from '../../catalog/option-offer.js'
import { Plan } from '../../catalog/plan.js'
import { Product, type ServiceType } from '../../catalog/product.js'
import { selectionFields } from '../../catalog/read-selection.js'
import { outlivesTrial } from './change-rules.js'
import { subscriptionRow } from './present-subscription.js'
import type { Subscription } from './subscription.js'
import type { Change } from './subscription-change.js'

export interface Crumb { label: string; href?: string }
export interface ChangePage {
  href: string
  crumbs: Crumb[]
  name: string
  plans: Array<{ value: string; label: string }>
  plan: string
  planText: string
  quantity: string
  maxQuantity: number
  options: OptionField[]
  errors: Readonly<Record<string, string>>
}

/** Plans into which it may be changed: of its own product for an add-on, of every product of its service type otherwise. */
export async function plansFor(s: Subscription): Promise<Array<{ product: Product; plan: Plan }>> {
  const current = await Plan.findOwned<Plan>({ id: s.planId })
  const product = current.productId === null ? undefined : await Product.query().findById(current.productId)
  const own = product ? (await plansOf(product, s.currency)).map((plan) => ({ product, plan })) : []
  const others = product?.kind === 'plan' ? (await offeredProducts(current.serviceType as ServiceType, s.currency)).filter((o) => o.product.id !== product.id).flatMap((o) => o.plans.map((plan) => ({ product: o.product, plan }))) : []
  const kept = product && !own.some((o) => o.plan.id === current.id) ? [{ product, plan: current }] : []
  return [...kept, ...own, ...others].filter((o) => isRenewing(o.plan.billingCycle) && !outlivesTrial(s, o.product))
}

/** `home`: address of the list of subscriptions it is shown in. */
export async function changePage(s: Subscription, home: string, locale: string, chosen: string | undefined, typed: Readonly<Record<string, unknown>> | null, errors: Readonly<Record<string, string>>): Promise<ChangePage> {
  const [plans, { name }] = [await plansFor(s), await subscriptionRow(s, locale, s.createdAt)]
  const { plan, product } = plans.find((o) => o.plan.publicId === chosen) ?? plans.find((o) => o.plan.id === s.planId) ?? plans[0]!
  const same = plan.productId === s.productId
  const fields = typed ?? (same ? selectionFields(s.selection, await optionsOn(plan, { retired: true })) : null)
  const price = (p: Plan): string => `${formatMoney(p.price.minor, p.currency, locale)} ${cycleUnits[p.billingCycle]}`
  return {
    href: `${home}/${s.publicId}`, crumbs: crumbsOf(s, home, name, 'Change'), name, plan: plan.publicId, planText: `${plan.name}, ${cycleNames[plan.billingCycle]}`, errors, maxQuantity: product.maxQuantity,
    plans: plans.map((o) => ({ value: o.plan.publicId, label: `${o.plan.name} · ${cycleNames[o.plan.billingCycle]} · ${price(o.plan)}${o.plan.id === s.planId ? ' (yours now)' : ''}` })),
    quantity: typeof fields?.['quantity'] === 'string' ? fields['quantity'] : String(s.quantity), options: await optionFields(plan, fields, locale, errors, { retired: plan.id === s.planId }),
  }
}

export interface PreviewPage {
  href: string
  crumbs: Crumb[]
  name: string
  kindText: string
  before: string
  after: string
  lines: Array<{ label: string; text: string; amount: Money }>
  discount: Money | null
  tax: Money | null
  total: Money
  isCredit: boolean
  isNow: boolean
  effectiveAt: Date
  expiresAt: Date | null
  replaces: string | null
  replaced: Money | null
  nextAt: Date
  next: Money
  confirmHref: string
  label: string
  error: string | null
  usable: boolean
}

export function previewPage(s: Subscription, home: string, change: Change, name: string, locale: string, now: Date, error: string | null = null): PreviewPage {
  const money = (minor: number): Money => Money.of(minor, change.currency)
  const { preview, total } = change
  const isNow = change.timing === 'now'
  const refusal = change.refusalToApply(now)
  return {
    href: `${home}/${s.publicId}`, crumbs: crumbsOf(s, home, name, 'Confirm the change'), name, before: preview.before, after: preview.after, lines: preview.lines.map((l) => ({ label: l.label, text: l.text, amount: money(l.amountMinor) })), discount: preview.discountMinor ? money(-preview.discountMinor) : null,
    tax: preview.taxMinor ? money(preview.taxMinor) : null, total: total.minor < 0 ? total.negate() : total, isCredit: total.minor < 0, isNow, effectiveAt: change.effectiveAt, expiresAt: change.expiresAt,
    kindText: isNow ? 'It takes effect at once.' : 'It takes effect when the period that is paid for has ended. Until then nothing changes, and you can take it back.',
    replaces: preview.replaces.length ? preview.replaces.join(', ') : null, replaced: preview.replaces.length ? money(preview.replacedMinor) : null, nextAt: new Date(preview.nextAt), next: money(preview.nextMinor),
    confirmHref: `${home}/${s.publicId}/changes/${change.publicId}/confirmation`, error: error ?? refusal?.message ?? null, usable: refusal === null,
    label: isNow && total.isPositive() ? `Change and pay ${formatMoney(total.minor, change.currency, locale)}` : 'Confirm the change',
  }
}

const crumbsOf = (s: Subscription, home: string, name: string, label: string): Crumb[] => [{ href: home, label: 'Subscriptions' }, { href: `${home}/${s.publicId}`, label: name }, { label }]
