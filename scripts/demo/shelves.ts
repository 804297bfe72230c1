/** What the demo's shops sell beside workspaces, a coupon, and a few orders that have been placed: one paid and waiting for staff, one on trial, one unpaid. Safe to repeat. */
import { Money } from '../../shared/money/money.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { Coupon } from '../../tenant/billing/coupons/coupon.js'
import { saveCoupon } from '../../tenant/billing/coupons/save-coupon.js'
import { Plan } from '../../tenant/catalog/plan.js'
import { priceSelection } from '../../tenant/catalog/price-selection.js'
import { firstSelection } from '../../tenant/catalog/read-selection.js'
import { optionsOn } from '../../tenant/catalog/option-offer.js'
import { Product } from '../../tenant/catalog/product.js'
import { setProductStatus } from '../../tenant/catalog/set-offer-status.js'
import { Customer } from '../../tenant/customers/customer.js'
import { bookOrder } from '../../tenant/ordering/book-order.js'
import { terms } from '../../tenant/ordering/order-rules.js'
import { Order } from '../../tenant/ordering/order.js'

export async function publishShelves(): Promise<void> {
  if (await Coupon.query().findOne({ code: 'WELCOME10' })) return
  await setProductStatus(await Product.query().where({ status: 'hidden' }), 'active')
  await saveCoupon('WELCOME10', {
    name: '10 % off for three months', kind: 'percent', percentPpm: 100_000, amounts: {}, minimums: {}, duration: 'periods', periods: 3, startsAt: null, endsAt: null, limitTotal: null, limitPerCustomer: 1,
    firstOrderOnly: false, includesSetup: false, stackable: false, productIds: [], planIds: [],
  }, null)
}

/** By a customer that is there: the first is paid from the welcome credit. */
export async function placeOrders(email: string): Promise<void> {
  const customer = await Customer.withEmail(email)
  if (!customer) return
  for (const [slug, name, trial] of [['vps-s', 'blog-server', false], ['web-hosting-s', 'family-site', true], ['dedicated-server', 'render-box', false]] as const) {
    const key = Order.keyFor(customer.id, `demo-${slug}`)
    if (await Order.query().findOne({ checkoutKey: key })) continue
    const product = await Product.query().findOne({ slug })
    const plan = product && (await Plan.query().findOne({ productId: product.id, billingCycle: 'monthly', currency: customer.currency }))
    if (!plan) continue
    const priced = await priceSelection(plan, firstSelection(await optionsOn(plan)))
    const agreed = trial ? Money.zero(plan.currency) : priced.recurring.add(priced.setup)
    const { version } = await terms.read()
    await bookOrder({ customer, key, currency: plan.currency, items: [{ priced, name, trial, addons: [] }], codes: [], termsVersion: version, agreed, detail: { source: 'demo', shop: currentTenant().slug } }, clock.now())
  }
}
