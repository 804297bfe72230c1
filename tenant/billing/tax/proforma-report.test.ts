import { expect } from 'chai'
import { setClock } from '../../../shared/testing/world.js'
import { useBillingWorld } from '../../scenarios/billing-world.js'
import { rate, register } from '../../testing/pricing-world.js'
import { newSubscription, payOpen } from '../../testing/subscription-world.js'
import { newCustomer } from '../../scenarios/billing-world.js'
import { invoiceTerms } from '../invoices/terms.js'
import { taxReport } from './tax-report.js'
import '../../timetable.js'

describe('The tax of a proforma', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  it('is reported when its invoice gets a number, and never before', () => world.in(async () => {
    setClock('2027-01-20T00:00:00Z')
    await register('US')
    await rate('US', 100_000, { name: 'Tax' })
    await invoiceTerms.write({ days: 7, proforma: true })
    const userId = await newCustomer({ country: 'US' })
    const { invoice } = await newSubscription({ userId, paid: false })
    expect([invoice.proformaNumber !== null, invoice.number]).to.deep.equal([true, null])
    const month = async (from: string, to: string) => (await taxReport({ start: new Date(`${from}T00:00:00Z`), end: new Date(`${to}T00:00:00Z`) })).map((r) => [r.netMinor, r.taxMinor])
    expect(await month('2027-01-01', '2027-02-01')).to.deep.equal([])
    setClock('2027-02-03T00:00:00Z')
    await payOpen(userId)
    expect([await month('2027-01-01', '2027-02-01'), await month('2027-02-01', '2027-03-01')]).to.deep.equal([[], [[1000, 100]]])
  }))
})
