import { expect } from 'chai'
import { newPublicId } from '../../../shared/security/token.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { setClock } from '../../../shared/testing/world.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { createCreditNote } from '../invoices/credit-notes/create-credit-note.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { chargeInvoice } from '../payments/charge-invoice.js'
import { openDispute } from '../payments/disputes/dispute-sync.js'
import { Payment } from '../payments/payment.js'
import { refundPayment } from '../payments/refunds/refund-payment.js'
import { usd } from '../../scenarios/billing-world.js'
import { newProduct } from '../../testing/catalog-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { rate, register } from '../../testing/pricing-world.js'
import { change, newSubscription, react, reload, type TestSubscription } from '../../testing/subscription-world.js'
import { subscriptionRules } from './billing-rules.js'
import { cancelSubscription } from './cancel-subscription.js'
import type { Plan } from '../../catalog/plan.js'

describe('Money that has left the shop', function () {
  this.timeout(60_000)
  const world = usePaymentWorld()
  afterEach(() => world.in(async () => expect(await auditTenant()).to.deep.equal([])))

  /** A year at 100.00, paid by card on the first of November; the next day a downgrade is possible at once. */
  async function paidYear(more: { country?: string } = {}): Promise<TestSubscription & { payment: Payment; small: Plan }> {
    setClock('2026-11-01T00:00:00Z')
    const customer = await world.customer(more)
    await world.card(customer)
    const { plan } = await newProduct({ downgradePolicy: 'now' }, [{ cycle: 'annual', price: '100.00' }])
    const small = (await newProduct({ downgradePolicy: 'now' }, [{ cycle: 'annual', price: '10.00' }])).plan
    const made = await newSubscription({ plan, userId: customer.id, paid: false })
    await chargeInvoice(made.invoice, { offSession: false })
    await react()
    await subscriptionRules.write({ ...(await subscriptionRules.read()), cancelRefund: 'credit' })
    return { ...made, small, payment: (await Payment.query().findOne({ status: 'succeeded' }))! }
  }
  const refund = (payment: Payment, minor: number) => refundPayment({ payment, amount: usd(minor), to: 'source', reason: 'Sorry', key: newPublicId() })
  const lose = (payment: Payment, minor: number) => openDispute(payment, {
    id: `dp_${newPublicId()}`, tenant: null, attempt: null, paymentId: payment.gatewayPaymentId, amountMinor: minor, currency: 'USD', status: 'lost', reason: 'fraudulent', respondBy: null, needsAnswer: false, submissions: 0,
  })
  const credit = async ({ userId }: TestSubscription): Promise<number> => (await creditBalance(userId, 'USD')).minor

  for (const [how, leave] of [['was refunded', refund], ['a bank took back', lose]] as const) {
    it(`is not given back again by a change: what ${how} is worth nothing, whole or in part`, () => world.in(async () => {
      const year = await paidYear()
      await leave(year.payment, 10_000)
      setClock('2026-11-02T00:00:00Z')
      const down = await change(await reload(year.subscription.id), year.small)
      expect([down.preview.lines.map((line) => line.amountMinor), await credit(year)]).to.deep.equal([[0, 997], 0])
      // The stretch is closed: a later change counts it no more.
      setClock('2026-11-03T00:00:00Z')
      expect((await change(await reload(year.subscription.id), year.plan, { quantity: 1, options: [] }, 'now', 'staff')).preview.lines.map((line) => line.amountMinor)).to.deep.equal([3, 9945])
    }))

    it(`is not given back again to who leaves at once, and does not keep them from leaving: what ${how}`, () => world.in(async () => {
      const year = await paidYear()
      await leave(year.payment, 4000)
      setClock('2026-11-02T00:00:00Z')
      await cancelSubscription(await reload(year.subscription.id), { timing: 'now', by: 'customer' })
      expect([(await reload(year.subscription.id)).status, await credit(year)]).to.deep.equal(['ended', 6000])
      const whole = await paidYear()
      await leave((await Payment.query().findOne({ userId: whole.userId, status: 'succeeded' }))!, 10_000)
      await cancelSubscription(whole.subscription, { timing: 'now', by: 'customer' })
      expect([(await reload(whole.subscription.id)).status, await credit(whole)]).to.deep.equal(['ended', 0])
    }))
  }

  it('with its tax: of a year at 110.00 that was refunded but for 11.00, eleven dollars are left to credit', () => world.in(async () => {
    await register('US')
    await rate('US', 100_000, { name: 'Tax' })
    const year = await paidYear({ country: 'US' })
    await refund(year.payment, 9900)
    setClock('2026-11-02T00:00:00Z')
    expect((await change(await reload(year.subscription.id), year.small)).preview.lines.map((line) => line.amountMinor)).to.deep.equal([-1000, 997])
  }))

  it('cannot be taken back by a credit note: after a lost dispute, or once a change has credited the line', () => world.in(async () => {
    const note = async (invoice: Invoice, amountMinor: number) => {
      const { id } = (await InvoiceLine.query().findOne({ invoiceId: invoice.id }))!
      return codeOf(createCreditNote({ invoice: await Invoice.findOwned<Invoice>({ id: invoice.id }), lines: [{ lineId: id, amountMinor }], reason: 'Sorry', to: 'balance', key: newPublicId() }))
    }
    const year = await paidYear()
    await lose(year.payment, 6000)
    expect([await note(year.invoice, 4001), await note(year.invoice, 4000)]).to.deep.equal(['credit-note.unpaid', 'done'])
    const other = await paidYear()
    setClock('2026-11-02T00:00:00Z')
    await change(await reload(other.subscription.id), other.small)
    expect([await credit(other), await note(other.invoice, 28), await note(other.invoice, 27)]).to.deep.equal([9973 - 997, 'credit-note.unpaid', 'done'])
  }))

  it('takes the credit along that was given for it: a bank that comes later finds it unspent', () => world.in(async () => {
    const year = await paidYear()
    setClock('2026-11-02T00:00:00Z')
    await cancelSubscription(await reload(year.subscription.id), { timing: 'now', by: 'customer' })
    expect(await credit(year)).to.equal(9973)
    await lose(year.payment, 9000)
    expect(await credit(year)).to.equal(9973 - (9000 - 27))
  }))

  it('twice changed and then left, a customer has paid for the time that was used and no more', () => world.in(async () => {
    const year = await paidYear()
    setClock('2026-11-02T00:00:00Z')
    await change(await reload(year.subscription.id), year.small)
    setClock('2026-11-03T00:00:00Z')
    await change(await reload(year.subscription.id), year.plan, { quantity: 1, options: [] }, 'now')
    setClock('2026-11-04T00:00:00Z')
    await cancelSubscription(await reload(year.subscription.id), { timing: 'now', by: 'customer' })
    const paid = (await Payment.query().where({ userId: year.userId, status: 'succeeded' })).reduce((sum, p) => sum + p.amountMinor, 0)
    // A day of 100.00, one of 10.00, one of 100.00, each rounded once.
    expect(paid - (await credit(year))).to.equal(27 + 3 + 27)
  }))
})
