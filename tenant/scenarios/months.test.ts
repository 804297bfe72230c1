import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { auditTenant } from '../billing/audit.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { creditBalance } from '../billing/credit/credit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { monthSoFar } from '../billing/usage/month-so-far.js'
import { queueEndedMonths } from '../billing/usage/jobs.js'
import { usd } from './billing-world.js'
import { pollWorkspaces } from '../kasm/poll-workspaces.js'
import { useShopWorld } from './shop-world.js'

const bills = async (): Promise<Array<[string, number, string]>> => (await Invoice.query().orderBy('periodStart').orderBy('id')).map((i) => [i.businessKey.slice(-7), i.totalMinor, i.status])
const hours = (list: ReadonlyArray<{ key: string; quantitySeconds: number }>): number => list.reduce((sum, u) => sum + u.quantitySeconds, 0) / 3600

describe('Months of a shop', function () {
  this.timeout(120_000)
  const world = useShopWorld()

  it('a customer uses a workspace now and then, also over midnight of the month’s end, and pays by card to the cent', async () => {
    const globex = await world.checksum(world.globex)
    setClock('2026-11-10T09:00:00.000Z')
    const { customer, service } = await world.in(async () => {
      const customer = await world.customer()
      await world.card(customer)
      return { customer, service: await world.order(customer, 'developer_enterprise') }
    })
    await world.settle()
    const run = async (from: string | null, to: string) => {
      if (from) {
        await world.until(from)
        await world.in(() => world.start(service))
        await world.settle()
      }
      await world.until(to)
      await world.in(() => world.stop(service))
      await world.settle()
    }
    await run(null, '2026-11-10T09:22:00Z')
    await run('2026-11-12T10:00:00Z', '2026-11-12T11:05:00Z')
    await run('2026-11-30T23:40:00Z', '2026-12-01T00:20:00Z')
    const soFar = await world.in(() => monthSoFar(customer.id))
    expect(soFar.amount.minor).to.equal(15)
    await world.until('2026-12-01T02:00:00Z')
    await world.in(async () => {
      expect(await bills()).to.deep.equal([['2026-11', (30 + 75 + 30), 'paid']])
      expect((await InvoiceLine.query())[0]!.description).to.equal('Developer Enterprise "api-box": 3 runs, 135 min at $0.60/h')
      expect((await world.payments()).map((p) => [p.amountMinor, p.status, p.offSession])).to.deep.equal([[135, 'succeeded', true]])
      expect((await tenantDb()('mail_messages').pluck('letter')) as string[]).to.include.members(['workspace-ready', 'invoice-issued', 'payment-receipt'])
      const letter = world.post.mails.find((m) => m.subject.startsWith('Invoice INV-2026-00001'))
      expect(letter?.attachments.map((a) => [a.filename, a.contentType])).to.deep.equal([['INV-2026-00001.pdf', 'application/pdf']])
    })
    await run('2026-12-05T08:00:00Z', '2026-12-05T17:50:00Z')
    await world.until('2027-01-01T02:00:00Z')
    await world.in(async () => {
      expect(await bills()).to.deep.equal([['2026-11', 135, 'paid'], ['2026-12', 15 + 600, 'paid']])
      expect(world.taken()).to.equal(2)
      expect(await auditTenant()).to.deep.equal([])
    })
    expect(hours(world.directory.usage)).to.equal((135 + 15 + 600) / 60)
    expect(world.directory.sales.map((s) => s.amountMinor)).to.deep.equal([135, 615])
    expect(await world.checksum(world.globex)).to.equal(globex)
  })

  it('a workspace that never stops is billed every month, first from credit, then from the card', async () => {
    setClock('2026-10-30T12:00:00.000Z')
    const customer = await world.in(async () => {
      const customer = await world.customer()
      await addCredit({ userId: customer.id, amount: usd(15_000), key: 'paid-in', description: 'Paid in by transfer' })
      await world.card(customer)
      await world.order(customer, 'business_basic', 'always')
      return customer
    })
    await world.settle()
    await world.until('2027-01-01T02:00:00Z', 72)
    const october = 36 * 20
    const [november, december] = [30 * 24 * 20, 31 * 24 * 20]
    await world.in(async () => {
      expect(await bills()).to.deep.equal([['2026-10', october, 'paid'], ['2026-11', november, 'paid'], ['2026-12', december, 'paid']])
      expect((await creditBalance(customer.id, 'USD')).minor).to.equal(0)
      expect((await world.payments()).map((p) => p.amountMinor)).to.deep.equal([october + november - 15_000, december])
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('billing run three times, and by four workers at once, makes the same invoices and one charge each', async () => {
    setClock('2026-11-10T09:00:00.000Z')
    const customers = await world.in(async () => {
      const all = []
      for (let i = 0; i < 3; i++) {
        const customer = await world.customer()
        await world.card(customer)
        await world.order(customer, 'developer_enterprise', `box-${i}`)
        all.push(customer)
      }
      return all
    })
    await world.settle()
    await world.until('2026-11-30T23:00:00Z')
    setClock('2026-12-01T01:30:00.000Z')
    await world.in(async () => {
      await pollWorkspaces()
    })
    await Promise.all(Array.from({ length: 4 }, () => world.apart(async () => {
      await queueEndedMonths(new Date('2026-12-01T01:30:00.000Z'))
      await world.jobs()
    })))
    for (let i = 0; i < 3; i++) await world.until(`2026-12-01T0${i + 2}:00:00Z`)
    await world.in(async () => {
      const made = await Invoice.query().orderBy('id')
      expect(made.map((i) => [i.userId, i.status])).to.have.deep.members(customers.map((c) => [c.id, 'paid']))
      expect(new Set(made.map((i) => i.number)).size).to.equal(3)
      expect((await world.payments()).map((p) => p.status)).to.deep.equal(['succeeded', 'succeeded', 'succeeded'])
      expect(await auditTenant()).to.deep.equal([])
    })
    expect(world.taken()).to.equal(3)
  })
})
