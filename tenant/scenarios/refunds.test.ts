import { expect } from 'chai'
import { codeOf } from '../../shared/testing/code-of.js'
import { setClock } from '../../shared/testing/world.js'
import { creditBalance } from '../billing/credit/credit.js'
import { CreditNote } from '../billing/invoices/credit-notes/credit-note.js'
import { createCreditNote } from '../billing/invoices/credit-notes/create-credit-note.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { Payment } from '../billing/payments/payment.js'
import { refundable, refundPayment } from '../billing/payments/refunds/refund-payment.js'
import { Refund } from '../billing/payments/refunds/refund.js'
import { taxSettings } from '../billing/tax/tax-settings.js'
import { newProduct } from '../testing/catalog-world.js'
import { newCoupon, rate, register } from '../testing/pricing-world.js'
import { balances, usd } from './billing-world.js'
import { useCustomerWorld, type Person } from './customer-world.js'

describe('Money that goes back', function () {
  this.timeout(120_000)
  const world = useCustomerWorld()
  const paid = (person: Person) => world.in(async () => (await Payment.query().findOne({ userId: person.customer.id, status: 'succeeded' }))!)
  /** What the gateway gave back. */
  const returned = (): number => world.stripe.account('acme').all('refund').filter((r) => r['status'] === 'succeeded').reduce((sum, r) => sum + Number(r['amount']), 0)
  beforeEach(() => setClock('2026-11-01T00:00:00Z'))

  it('a part, then the rest, by refund: never a cent more than was paid, whatever is renewed meanwhile', async () => {
    const { plan } = await world.in(() => newProduct({}, [{ cycle: 'monthly', price: '19.99' }]))
    const person = await world.person()
    const subscription = await person.order(plan)
    const payment = await paid(person)
    const back = (minor: number, key: string) => world.in(() => refundPayment({ payment, amount: usd(minor), to: 'source', reason: 'Sorry', key }))
    await back(667, 'part')
    await back(667, 'part')
    await world.until('2026-12-02T00:00:00Z', 72)
    expect(await codeOf(back(1333, 'too much'))).to.equal('refund.too-much')
    await back(1332, 'rest')
    await world.turn()
    expect([returned(), (await world.in(() => refundable(payment))).minor]).to.deep.equal([1999, 0])
    expect(await person.lines(subscription)).to.deep.equal(['recurring 2026-11-01 – 2026-12-01: 1999 paid', 'recurring 2026-12-01 – 2027-01-01: 1999 paid'])
    expect(await person.taken()).to.equal(2 * 1999)
  })

  for (const mode of ['exclusive', 'inclusive'] as const) it(`by credit notes over an invoice of three split lines with a coupon and ${mode} tax: each cent of price, discount and tax comes back once`, async () => {
    const [plan, other] = await world.in(async () => {
      await register('US')
      await rate('US', 77_000, { name: 'Tax' })
      await taxSettings.write({ ...(await taxSettings.read()), pricesInclusive: mode === 'inclusive' })
      await newCoupon({ code: 'ODD', kind: 'fixed', percentPpm: null, amounts: { USD: 331 }, includesSetup: true })
      return [(await newProduct({}, [{ cycle: 'monthly', price: '9.99', setup: '3.33' }])).plan, (await newProduct({}, [{ cycle: 'monthly', price: '7.77' }])).plan] as const
    })
    const person = await world.person()
    const browser = await world.shop.as(person.customer.id)
    await world.put(browser, other)
    await person.order(plan, { code: 'ODD' })
    const invoice = await world.in(() => Invoice.findOwned<Invoice>({ userId: person.customer.id }))
    expect(invoice.totalMinor).to.equal(mode === 'inclusive' ? 999 + 333 + 777 - 331 : 1915)
    const lines = await world.in(() => InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('id').execute())
    expect(lines.reduce((sum, l) => sum + l.totalMinor, 0)).to.equal(invoice.totalMinor)
    const note = (parts: 'rest' | Array<{ lineId: number; amountMinor: number }>, to: 'source' | 'balance', key: string) => world.in(() => createCreditNote({ invoice, lines: parts, reason: 'Sorry', to, key }))
    await note([{ lineId: lines[0]!.id, amountMinor: 101 }, { lineId: lines[1]!.id, amountMinor: lines[1]!.totalMinor }], 'source', 'one')
    await note([{ lineId: lines[2]!.id, amountMinor: 333 }], 'balance', 'two')
    await world.turn()
    expect(await codeOf(note([{ lineId: lines[1]!.id, amountMinor: 1 }], 'source', 'three'))).to.match(/^credit-note\./)
    await note('rest', 'source', 'four')
    await world.turn()
    await world.in(async () => {
      const notes = await CreditNote.query().orderBy('id')
      expect([notes.reduce((sum, n) => sum + n.totalMinor, 0), notes.reduce((sum, n) => sum + n.taxMinor, 0)]).to.deep.equal([invoice.totalMinor, invoice.taxMinor])
      expect(await balances()).to.deep.include({ credit: -333, cash: 333 })
      expect((await creditBalance(person.customer.id, 'USD')).minor).to.equal(333)
      expect((await Refund.query()).map((r) => r.status)).to.deep.equal(['succeeded', 'succeeded'])
    })
    expect(returned()).to.equal(invoice.totalMinor - 333)
    // The credit pays a part of the next month.
    await world.until('2026-12-02T00:00:00Z', 72)
    const [, next] = await person.invoices()
    expect(await person.taken()).to.equal(invoice.totalMinor + Number(next!.split(' ')[1]) - 333)
  })
})
