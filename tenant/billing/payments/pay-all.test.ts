import { expect } from 'chai'
import { Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { balances, newCustomer, newInvoice, usd } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { auditTenant } from '../audit.js'
import { addCredit } from '../credit/add-credit.js'
import { creditBalance } from '../credit/credit.js'
import { spendCreditOnInvoice } from '../credit/spend-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { accounts } from '../ledger-accounts.js'
import { post, type Posting } from '../ledger.js'
import { chargeInvoice } from './charge-invoice.js'
import { claimAttempt } from './claim-attempt.js'
import { collectInvoice } from './collect-invoice.js'
import { payableTogether, payAll } from './pay-all.js'
import { paymentsOfInvoice } from './payment-allocation.js'
import { syncPayment } from './resolve-payment.js'

const code = (work: Promise<{ kind: string }>): Promise<string> => work.then((o) => o.kind, (e: unknown) => (e instanceof Refusal ? e.code : String(e)))

describe('Paying several invoices at once', () => {
  const world = usePaymentWorld()
  const status = async (...invoices: Invoice[]): Promise<string[]> => Promise.all(invoices.map(async (i) => (await Invoice.findOwned({ id: i.id })).status))

  it('is one charge of the exact sum, and each invoice takes its own part', () => world.in(async () => {
    const customer = await world.customer()
    const card = await world.card(customer)
    const [a, b, c] = [await newInvoice(customer.id, 1234), await newInvoice(customer.id, 566), await newInvoice(customer.id, 700)]
    expect(await code(payAll(customer, [a.id, b.id], card, 'f'.repeat(20)))).to.equal('paid')
    expect(await status(a, b, c)).to.deep.equal(['paid', 'paid', 'open'])
    expect(world.stripe.account('acme').all('payment_intent').map((p) => p.amount)).to.deep.equal([1800])
    expect((await paymentsOfInvoice(a.id)).map((p) => [p.amountMinor, p.appliedMinor, p.payment.amountMinor])).to.deep.equal([[1234, 1234, 1800]])
    expect(await balances()).to.deep.equal({ cash: 1800, receivable: 700, 'revenue:other': -2500 })
    expect(await world.letters()).to.deep.equal(['payment-receipt'])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('pays none of them when the card is declined, and leaves each free to be paid', () => world.in(async () => {
    const customer = await world.customer()
    const poor = await world.card(customer, 'pm_card_chargeDeclinedInsufficientFunds')
    const good = await world.card(customer)
    const [a, b] = [await newInvoice(customer.id, 1000), await newInvoice(customer.id, 500)]
    expect(await code(payAll(customer, [a.id, b.id], poor, 'a'.repeat(20)))).to.equal('declined')
    expect(await status(a, b)).to.deep.equal(['open', 'open'])
    expect(await code(chargeInvoice(a, { method: good, offSession: false, after: 1 }))).to.equal('paid')
    expect(await code(payAll(customer, [b.id], good, 'b'.repeat(20)))).to.equal('paid')
    expect((await balances())['cash']).to.equal(1500)
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is one payment however often the form is sent, also at the same time', () => world.in(async () => {
    const customer = await world.customer()
    const card = await world.card(customer)
    const ids = [(await newInvoice(customer.id, 1000)).id, (await newInvoice(customer.id, 500)).id]
    const kinds = await Promise.all(Array.from({ length: 6 }, () => world.apart(() => code(payAll(customer, ids, card, 'c'.repeat(20))))))
    expect([world.taken(), (await world.payments()).length]).to.deep.equal([1, 1])
    expect(kinds.every((kind) => kind === 'paid' || kind === 'checking')).to.equal(true)
  }))

  it('and paying one of them are never open together: one marker an invoice', () => world.in(async () => {
    const customer = await world.customer()
    const card = await world.card(customer, 'pm_card_authenticationRequired')
    const [a, b] = [await newInvoice(customer.id, 1000), await newInvoice(customer.id, 500)]
    expect(await code(payAll(customer, [a.id, b.id], card, 'd'.repeat(20)))).to.equal('needs-customer')
    expect((await tenantTransaction(() => claimAttempt(a.id, card, false, new Date()))).kind).to.equal('taken')
    expect(await payableTogether(customer.id, 'USD')).to.deep.equal([])
    expect(await code(payAll(customer, [b.id], card, 'e'.repeat(20)))).to.equal('payment.under-way')
    await addCredit({ userId: customer.id, amount: usd(50), key: 'gift', description: 'Gift' })
    expect((await creditBalance(customer.id, 'USD')).minor).to.equal(50)
  }))

  it('gives way to a charge without the customer: the open page is closed first, and its other invoice is free again', () => world.in(async () => {
    const customer = await world.customer()
    const picky = await world.card(customer, 'pm_card_authenticationRequired')
    const [a, b] = [await newInvoice(customer.id, 1000), await newInvoice(customer.id, 500)]
    await payAll(customer, [a.id, b.id], picky, 'd'.repeat(20))
    const [page] = await world.payments()
    await world.card(customer, 'pm_card_visa')
    await collectInvoice(a)
    expect((await syncPayment(page!)).status).to.equal('canceled')
    expect(await status(a, b)).to.deep.equal(['paid', 'open'])
    expect((await payableTogether(customer.id, 'USD')).map((i) => i.id)).to.deep.equal([b.id])
  }))

  it('lets exactly one of fifty payments of one invoice through', async () => {
    const { invoice, card } = await world.in(async () => {
      const customer = await world.customer()
      return { card: await world.card(customer), invoice: await newInvoice(customer.id, 900) }
    })
    const claims = await Promise.all(Array.from({ length: 50 }, () => world.apart(() => claimAttempt(invoice.id, card, false, new Date('2026-11-10T09:00:00Z')))))
    expect(claims.filter((c) => c.kind === 'claimed')).to.have.length(1)
    expect(claims.filter((c) => c.kind === 'taken')).to.have.length(49)
    await world.in(async () => expect(await world.payments()).to.have.length(1))
  })

  it('spends the whole credit once, however many invoices ask for it at once', async () => {
    const { userId, ids } = await world.in(async () => {
      const userId = await newCustomer()
      const ids: number[] = []
      for (let i = 0; i < 50; i++) ids.push((await newInvoice(userId, 1000)).id)
      return { userId, ids }
    })
    const credit = (): Promise<number> => world.in(async () => (await creditBalance(userId, 'USD')).minor)
    // Straight into the books: adding credit would pay the oldest invoice at once.
    const gift: Posting = { key: 'gift', description: 'Gift', occurredAt: new Date('2026-11-10T09:00:00Z'), currency: 'USD', entries: [{ account: accounts.grants(), amountMinor: 1000 }, { account: accounts.credit(userId), amountMinor: -1000 }] }
    await world.in(() => tenantTransaction((trx) => post(trx, gift)))
    expect(await credit()).to.equal(1000)
    const spent = await Promise.all(ids.map((id) => world.apart(async () => (await spendCreditOnInvoice(await Invoice.findOwned({ id }))).minor)))
    expect(spent.filter((minor) => minor === 1000)).to.have.length(1)
    expect(spent.reduce((a, b) => a + b)).to.equal(1000)
    expect(await credit()).to.equal(0)
  })
})
