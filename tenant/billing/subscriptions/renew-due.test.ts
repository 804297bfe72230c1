import { expect } from 'chai'
import { setClock } from '../../../shared/testing/world.js'
import { runAsPlatform } from '../../../shared/tenancy/context.js'
import { auditTenant } from '../audit.js'
import { Invoice } from '../invoices/invoice.js'
import { balances, useBillingWorld } from '../../scenarios/billing-world.js'
import { billed, newSubscription, pass } from '../../testing/subscription-world.js'
import { renewCustomer } from './renew-due.js'
import { Subscription } from './subscription.js'

const starts = async (id: number): Promise<string[]> => (await billed(id)).map((line) => line.split(' ')[1]!)

describe('The hourly run', function () {
  this.timeout(120_000)
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-01-31T10:00:00Z'))

  it('bills once, whether the run comes once, a thousand times or four at a time', async () => {
    const id = await world.in(async () => (await newSubscription()).userId)
    setClock('2026-04-01T00:00:00Z')
    const four = () => Promise.all([1, 2, 3, 4].map(() => runAsPlatform(() => world.in(() => renewCustomer(id)))))
    await four()
    await four()
    await world.in(async () => {
      const [subscription] = await Subscription.query()
      expect(await starts(subscription!.id)).to.deep.equal(['2026-01-31', '2026-02-28', '2026-03-31'])
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('comes to the same ledger in one step of many months as in many steps', async () => {
    const months = async (stepHours: number) => {
      await world.clean()
      return world.in(async () => {
        setClock('2026-01-31T10:00:00Z')
        const { subscription, userId } = await newSubscription({ cycle: 'weekly' })
        await newSubscription({ userId, cycle: 'monthly', price: '7.77' })
        await pass('2026-06-20T10:00:00Z', { stepHours })
        return { ledger: await balances(), lines: await billed(subscription.id), keys: (await Invoice.query().where({ kind: 'renewal' })).map((i) => `${i.businessKey.split(':').slice(2).join(':')} ${i.totalMinor}`).sort(), broken: await auditTenant() }
      })
    }
    const [once, daily] = [await months(24 * 365), await months(101)]
    expect(once).to.deep.equal(daily)
    expect(once.lines.length).to.equal(22)
    expect(once.broken).to.deep.equal([])
  })
})
