/**
 * An add-on for what runs already: the rest of the parent's period by the second, then in step with it. The preview is a rehearsal of the order; it binds, as it
 * carries its own instant and total, and the order counts from there.
 */
import { refuse, Refusal } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { Money } from '../../shared/money/money.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { renewCustomer } from '../billing/subscriptions/renew-due.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { addonPlansOf } from '../catalog/offered.js'
import { Plan } from '../catalog/plan.js'
import { priceSelection, type PricedSelection, type Selection } from '../catalog/price-selection.js'
import type { Product } from '../catalog/product.js'
import type { Customer } from '../customers/customer.js'
import { Service } from '../services/service.js'
import { bookOrder, refuseUnverified, type Booking } from './book-order.js'
import { terms } from './order-rules.js'
import { Order } from './order.js'

/** So long a preview may be ordered. */
const PREVIEW_LIFE = 15 * 60_000

export interface AddonWish {
  readonly plan: Plan
  readonly selection: Selection
}
export interface AddonPreview {
  readonly priced: PricedSelection
  readonly at: Date
  readonly lines: readonly InvoiceLine[]
  readonly discount: Money
  readonly tax: Money
  readonly total: Money
}
export interface AddonAgreement {
  /** Of the form: the same key is the same order. */
  readonly key: string
  /** Instant and total of the preview. */
  readonly at: Date
  readonly seenMinor: number
  readonly termsVersion: number
}

/** Null: something may be added to it. */
export function refusalToAdd(s: Subscription): Refusal | null {
  if (s.parentId !== null) return new Refusal('subscription.addon', 'Add it to what this add-on belongs to.')
  return s.serviceId === null ? new Refusal('subscription.no-service', 'Nothing can be added to this subscription.') : s.refusalToChange()
}

/** What can be added to it now; empty when nothing can. */
export async function addonsFor(s: Subscription): Promise<Array<{ product: Product; plan: Plan }>> {
  return refusalToAdd(s) ? [] : addonPlansOf(await Plan.findOwned<Plan>({ id: s.planId }))
}

class Curtain extends Error {
  constructor(readonly preview: AddonPreview) {
    super('The rehearsal is over.')
  }
}

/** Orders it and takes it all back. Throws Refusal and FormErrors as orderAddon() would. Call it outside transactions. */
export async function previewAddon(customer: Customer, given: Subscription, wish: AddonWish, now = clock.now()): Promise<AddonPreview> {
  await renewCustomer(given.userId, now)
  try {
    return await tenantTransaction(async (): Promise<never> => {
      const booking = await bookingOf(customer, given, wish, { key: newPublicId(), at: now, seenMinor: 0, termsVersion: 0 })
      const order = await bookOrder({ ...booking, agreed: null }, now)
      const invoice = await Invoice.findOwned<Invoice>({ id: order.invoiceId })
      const money = (minor: number): Money => Money.of(minor, invoice.currency)
      throw new Curtain({
        priced: booking.items[0]!.priced, at: now, lines: await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder').orderBy('id'),
        discount: money(invoice.discountMinor), tax: money(invoice.taxMinor), total: invoice.total,
      })
    })
  } catch (error) {
    if (error instanceof Curtain) return error.preview
    throw error
  }
}

/** Throws Refusal: `addon.expired`, `order.terms`, `order.price-changed`, `product.sold-out`, and why nothing can be added. The same key again answers the same order. */
export async function orderAddon(customer: Customer, given: Subscription, wish: AddonWish, agreement: AddonAgreement, now = clock.now()): Promise<Order> {
  const earlier = await Order.query().findOne({ checkoutKey: Order.keyFor(customer.id, agreement.key), userId: customer.id })
  if (earlier) return earlier
  refuseUnverified(customer)
  await renewCustomer(given.userId, now)
  const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
  refuse(refusalOfInstant(subscription, agreement.at, now))
  if ((await terms.read()).version !== agreement.termsVersion) throw new Refusal('order.terms', 'The terms have changed since this page was opened. Please read and accept them again.')
  return bookOrder(await bookingOf(customer, subscription, wish, agreement), now)
}

/** Within its life, and in the period that it was counted in. */
function refusalOfInstant({ currentPeriodStart, currentPeriodEnd }: Subscription, at: Date, now: Date): Refusal | null {
  const fresh = at <= now && now.getTime() - at.getTime() < PREVIEW_LIFE
  const samePeriod = (!currentPeriodStart || at >= currentPeriodStart) && (!currentPeriodEnd || now < currentPeriodEnd)
  return fresh && samePeriod ? null : new Refusal('addon.expired', 'This preview is older than 15 minutes, or a new period has begun. Look at the new one, then order.')
}

async function bookingOf(customer: Customer, given: Subscription, { plan, selection }: AddonWish, { key, at, seenMinor, termsVersion }: AddonAgreement): Promise<Booking> {
  const subscription = await Subscription.findOwned<Subscription>({ id: given.id, userId: customer.id })
  refuse(refusalToAdd(subscription))
  if (!(await addonsFor(subscription)).some((offer) => offer.plan.id === plan.id)) throw new Refusal('addon.not-offered', 'This add-on is not offered for it. Choose another one.')
  const service = await Service.findOwned<Service>({ id: subscription.serviceId, userId: customer.id })
  if (service.isOver) throw new Refusal('subscription.service-gone', 'Its service is gone, so nothing can be added to it.')
  const priced = await priceSelection(plan, selection)
  return {
    customer, key: Order.keyFor(customer.id, key), currency: plan.currency, items: [{ priced, name: priced.product.name, trial: false, addons: [] }], joins: { service, subscription }, countedAt: at,
    codes: [], termsVersion, agreed: Money.of(seenMinor, plan.currency), detail: { source: 'addon', subscription: subscription.publicId },
  }
}
