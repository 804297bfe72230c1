import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { newPayment, usd, useBillingWorld } from '../../scenarios/billing-world.js'
import { newSubscription, payOpen, react, reload, renewAll, type TestSubscription } from '../../testing/subscription-world.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { CreditNote } from '../invoices/credit-notes/credit-note.js'
import { Invoice } from '../invoices/invoice.js'
import { settleInvoicePayment } from '../invoices/settle-invoice-payment.js'
import { invoiceTerms } from '../invoices/terms.js'
import { matchTransfer } from '../transfers/match-transfer.js'
import { recordTransfer } from '../transfers/record-transfer.js'
import { subscriptionRules } from './billing-rules.js'
import { cancelSubscription, undoCancel } from './cancel-subscription.js'
import { endSubscription } from './end-subscription.js'
import { pauseSubscription } from './pause-subscription.js'
import { reactivateSubscription } from './reactivate-subscription.js'
import { unwantedFrom, withdrawLeftovers } from './unwanted-periods.js'

const invoices = async (): Promise<string[]> => (await Invoice.query().orderBy('id')).map((i) => `${i.kind} ${i.totalMinor} ${i.status}`)
const credit = async ({ userId }: TestSubscription): Promise<number> => (await creditBalance(userId, 'USD')).minor
const leave = async ({ subscription }: TestSubscription, timing: 'now' | 'end'): Promise<unknown> => cancelSubscription(await reload(subscription.id), { timing, by: 'customer' })

describe('A customer may always leave', function () {
  this.timeout(60_000)
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-01T10:00:00Z'))
  afterEach(() => world.in(async () => expect(await auditTenant()).to.deep.equal([])))

  const givesCredit = async (): Promise<void> => subscriptionRules.write({ ...(await subscriptionRules.read()), cancelRefund: 'credit' })
  const transfer = async (invoice: Invoice, minor: number): Promise<void> => {
    const { transfer: arrived } = await recordTransfer({ key: `t${invoice.id}`, receivedOn: '2026-11-01', amountMinor: minor, currency: 'USD', payer: 'Casey', reference: 'thanks' })
    await matchTransfer(arrived, [{ invoiceId: invoice.id, amount: usd(minor) }])
  }
  /** A charge whose answer was lost; it turns out as told. */
  const underWay = async (invoice: Invoice) => {
    const { paymentId, gatewayAccountId } = await newPayment(invoice.userId, invoice.id, invoice.totalMinor, 'unknown')
    const end = async (status: string, appliedMinor: number): Promise<void> => {
      await tenantDb()('payments').where({ id: paymentId }).update({ status })
      await tenantDb()('payment_allocations').where({ payment_id: paymentId }).update({ is_open: 0, applied_minor: appliedMinor })
    }
    return {
      fails: () => end('failed', 0),
      succeeds: async () => {
        await tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, gatewayAccountId, invoiceId: invoice.id, amountMinor: invoice.totalMinor, currency: 'USD', occurredAt: clock.now() }))
        await end('succeeded', invoice.totalMinor)
        await react()
      },
    }
  }
  const coming = async (made: TestSubscription): Promise<Invoice> => {
    setClock('2026-11-25T00:00:00Z')
    await renewAll()
    return (await Invoice.query().findOne({ userId: made.userId, kind: 'renewal', status: 'open' }))!
  }

  it('before the first payment: nothing of the order is left to pay, and no minimum term holds them', () => world.in(async () => {
    const made = await newSubscription({ setup: '5.00', paid: false, product: { minTermMonths: 12 } })
    await givesCredit()
    await leave(made, 'now')
    await react()
    expect([await invoices(), (await reload(made.subscription.id)).status]).to.deep.equal([['order 1500 void'], 'ended'])
  }))

  it('while the first payment is under way: it buys nothing any more and becomes credit', () => world.in(async () => {
    const made = await newSubscription({ setup: '5.00', paid: false })
    const payment = await underWay(made.invoice)
    await leave(made, 'now')
    await withdrawLeftovers(clock.now())
    expect(await invoices()).to.deep.equal(['order 1500 open'])
    setClock('2026-11-01T12:00:00Z')
    await payment.succeeds()
    const { status, paidUntil } = await reload(made.subscription.id)
    expect([await invoices(), status, paidUntil, await credit(made)]).to.deep.equal([['order 1500 paid'], 'ended', null, 1500])
    expect((await CreditNote.query())[0]).to.include({ reason: 'Paid after it was cancelled', destination: 'balance' })
  }))

  it('from a proforma that was paid in part: it becomes an invoice, is taken back, and what was paid is credit', () => world.in(async () => {
    await invoiceTerms.write({ ...(await invoiceTerms.read()), proforma: true })
    const made = await newSubscription({ paid: false })
    await transfer(made.invoice, 400)
    await leave(made, 'now')
    const after = await Invoice.findOwned<Invoice>({ id: made.invoice.id })
    expect([after.status, after.number !== null, await credit(made)]).to.deep.equal(['paid', true, 400])
  }))

  it('when the coming month is paid in part: at its end, and after staying it is billed again; what was paid is credit', () => world.in(async () => {
    const made = await newSubscription()
    await transfer(await coming(made), 500)
    expect(await leave(made, 'end')).to.deep.equal(new Date('2026-12-01T00:00:00Z'))
    await react()
    const leaving = await reload(made.subscription.id)
    expect([(await CreditNote.query().orderBy('id')).map((n) => `${n.destination} ${n.totalMinor}`), await credit(made), leaving.paidUntil, leaving.billedUntil]).to.deep.equal(
      [['invoice 500', 'balance 500'], 500, new Date('2026-12-01T00:00:00Z'), new Date('2026-12-01T00:00:00Z')])
    await undoCancel(leaving)
    await renewAll()
    expect([(await invoices()).at(-1), await credit(made)]).to.deep.equal(['renewal 1000 open', 0])
    expect((await Invoice.query().orderBy('id', 'desc').first())!.balance.minor).to.equal(500)
    await pauseSubscription(await reload(made.subscription.id))
    expect((await invoices()).at(-1)).to.equal('renewal 1000 void')
  }))

  it('when the coming month is paid in part: at once as well', () => world.in(async () => {
    const made = await newSubscription()
    await transfer(await coming(made), 500)
    await leave(made, 'now')
    expect([(await reload(made.subscription.id)).status, await credit(made)]).to.deep.equal(['ended', 500])
  }))

  it('while the coming month is being charged: when that fails, the hourly run takes the invoice back', () => world.in(async () => {
    const made = await newSubscription()
    const payment = await underWay(await coming(made))
    await leave(made, 'end')
    expect((await invoices()).at(-1)).to.equal('renewal 1000 open')
    await payment.fails()
    await withdrawLeftovers(clock.now())
    await withdrawLeftovers(clock.now())
    expect((await invoices()).at(-1)).to.equal('renewal 1000 void')
  }))

  it('while the coming month is being charged: when that succeeds, the money is credit and the end stays', () => world.in(async () => {
    const made = await newSubscription()
    const payment = await underWay(await coming(made))
    await leave(made, 'end')
    await payment.succeeds()
    const { cancelAt, paidUntil } = await reload(made.subscription.id)
    expect([await credit(made), cancelAt, paidUntil]).to.deep.equal([1000, new Date('2026-12-01T00:00:00Z'), new Date('2026-12-01T00:00:00Z')])
  }))

  it('at once from a year that is not paid: where payers get the rest back, only the days that were used are owed', () => world.in(async () => {
    await givesCredit()
    const made = await newSubscription({ cycle: 'annual', price: '365.00' })
    setClock('2027-10-26T00:00:00Z')
    await renewAll()
    setClock('2027-11-03T00:00:00Z')
    await renewAll()
    await leave(made, 'now')
    await react()
    expect((await invoices()).slice(1)).to.deep.equal(['renewal 36500 void', 'renewal 199 open'])
  }))

  it('at once from a month that is paid in part: the used days are covered, and the rest of the money is credit', () => world.in(async () => {
    await givesCredit()
    const made = await newSubscription({ price: '31.00' })
    await transfer(await coming(made), 1500)
    setClock('2026-12-06T00:00:00Z')
    await leave(made, 'now')
    expect([(await invoices()).at(-1), await credit(made)]).to.deep.equal(['renewal 3100 paid', 1000])
  }))

  it('when the service is terminated, the coming invoice goes with it', () => world.in(async () => {
    const made = await newSubscription()
    await coming(made)
    await tenantTransaction(async (trx) => endSubscription(trx, await reload(made.subscription.id), clock.now(), 'terminated'))
    await react()
    expect(await invoices()).to.deep.equal(['order 1000 paid', 'renewal 1000 void'])
  }))

  it('and may come back: the days that are paid for go on without an invoice, once they were given back a new period begins', () => world.in(async () => {
    const made = await newSubscription()
    await coming(made)
    await leave(made, 'now')
    setClock('2026-11-28T00:00:00Z')
    expect(await reactivateSubscription(await reload(made.subscription.id))).to.equal(null)
    expect(await invoices()).to.deep.equal(['order 1000 paid', 'renewal 1000 void'])
    await renewAll()
    await payOpen(made.userId)
    expect([(await invoices()).at(-1), (await reload(made.subscription.id)).paidUntil]).to.deep.equal(['renewal 1000 paid', new Date('2027-01-01T00:00:00Z')])
    await givesCredit()
    await leave(made, 'now')
    setClock('2026-11-29T00:00:00Z')
    expect((await reactivateSubscription(await reload(made.subscription.id)))?.totalMinor).to.equal(1000)
  }))

  it('one instant decides what is not wanted', () => {
    const [a, b] = [new Date('2026-11-01'), new Date('2026-12-01')]
    const row = { status: 'active', startedAt: a, endedAt: null, pausedAt: null, cancelAt: null, pauseAt: null } as const
    expect([row, { ...row, cancelAt: b }, { ...row, cancelAt: b, pauseAt: a }, { ...row, status: 'paused', pausedAt: a } as const, { ...row, status: 'ended', endedAt: b } as const, { ...row, status: 'ended', endedAt: b, startedAt: null } as const].map(unwantedFrom))
      .to.deep.equal([null, b, a, a, b, new Date(0)])
  })
})
