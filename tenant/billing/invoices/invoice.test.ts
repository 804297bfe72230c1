import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { setClock } from '../../../shared/testing/world.js'
import { balances, newCustomer, newInvoice, newPayment, useBillingWorld, usd } from '../../scenarios/billing-world.js'
import { addCredit } from '../credit/add-credit.js'
import { creditBalance } from '../credit/credit.js'
import { spendCreditOnInvoice } from '../credit/spend-credit.js'
import { accounts } from '../ledger-accounts.js'
import { post } from '../ledger.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice } from './invoice.js'
import { issueInvoice } from './issue-invoice.js'
import { settleInvoicePayment } from './settle-invoice-payment.js'
import { voidInvoice } from './void-invoice.js'

const NOON = new Date('2026-11-05T12:00:00.000Z')
const events = async (): Promise<string[]> => (await tenantDb()('events').orderBy('id').pluck('type')) as string[]
const pay = (invoice: Invoice, paymentId: number, gatewayAccountId: number, amountMinor: number) =>
  tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, invoiceId: invoice.id, gatewayAccountId, amountMinor, currency: 'USD', occurredAt: NOON }))

describe('An invoice', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock(NOON))

  it('gets its number, its dates and the names of both sides when it is issued', () => world.in(async () => {
    const userId = await newCustomer({ company: 'Casey Ltd', address_line1: '2 Road', postcode: '1234', city: 'Town', country: 'NL' })
    const invoice = await newInvoice(userId, 1250)
    expect(invoice).to.include({ status: 'open', number: 'INV-2026-00001', totalMinor: 1250, subtotalMinor: 1250, taxMinor: 0 })
    expect(invoice.issuedAt).to.deep.equal(NOON)
    expect(invoice.dueAt).to.deep.equal(new Date('2026-11-12T12:00:00Z'))
    expect(invoice.seller).to.include({ name: 'Acme Hosting', legalName: 'Acme Hosting Ltd.' })
    expect(invoice.buyer).to.deep.include({ name: 'Casey Customer', company: 'Casey Ltd', address: ['2 Road', '1234 Town', 'NL'] })
    expect(await balances()).to.deep.equal({ receivable: 1250, 'revenue:other': -1250 })
    expect(await events()).to.deep.equal(['invoice.issued'])
  }))

  it('is numbered without gap or double when many are issued at once and some fail', async () => {
    const userId = await world.in(() => newCustomer())
    const work = Array.from({ length: 20 }, (_v, i) => world.in(() => tenantTransaction(async () => {
      await newInvoice(userId, 100)
      if (i % 4 === 0) throw new Error('rolled back')
    })))
    // On a busy machine one may also give up waiting for a connection: it leaves no gap either.
    const issued = (await Promise.allSettled(work)).filter((outcome) => outcome.status === 'fulfilled').length
    expect(issued).to.be.within(8, 15)
    const numbers = await world.in(async () => (await Invoice.query().whereNotNull('number').orderBy('number')).map((i) => i.number))
    expect(numbers).to.deep.equal(Array.from({ length: issued }, (_v, i) => `INV-2026-${String(i + 1).padStart(5, '0')}`))
  })

  it('is issued once only', () => world.in(async () => {
    const invoice = await newInvoice(await newCustomer(), 100)
    expect(await codeOf(issueInvoice(invoice))).to.equal('invoice.not-draft')
  }))

  it('with nothing to pay is paid at once', () => world.in(async () => {
    const invoice = await newInvoice(await newCustomer(), 0)
    expect(invoice).to.include({ status: 'paid', totalMinor: 0, number: 'INV-2026-00001' })
    expect(await events()).to.deep.equal(['invoice.issued', 'invoice.paid'])
    expect(await balances()).to.deep.equal({})
  }))

  it('is paid when the whole sum has arrived, and a repeated settlement changes nothing', () => world.in(async () => {
    const userId = await newCustomer()
    const invoice = await newInvoice(userId, 1000)
    const first = await newPayment(userId, invoice.id, 400)
    const second = await newPayment(userId, invoice.id, 600)
    expect(await pay(invoice, first.paymentId, first.gatewayAccountId, 400)).to.include({ status: 'open', paidMinor: 400 })
    for (let i = 0; i < 3; i++) expect(await pay(invoice, second.paymentId, second.gatewayAccountId, 600)).to.include({ status: 'paid', paidMinor: 1000 })
    expect((await balances()).receivable).to.equal(undefined)
    expect(await events()).to.deep.equal(['invoice.issued', 'invoice.paid'])
  }))

  it('turns what was paid too much into credit, also when it was void or paid before the money came', () => world.in(async () => {
    const userId = await newCustomer()
    const invoice = await newInvoice(userId, 1000)
    const [a, b] = [await newPayment(userId, invoice.id, 1500), await newPayment(userId, invoice.id, 1000)]
    await pay(invoice, a.paymentId, a.gatewayAccountId, 1500)
    await pay(invoice, b.paymentId, b.gatewayAccountId, 1000)
    expect((await creditBalance(userId, 'USD')).minor).to.equal(1500)
    const cancelled = await newInvoice(await newCustomer(), 700)
    await voidInvoice(cancelled)
    const late = await newPayment(cancelled.userId, cancelled.id, 700)
    expect(await pay(cancelled, late.paymentId, late.gatewayAccountId, 700)).to.include({ status: 'void' })
    expect((await creditBalance(cancelled.userId, 'USD')).minor).to.equal(700)
  }))

  it('takes no money in another currency', () => world.in(async () => {
    const userId = await newCustomer()
    const invoice = await newInvoice(userId, 1000)
    const { paymentId, gatewayAccountId } = await newPayment(userId, invoice.id, 1000)
    const foreign = tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, invoiceId: invoice.id, gatewayAccountId, amountMinor: 1000, currency: 'EUR', occurredAt: NOON }))
    expect(await codeOf(foreign)).to.contain('RangeError')
  }))

  it('can be voided while nothing was paid and no payment is under way', () => world.in(async () => {
    const userId = await newCustomer()
    const invoice = await newInvoice(userId, 1000)
    await newPayment(userId, invoice.id, 1000, 'unknown')
    expect(await codeOf(voidInvoice(invoice))).to.equal('invoice.being-paid')
    await tenantDb()('payment_allocations').update({ is_open: 0 })
    await voidInvoice(invoice)
    expect(await balances()).to.deep.equal({})
    expect(await codeOf(voidInvoice(invoice))).to.equal('invoice.not-open')
    const partly = await newInvoice(userId, 1000)
    const { paymentId, gatewayAccountId } = await newPayment(userId, partly.id, 1)
    await pay(partly, paymentId, gatewayAccountId, 1)
    expect(await codeOf(voidInvoice(partly))).to.equal('invoice.partly-paid')
  }))

  it('does not change with the shop or the customer after it was issued', () => world.in(async () => {
    const userId = await newCustomer({ name: 'Old Name' })
    const invoice = await newInvoice(userId, 100)
    await tenantDb()('users').where({ id: userId }).update({ name: 'New Name' })
    expect((await Invoice.query().findById(invoice.id))?.buyer?.name).to.equal('Old Name')
    expect((await InvoiceLine.query().where({ invoiceId: invoice.id })).length).to.equal(1)
  }))
})

describe('Credit', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock(NOON))

  it('pays an invoice before anything else, as far as it goes', () => world.in(async () => {
    const userId = await newCustomer()
    await addCredit({ userId, amount: usd(1500), key: 'gift', description: 'Welcome' })
    expect(await newInvoice(userId, 1000)).to.include({ status: 'paid', creditedMinor: 1000, paidMinor: 0 })
    const second = await newInvoice(userId, 1000)
    expect(second).to.include({ status: 'open', creditedMinor: 500 })
    expect(second.balance.minor).to.equal(500)
    expect((await creditBalance(userId, 'USD')).minor).to.equal(0)
    expect(await balances()).to.deep.equal({ receivable: 500, grants: 1500, 'revenue:other': -2000 })
  }))

  it('that comes later pays open invoices at once, oldest first', () => world.in(async () => {
    const userId = await newCustomer()
    const old = await newInvoice(userId, 300)
    setClock('2026-11-06T12:00:00Z')
    const young = await newInvoice(userId, 300)
    await addCredit({ userId, amount: usd(400), key: 'gift', description: 'Sorry' })
    expect((await Invoice.query().findById(old.id))?.status).to.equal('paid')
    expect(await Invoice.query().findById(young.id)).to.include({ status: 'open', creditedMinor: 100 })
  }))

  it('is given once for each reason', () => world.in(async () => {
    const userId = await newCustomer()
    const give = () => addCredit({ userId, amount: usd(500), key: 'welcome', description: 'Welcome' })
    expect([await give(), await give()]).to.deep.equal([true, false])
    expect((await creditBalance(userId, 'USD')).minor).to.equal(500)
  }))

  it('leaves an invoice alone while a payment for it is under way', () => world.in(async () => {
    const userId = await newCustomer()
    const invoice = await newInvoice(userId, 300)
    await newPayment(userId, invoice.id, 300, 'unknown')
    await addCredit({ userId, amount: usd(400), key: 'gift', description: 'Gift' })
    expect(await Invoice.query().findById(invoice.id)).to.include({ status: 'open', creditedMinor: 0 })
    expect((await creditBalance(userId, 'USD')).minor).to.equal(400)
  }))

  it('spent fifty times at once is spent once, and never goes below zero', async () => {
    const userId = await world.in(() => newCustomer())
    const invoices = await world.in(async () => {
      const all = []
      for (let i = 0; i < 10; i++) all.push(await newInvoice(userId, 100))
      return all
    })
    await world.in(() => tenantTransaction(async (trx) => {
      await post(trx, { key: 'credit:raw', description: 'Credit', occurredAt: NOON, currency: 'USD', entries: [{ account: accounts.grants(), amountMinor: 100 }, { account: accounts.credit(userId), amountMinor: -100 }] })
    }))
    const spends = await Promise.all(Array.from({ length: 50 }, (_v, i) => world.in(() => spendCreditOnInvoice(invoices[i % 10]!)).then((m) => m.minor, () => 0)))
    expect(spends.filter((m) => m > 0)).to.deep.equal([100])
    await world.in(async () => {
      expect((await creditBalance(userId, 'USD')).minor).to.equal(0)
      expect((await Invoice.query().where({ status: 'paid' })).length).to.equal(1)
    })
  })
})
