import { expect } from 'chai'
import { auditTenant } from '../billing/audit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { cancelSubscription } from '../billing/subscriptions/cancel-subscription.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { Product } from '../catalog/product.js'
import { newProduct } from '../testing/catalog-world.js'
import { useOrderWorld } from '../testing/order-world.js'
import { Order } from './order.js'

describe('An order that is cancelled before it is paid', function () {
  this.timeout(30_000)
  const world = useOrderWorld()
  const { in: inAcme } = world

  it('loses what was cancelled from its invoice; with the last of it invoice, order, service and stock are given up', async () => {
    const [small, large] = await inAcme(async () => [await newProduct({ name: 'Small' }, [{ cycle: 'monthly', price: '10.00', setup: '5.00' }]), await newProduct({ name: 'Large' }, [{ cycle: 'monthly', price: '30.00' }])] as const)
    const buyer = await world.buyer()
    const browser = await world.shop.as(buyer.id)
    await world.put(browser, small.plan)
    await world.put(browser, large.plan)
    await world.checkOut(browser)
    const state = () => inAcme(async () => {
      const order = await Order.findOwned<Order>({ userId: buyer.id })
      return [order.status, order.totalMinor, (await Invoice.query().orderBy('id')).map((i) => `${i.totalMinor} ${i.status}`), await world.count('services', { status: 'terminated' })]
    })
    const cancel = async (planId: number): Promise<void> => {
      await inAcme(async () => cancelSubscription(await Subscription.findOwned<Subscription>({ planId }), { timing: 'now', by: 'customer' }))
      await world.jobs()
      await world.jobs()
    }
    await cancel(small.plan.id)
    expect(await state()).to.deep.equal(['placed', 3000, ['4500 void', '3000 open'], 1])
    await cancel(large.plan.id)
    expect(await state()).to.deep.equal(['cancelled', 3000, ['4500 void', '3000 void'], 2])
    expect(await inAcme(async () => (await Product.query()).map((p) => p.stockTaken))).to.deep.equal([0, 0])
    expect(await inAcme(() => auditTenant())).to.deep.equal([])
  })
})
