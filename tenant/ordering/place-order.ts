import { Refusal, refuse } from '../../shared/errors.js'
import { errnoOf } from '../../shared/database/database-busy.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import type { Plan } from '../catalog/plan.js'
import type { Customer } from '../customers/customer.js'
import { KASM } from '../kasm/driver.js'
import { refusalToOrder as refusalByLimits } from '../kasm/limits/ask-limits.js'
import { orderWorkspace, type Place } from '../kasm/order-workspace.js'
import { connections } from '../kasm/provider/connection.js'
import { Template } from '../kasm/templates/template.js'
import { paymentState, refusalToOrder } from '../services/payment-readiness.js'
import { Service } from '../services/service.js'
import { Order } from './order.js'
import { placeFor } from './workspace-place.js'

export interface Wish {
  /** Made with the form; the same key is the same order. */
  readonly checkoutKey: string
  readonly templateId: number
  readonly name: string
  /** Version of the plan whose price was shown. */
  readonly planVersion: number
  /** Where it is to stand; null: wherever there is room. */
  readonly region?: string | null
}
const DUPLICATE = 1062

/**
 * Order, service and workspace in one transaction; setting up begins when that is committed. Repeatable: the same checkout key answers the same service.
 * Throws Refusal when the plan is not offered, its price has changed since it was shown, the customer cannot pay or has reached a limit, or no server has room;
 * NotFound for a template that is not on offer. Nothing is ordered then.
 */
export async function placeOrder(customer: Customer, plan: Plan, wish: Wish, now = clock.now()): Promise<Service> {
  const checkoutKey = Order.keyFor(customer.id, wish.checkoutKey)
  const earlier = await orderedBefore(checkoutKey)
  if (earlier) return earlier
  refuse(plan.refusalToOrder())
  if (!customer.isVerified) throw new Refusal('order.not-verified', 'Confirm your e-mail address before you order.')
  if (plan.version !== wish.planVersion) throw new Refusal('order.price-changed', 'The price has changed since you opened this page. Look at it again, then order.')
  refuse(refusalToOrder(await paymentState(customer.id, plan.currency)))
  const template = await Template.offered(wish.templateId, plan)
  const server = placeFor(template, await connections(), wish.region ?? null)
  const place = { connectionId: server.id, region: server.region }
  try {
    return await tenantTransaction(async () => {
      const limit = await refusalByLimits(customer.id, plan, now)         // waits for a twin of this order, which then counts against the limit
      const twin = await orderedBefore(checkoutKey)
      if (twin) return twin
      refuse(limit)
      return book(customer, plan, template, { ...wish, checkoutKey }, place, now)
    })
  } catch (error) {
    const other = errnoOf(error) === DUPLICATE ? await orderedBefore(checkoutKey) : null
    if (!other) throw error
    return other
  }
}

async function orderedBefore(checkoutKey: string): Promise<Service | null> {
  const order = await Order.query().findOne({ checkoutKey })
  return order?.serviceId ? Service.findOwned({ id: order.serviceId, userId: order.userId }) : null
}

/** The order's row comes first: of two that arrive together the second waits at the key, and finds the first one's service. */
async function book(customer: Customer, plan: Plan, template: Template, wish: Wish, place: Place, now: Date): Promise<Service> {
  const detail = { plan: plan.slug, template: template.label, region: place.region, priceMicros: plan.priceMicros, currency: plan.currency, planVersion: plan.version }
  const order = await Order.query().insertAndFetch({ publicId: newPublicId(), checkoutKey: wish.checkoutKey, userId: customer.id, planId: plan.id, status: 'placed', detail })
  const service = await Service.query().insertAndFetch({
    publicId: newPublicId(), userId: customer.id, planId: plan.id, serviceType: KASM, name: wish.name, status: 'provisioning', currency: plan.currency, priceMicros: plan.priceMicros, nextAttemptAt: now,
  })
  await order.$query().patch({ serviceId: service.id })
  await orderWorkspace(service, plan, template, now, place)
  await record('order.placed', order, { service: service.publicId, ...detail }, { userId: customer.id })
  return service
}
