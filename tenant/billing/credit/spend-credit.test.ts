import { expect } from 'chai'
import { newPublicId } from '../../../shared/security/token.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { newInvoice, newPayment, usd } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import '../../reactions.js'
import '../../timetable.js'
import { auditTenant } from '../audit.js'
import { Invoice } from '../invoices/invoice.js'
import { voidInvoice } from '../invoices/void-invoice.js'
import { advanceCase } from '../dunning/advance-case.js'
import { DunningCase } from '../dunning/dunning-case.js'
import { openCase, runDunning } from '../dunning/run-dunning.js'
import { collectInvoice } from '../payments/collect-invoice.js'
import { payAll } from '../payments/pay-all.js'
import { Payment } from '../payments/payment.js'
import { refundPayment } from '../payments/refunds/refund-payment.js'
import { endWithout } from '../payments/settle-payment.js'
import { addCredit } from './add-credit.js'
import { creditBalance } from './credit.js'

describe('Money that we hold', function () {
  this.timeout(120_000)
  const world = usePaymentWorld()
  const held = async (userId: number): Promise<number> => (await creditBalance(userId, 'USD')).minor
  const left = async (invoice: Invoice): Promise<number> => (await Invoice.findOwned<Invoice>({ id: invoice.id })).balance.minor
  /** Credit that arrived while a payment was open, which then came to nothing. */
  const lateCredit = async (amount: number) => {
    const customer = await world.customer()
    const method = await world.card(customer)
    const invoice = await newInvoice(customer.id, 1000)
    const { paymentId } = await newPayment(customer.id, invoice.id, 1000, 'unknown')
    await addCredit({ userId: customer.id, amount: usd(amount), key: newPublicId(), description: 'Late' })
    await endWithout((await Payment.query().findById(paymentId))!, 'failed', 'not-received', 'Lost', clock.now())
    return { customer, method, invoice }
  }

  it('is spent before the card is charged: where it covers all, nothing is charged', () => world.in(async () => {
    const { customer, invoice } = await lateCredit(2000)
    expect((await collectInvoice(invoice))?.kind).to.equal('nothing-due')
    expect([world.taken(), await held(customer.id), await left(invoice)]).to.deep.equal([0, 1000, 0])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is spent before the card is charged for what it leaves; too little for a card waits', () => world.in(async () => {
    const { customer, invoice } = await lateCredit(300)
    await collectInvoice(invoice)
    expect((await Payment.query().where({ userId: customer.id, status: 'succeeded' })).map((p) => p.amountMinor)).to.deep.equal([700])
    const small = await lateCredit(970)
    expect((await collectInvoice(small.invoice))?.kind).to.equal('too-small')
    expect([await left(small.invoice), await held(small.customer.id)]).to.deep.equal([30, 0])
  }))

  it('is spent before several invoices are paid with one charge', () => world.in(async () => {
    const { customer, method, invoice } = await lateCredit(300)
    expect((await payAll(customer, [invoice.id], method, 'k')).kind).to.equal('paid')
    expect((await Payment.query().where({ userId: customer.id, status: 'succeeded' })).map((p) => p.amountMinor)).to.deep.equal([700])
    const covered = await lateCredit(1000)
    expect((await payAll(covered.customer, [covered.invoice.id], covered.method, 'k2')).kind).to.equal('nothing-due')
  }))

  it('that came back from a void invoice, a refund or a failed payment pays what is open by itself', () => world.in(async () => {
    const customer = await world.customer()
    await addCredit({ userId: customer.id, amount: usd(500), key: 'k', description: 'x' })
    const [a, b] = [await newInvoice(customer.id, 1000), await newInvoice(customer.id, 1000)]
    await voidInvoice(await Invoice.findOwned<Invoice>({ id: a.id }))
    await world.jobs()
    expect([await left(b), await held(customer.id)]).to.deep.equal([500, 0])
    const payer = await world.customer()
    await world.card(payer)
    const paid = await newInvoice(payer.id, 1000)
    await collectInvoice(paid)
    const open = await newInvoice(payer.id, 700)
    await refundPayment({ payment: (await Payment.query().findOne({ userId: payer.id, status: 'succeeded' }))!, amount: usd(400), to: 'credit', reason: 'Sorry', key: 'r' })
    await world.jobs()
    expect([await left(open), await held(payer.id)]).to.deep.equal([300, 0])
    const { invoice } = await lateCredit(1000)
    await world.jobs()
    expect(await left(invoice)).to.equal(0)
  }))

  it('is looked for before an invoice gets a case, and before each step of one', () => world.in(async () => {
    const { invoice } = await lateCredit(1000)
    setClock('2027-01-10T00:00:00Z')
    await openCase(invoice)
    expect([await DunningCase.query().resultSize(), await left(invoice)]).to.deep.equal([0, 0])
    const customer = await world.customer()
    const second = await newInvoice(customer.id, 1000)
    setClock('2027-01-20T00:00:00Z')
    await runDunning(clock.now())
    const { paymentId } = await newPayment(customer.id, second.id, 1000, 'unknown')
    await addCredit({ userId: customer.id, amount: usd(1000), key: 'k2', description: 'x' })
    await endWithout((await Payment.query().findById(paymentId))!, 'failed', 'not-received', 'Lost', clock.now())
    await advanceCase((await DunningCase.query().findOne({ invoiceId: second.id }))!)
    expect([await left(second), (await world.letters()).filter((name) => name === 'dunning-notice')]).to.deep.equal([0, []])
  }))
})
