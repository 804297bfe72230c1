import { expect } from 'chai'
import { setClock } from '../../../shared/testing/world.js'
import { newCustomer, newInvoice, useBillingWorld } from '../../scenarios/billing-world.js'
import { auditTenant } from '../audit.js'
import { DunningCase } from '../dunning/dunning-case.js'
import { openCases } from '../dunning/run-dunning.js'
import { carriedOf } from './carry-over.js'
import { Invoice } from './invoice.js'
import { voidAndReissue } from './void-and-reissue.js'
import { voidInvoice } from './void-invoice.js'

describe('What is too little for a card', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  const fresh = (invoice: Invoice): Promise<Invoice> => Invoice.findOwned<Invoice>({ id: invoice.id })
  const moves = async (invoice: Invoice) => (await carriedOf(invoice)).map((c) => [c.amount.minor, c.number])

  it('is never dunned, whatever it is for: at 49 cents nobody, at 50 somebody', () => world.in(async () => {
    const userId = await newCustomer()
    const half = await newInvoice(userId, 50)
    await newInvoice(userId, 49)
    setClock('2027-03-01T00:00:00Z')
    await openCases(new Date('2027-03-01T00:00:00Z'))
    expect((await DunningCase.query()).map((c) => c.invoiceId)).to.deep.equal([half.id])
  }))

  it('goes onto the next invoice of any kind, and back when that is voided', () => world.in(async () => {
    const userId = await newCustomer()
    const small = await newInvoice(userId, 30)
    const next = await newInvoice(userId, 1000)
    expect([(await fresh(small)).status, next.balance.minor, next.totalMinor]).to.deep.equal(['paid', 1030, 1000])
    expect(await auditTenant()).to.deep.equal([])
    await voidInvoice(next)
    expect(await fresh(small)).to.include({ status: 'open', creditedMinor: 0, paidAt: null })
    expect([await moves(small), await moves(next)]).to.deep.equal([[], []])
    expect(await auditTenant()).to.deep.equal([])
    const third = await newInvoice(userId, 2000)
    expect([third.balance.minor, (await fresh(small)).status]).to.deep.equal([2030, 'paid'])
  }))

  it('moves along when the invoice that took it over is made anew', () => world.in(async () => {
    const userId = await newCustomer()
    const small = await newInvoice(userId, 30)
    const { invoice } = await voidAndReissue(await newInvoice(userId, 1000))
    expect([invoice.balance.minor, (await fresh(small)).status]).to.deep.equal([1030, 'paid'])
    expect(await moves(await fresh(small))).to.deep.equal([[-30, invoice.number]])
    expect(await moves(invoice)).to.deep.equal([[30, (await fresh(small)).number]])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('adds up until a card can be charged', () => world.in(async () => {
    const userId = await newCustomer()
    await newInvoice(userId, 20)
    const second = await newInvoice(userId, 20)
    expect([second.balance.minor, second.waitsForNext]).to.deep.equal([40, true])
    const third = await newInvoice(userId, 20)
    expect([third.balance.minor, third.waitsForNext]).to.deep.equal([60, false])
    expect(await auditTenant()).to.deep.equal([])
  }))
})
