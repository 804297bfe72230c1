import { expect } from 'chai'
import { Refusal } from '../../../../shared/errors.js'
import { patience } from '../../../../shared/payments/stripe-gateway.js'
import { balances, newInvoice, usd } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import { auditTenant } from '../../audit.js'
import { creditBalance } from '../../credit/credit.js'
import { chargeInvoice } from '../charge-invoice.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { Payment } from '../payment.js'
import { refundable, refundPayment, type RefundWish } from './refund-payment.js'
import { Refund } from './refund.js'
import { resolveDueRefunds, resolveRefund, resolveRefundByHand, syncRefund } from './resolve-refund.js'
import { topUpCredit } from '../top-ups/top-up.js'

const code = (work: Promise<Refund>): Promise<string> => work.then((r) => r.status, (e: unknown) => (e instanceof Refusal ? e.code : String(e)))

describe('Refunding a payment', () => {
  const world = usePaymentWorld()
  before(() => {
    patience.timeoutMs = 400
  })
  after(() => {
    patience.timeoutMs = 20_000
  })
  /** A customer who has paid an invoice of $20.00 by card. */
  const paid = async (): Promise<Payment> => {
    const customer = await world.customer()
    await world.card(customer)
    await chargeInvoice(await newInvoice(customer.id, 2000), { offSession: true })
    return (await world.payments())[0]!
  }
  const wish = (payment: Payment, minor: number, more: Partial<RefundWish> = {}): RefundWish => ({ payment, amount: usd(minor), to: 'source', reason: 'Sorry', key: `k${minor}`, ...more })
  const refundsThere = (): unknown[] => world.stripe.account('acme').all('refund').map((r) => r.amount)

  it('sends a part and then the rest, and never a cent more', () => world.in(async () => {
    const payment = await paid()
    expect(await code(refundPayment(wish(payment, 1250)))).to.equal('succeeded')
    expect((await refundable(payment)).minor).to.equal(750)
    expect(await code(refundPayment(wish(payment, 751)))).to.equal('refund.too-much')
    expect(await code(refundPayment(wish(payment, 750)))).to.equal('succeeded')
    expect(await code(refundPayment(wish(payment, 1)))).to.equal('refund.too-much')
    expect(refundsThere()).to.deep.equal([1250, 750])
    expect(await balances()).to.deep.equal({ refunds: 2000, 'revenue:other': -2000 })
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is one refund for one key, however often it is asked', () => world.in(async () => {
    const payment = await paid()
    const ids = [(await refundPayment(wish(payment, 500))).id, (await refundPayment(wish(payment, 500))).id]
    expect(ids[0]).to.equal(ids[1])
    expect(refundsThere()).to.deep.equal([500])
  }))

  it('lets ten refunds at once take no more than was paid', async () => {
    const payment = await world.in(paid)
    const codes = await Promise.all(Array.from({ length: 10 }, (_v, i) => world.apart(() => code(refundPayment(wish(payment, 700, { key: `race${i}` }))))))
    expect(codes.filter((c) => c === 'succeeded')).to.have.length(2)
    expect(codes.filter((c) => c === 'refund.too-much')).to.have.length(8)
    await world.in(async () => {
      expect((await refundable(payment)).minor).to.equal(600)
      expect(refundsThere()).to.deep.equal([700, 700])
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('gives credit instead, at once and without the gateway', () => world.in(async () => {
    const payment = await paid()
    expect(await code(refundPayment(wish(payment, 800, { to: 'credit' })))).to.equal('succeeded')
    expect((await creditBalance(payment.userId, 'USD')).minor).to.equal(800)
    expect(refundsThere()).to.deep.equal([])
    expect(await balances()).to.deep.equal({ cash: 2000, credit: -800, refunds: 800, 'revenue:other': -2000 })
  }))

  it('books everything back when it fails days later, and what a credit note promised stays as credit', () => world.in(async () => {
    const payment = await paid()
    const [plain, noted] = [await refundPayment(wish(payment, 500)), await refundPayment(wish(payment, 700, { key: 'credit-note:7' }))]
    for (const refund of world.stripe.account('acme').all('refund')) refund.status = 'failed'
    const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
    for (const refund of [plain, noted]) for (let again = 0; again < 3; again++) expect(await syncRefund(account, (await Refund.findOwned({ id: refund.id })).gatewayRefundId!)).to.equal('processed')
    expect(await balances()).to.deep.equal({ cash: 2000, credit: -700, refunds: 700, 'revenue:other': -2000 })
    // The seven dollars are credit now: they are not given a second time.
    expect((await refundable(payment)).minor).to.equal(1300)
    expect(await code(refundPayment(wish(payment, 1301, { key: 'all' })))).to.equal('refund.too-much')
    expect(await code(refundPayment(wish(payment, 1301, { key: 'as-credit', to: 'credit' })))).to.equal('refund.too-much')
    expect((await world.events()).filter((e) => e === 'payment.refund-failed')).to.have.length(2)
    expect((await world.letters()).filter((l) => l === 'refund-sent')).to.have.length(4)
    expect((await auditTenant()).map((f) => f.check)).to.deep.equal([])
  }))

  it('whose answer was lost is found, or sent again under its key: one refund there', () => world.in(async () => {
    const payment = await paid()
    world.stripe.faults.request({ method: 'POST', path: '/v1/refunds', kind: 'timeout-after', times: 20 })
    const refund = await refundPayment(wish(payment, 600))
    expect(refund.status).to.equal('unknown')
    expect(await code(refundPayment(wish(payment, 1401, { key: 'other' })))).to.equal('refund.too-much')
    world.stripe.faults.clear()
    await world.later(5)
    await resolveDueRefunds(new Date('2026-11-10T09:05:00.000Z'))
    await world.jobs()
    expect((await Refund.findOwned({ id: refund.id })).status).to.equal('succeeded')
    expect(refundsThere()).to.deep.equal([600])
  }))

  it('of a top-up takes unspent credit back, and refuses what was spent', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    await topUpCredit(customer, usd(3000), 'k'.repeat(20))
    await newInvoice(customer.id, 1000)
    const [payment] = await world.payments()
    expect(await code(refundPayment(wish(payment!, 2001)))).to.equal('refund.credit-spent')
    expect(await code(refundPayment(wish(payment!, 2000, { to: 'credit' })))).to.equal('refund.is-credit')
    expect(await code(refundPayment(wish(payment!, 2000)))).to.equal('succeeded')
    expect(await balances()).to.deep.equal({ cash: 1000, 'revenue:other': -1000 })
  }))

  it('that nobody can find is ended by hand with a reason, once', () => world.in(async () => {
    const payment = await paid()
    world.stripe.faults.request({ method: 'POST', path: '/v1/refunds', kind: 'timeout-before', times: 20 })
    const refund = await refundPayment(wish(payment, 600))
    await resolveRefundByHand(refund, 'failed', 'Not there, says the gateway')
    expect(await resolveRefundByHand(refund, 'failed', 'again').then(() => 'done', (e: Refusal) => e.code)).to.equal('refund.settled')
    expect((await resolveRefund(await Refund.findOwned({ id: refund.id }))).status).to.equal('failed')
    expect((await refundable(payment)).minor).to.equal(2000)
    expect(await balances()).to.deep.equal({ cash: 2000, 'revenue:other': -2000 })
  }))
})
