import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { newCustomer, newInvoice, useBillingWorld } from '../scenarios/billing-world.js'
import { numberFindings } from './audit-numbers.js'
import { changeSeries } from './invoices/number-series/number-series.js'

describe('A series of numbers whose pattern was changed', function () {
  this.timeout(20_000)
  const world = useBillingWorld()
  const said = async () => (await numberFindings()).map((f) => `${f.check} ${f.subject}`)

  it('is looked at as one: a number that is gone is reported, before the change and after it', () => world.in(async () => {
    const userId = await newCustomer()
    for (let n = 0; n < 3; n++) await newInvoice(userId, 1000)
    await changeSeries('invoice', { pattern: 'R-{n:4}', yearlyReset: false })
    for (let n = 0; n < 3; n++) await newInvoice(userId, 1000)
    expect(await said()).to.deep.equal([])
    await tenantDb()('invoices').where('number', 'like', 'INV-%00002').update({ number: null })
    expect(await said()).to.deep.equal(['number.gap invoice number 2'])
    await tenantDb()('invoices').where({ number: 'R-0005' }).update({ number: null })
    expect(await said()).to.deep.equal(['number.gap invoice number 2', 'number.gap invoice number 5'])
  }))

  it('is counted where nobody knows the old pattern', () => world.in(async () => {
    const userId = await newCustomer()
    await changeSeries('invoice', { pattern: 'OLD{n}', yearlyReset: false })
    for (let n = 0; n < 2; n++) await newInvoice(userId, 1000)
    await changeSeries('invoice', { pattern: 'R-{n:4}', yearlyReset: false })
    await newInvoice(userId, 1000)
    await tenantDb()('events').where({ type: 'number-series.changed' }).delete()
    expect(await said()).to.deep.equal([])
    await tenantDb()('invoices').where({ number: 'OLD1' }).update({ number: null })
    expect(await said()).to.deep.equal(['number.gap invoice numbers'])
  }))
})
