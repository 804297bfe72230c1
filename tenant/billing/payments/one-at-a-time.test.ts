import { expect } from 'chai'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { newInvoice, newPayment } from '../../scenarios/billing-world.js'
import { alone } from './one-at-a-time.js'
import { Payment } from './payment.js'

describe('Capturing and cancelling one payment', function () {
  this.timeout(20_000)
  const world = usePaymentWorld()
  it('wait for each other, and whoever comes second sees what the first has done', async () => {
    const { paymentId } = await world.in(async () => {
      const customer = await world.customer()
      return newPayment(customer.id, (await newInvoice(customer.id, 1000)).id, 1000, 'requires_action')
    })
    const order: string[] = []
    const act = (name: string, ms: number) => world.apart(() => alone({ id: paymentId }, async (fresh) => {
      order.push(`${name} begins, ${fresh.status}`)
      await new Promise((done) => setTimeout(done, ms))
      if (fresh.isOpen) await fresh.become('canceled')
      order.push(`${name} ends`)
    }))
    await Promise.all([act('first', 400), new Promise((done) => setTimeout(done, 100)).then(() => act('second', 0))])
    expect(order).to.deep.equal(['first begins, requires_action', 'first ends', 'second begins, canceled', 'second ends'])
    await world.in(async () => expect((await Payment.query().findById(paymentId))!.status).to.equal('canceled'))
  })
})
