import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { makeTenant } from '../../../shared/tenancy/tenant.js'
import { setClock } from '../../../shared/testing/world.js'
import { balances, newCustomer, newRun, newService, useBillingWorld } from '../../scenarios/billing-world.js'
import { auditTenant } from '../audit.js'
import { carriedOf } from '../invoices/carry-over.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { closeEndedMonths, customersWithEndedMonths, longestLagMs } from './close-month.js'
import { queueEndedMonths } from './jobs.js'
import { monthSoFar } from './month-so-far.js'

const FIRST = '2026-12-01T01:00:00.000Z'
const close = (userId: number, at = FIRST): Promise<Invoice[]> => closeEndedMonths(userId, new Date(at))
const slices = async () => tenantDb()('kasm_billed_slices').orderBy('id').select('kasm_usage_session_id as session', 'billed_seconds as seconds')

describe('The end of a month', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock(FIRST))

  it('makes one invoice with one line a workspace, every run beneath it', () => world.in(async () => {
    const userId = await newCustomer()
    const api = await newService(userId, 'api-box')
    const web = await newService(userId, 'web', 200_000)
    for (let day = 1; day <= 9; day++) await newRun(api, `2026-11-0${day}T10:00:00Z`, `2026-11-0${day}T14:05:00Z`)
    await newRun(web, '2026-11-03T10:00:00Z', '2026-11-03T10:08:00Z')
    const [invoice] = await close(userId)
    expect(invoice).to.include({ kind: 'usage', status: 'open', businessKey: `usage:${userId}:2026-11`, totalMinor: 574 + 5 })
    const lines = await InvoiceLine.query().orderBy('sortOrder')
    expect(lines.map((l) => l.description)).to.deep.equal(['Developer Basic "api-box": 9 runs, 2,295 min at $0.15/h', 'Developer Basic "web": 1 run, 15 min at $0.20/h'])
    expect(lines[0]).to.include({ quantitySeconds: 2295 * 60, rateMicros: 150_000, amountMinor: 574, serviceId: api.serviceId })
    expect(lines[0]!.detail.runs).to.have.length(9)
    expect(lines[0]!.detail.runs![0]).to.deep.include({ start: '2026-11-01T10:00:00.000Z', stop: '2026-11-01T14:05:00.000Z', minutes: 245, billedMinutes: 255 })
  }))

  it('waits for the grace hour, and not a moment longer', () => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId), '2026-11-05T10:00:00Z', '2026-11-05T10:08:00Z')
    expect(await customersWithEndedMonths(new Date('2026-12-01T00:59:59.999Z'))).to.deep.equal([])
    expect(await close(userId, '2026-12-01T00:59:59.999Z')).to.deep.equal([])
    expect(await customersWithEndedMonths(new Date(FIRST))).to.deep.equal([userId])
    expect(await close(userId)).to.have.length(1)
  }))

  it('makes no invoice for a customer who used nothing', () => world.in(async () => {
    const userId = await newCustomer()
    await newService(userId)
    expect(await close(userId)).to.deep.equal([])
    expect(await Invoice.query().resultSize()).to.equal(0)
  }))

  it('run three times makes the same invoices', () => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId), '2026-11-05T10:00:00Z', '2026-11-05T11:00:00Z')
    for (let i = 0; i < 3; i++) {
      await queueEndedMonths(new Date(FIRST))
      await runDueJobs({ tenant: world.acme })
    }
    expect((await Invoice.query()).map((i) => i.totalMinor)).to.deep.equal([15])
    expect(await slices()).to.have.length(1)
    expect(await customersWithEndedMonths(new Date(FIRST))).to.deep.equal([])
  }))

  it('run by four workers at once makes the same invoices', async () => {
    const users = await world.in(async () => {
      const ids = []
      for (let i = 0; i < 4; i++) {
        const userId = await newCustomer()
        await newRun(await newService(userId), '2026-11-05T10:00:00Z', `2026-11-05T1${i + 1}:00:00Z`)
        ids.push(userId)
      }
      return ids
    })
    await Promise.all(Array.from({ length: 4 }, () => Promise.all(users.map((id) => world.in(() => close(id))))))
    await world.in(async () => {
      const invoices = await Invoice.query().orderBy('userId')
      expect(invoices.map((i) => i.totalMinor)).to.deep.equal([15, 30, 45, 60])
      expect(invoices.map((i) => i.number).sort()).to.deep.equal([1, 2, 3, 4].map((n) => `INV-2026-0000${n}`))
    })
  })

  it('bills a run over midnight in both months, together exactly once', () => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId, 'box', 200_000), '2026-11-30T23:20:00Z', '2026-12-01T00:30:00Z')
    const [november] = await close(userId)
    const [december] = await close(userId, '2027-01-01T01:00:00Z')
    expect([november?.totalMinor, december?.totalMinor]).to.deep.equal([15, 10])
    expect((await slices()).map((s: { seconds: number }) => s.seconds)).to.deep.equal([2700, 1800])
    expect(await close(userId, '2027-02-01T01:00:00Z')).to.deep.equal([])
  }))

  it('bills a workspace that never stops every month', () => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId, 'always', 200_000), '2026-10-31T12:00:00Z', null, '2027-01-01T01:00:00Z')
    const made = await close(userId, '2027-01-01T01:00:00Z')
    expect(made.map((i) => [i.businessKey.slice(-7), i.totalMinor])).to.deep.equal([['2026-10', 12 * 20], ['2026-11', 30 * 24 * 20], ['2026-12', 31 * 24 * 20]])
    expect(await close(userId, '2027-01-15T01:00:00Z')).to.deep.equal([])
  }))

  it('gives the same invoices month by month as in one step of three months', () => world.in(async () => {
    const [a, b] = [await newCustomer(), await newCustomer()]
    for (const user of [a, b]) {
      const service = await newService(user)
      for (const month of ['09', '10', '11']) await newRun(service, `2026-${month}-29T22:00:00Z`, `2026-${month}-30T03:10:00Z`)
    }
    for (const at of ['2026-10-01T01:00:00Z', '2026-11-01T01:00:00Z', FIRST]) await close(a, at)
    await close(b)
    const totals = async (userId: number) => (await Invoice.query().where({ userId }).orderBy('periodStart')).map((i) => [i.periodStart?.toISOString(), i.totalMinor])
    expect(await totals(a)).to.deep.equal(await totals(b))
    expect(await totals(a)).to.have.length(3)
  }))

  it('bills use that became known late with the next month', () => world.in(async () => {
    const userId = await newCustomer()
    const service = await newService(userId)
    await newRun(service, '2026-11-05T10:00:00Z', '2026-11-05T11:00:00Z')
    await close(userId)
    await newRun(service, '2026-11-06T10:00:00Z', '2026-11-06T12:00:00Z')
    expect(await close(userId, '2026-12-02T00:00:00Z')).to.deep.equal([])
    expect((await close(userId, '2027-01-01T01:00:00Z')).map((i) => i.totalMinor)).to.deep.equal([30])
  }))

  it('waits up to three days for a meter that lags behind, then bills what was seen', () => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId, 'blind', 200_000), '2026-11-30T20:00:00Z', null, '2026-11-30T21:00:00Z')
    expect(await close(userId)).to.deep.equal([])
    const [invoice] = await close(userId, new Date(Date.parse('2026-12-01T00:00:00Z') + longestLagMs).toISOString())
    expect(invoice?.totalMinor).to.equal(20)
  }))

  it('carries what is too small for a card onto the next invoice', () => world.in(async () => {
    const userId = await newCustomer()
    const service = await newService(userId)
    await newRun(service, '2026-11-05T10:00:00Z', '2026-11-05T10:08:00Z')
    await newRun(service, '2026-12-05T10:00:00Z', '2026-12-05T20:00:00Z')
    await close(userId, '2027-01-01T01:00:00Z')
    const [small, next] = await Invoice.query().orderBy('id')
    expect(small).to.include({ totalMinor: 4, status: 'paid', creditedMinor: 4 })
    expect(next).to.include({ totalMinor: 150, status: 'open', creditedMinor: -4 })
    expect(next!.balance.minor).to.equal(154)
    expect((await carriedOf(next!)).map((c) => [c.amount.minor, c.number])).to.deep.equal([[4, small!.number]])
    expect((await carriedOf(small!)).map((c) => [c.amount.minor, c.number])).to.deep.equal([[-4, next!.number]])
    expect(await balances()).to.deep.equal({ receivable: 154, 'revenue:kasm': -154 })
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is the shop’s month, and begins on the customer’s own day', async () => {
    const newYork = makeTenant({ ...world.acme, timeZone: 'America/New_York', db: world.acme.db })
    await world.in(async () => {
      const [first, fifteenth] = [await newCustomer(), await newCustomer({ billing_anchor_day: 15 })]
      for (const userId of [first, fifteenth]) await newRun(await newService(userId, 'box', 200_000), '2026-12-01T03:00:00Z', '2026-12-01T04:00:00Z')
      expect((await close(first, '2026-12-01T06:00:00Z')).map((i) => i.periodEnd?.toISOString())).to.deep.equal(['2026-12-01T05:00:00.000Z'])
      expect(await close(fifteenth, '2026-12-01T06:00:00Z')).to.deep.equal([])
      expect((await close(fifteenth, '2026-12-15T06:00:00Z')).map((i) => [i.periodStart?.toISOString(), i.periodEnd?.toISOString()])).to.deep.equal([['2026-11-15T05:00:00.000Z', '2026-12-15T05:00:00.000Z']])
    }, newYork)
  })

  it('leaves the other reseller’s books untouched', async () => {
    const before = await world.checksum(world.globex)
    await world.in(async () => {
      const userId = await newCustomer()
      await newRun(await newService(userId), '2026-11-05T10:00:00Z', '2026-11-05T11:00:00Z')
      expect(await close(userId)).to.have.length(1)
    })
    expect(await world.checksum(world.globex)).to.equal(before)
  })

  it('costs what the page showed the moment before', () => world.in(async () => {
    const userId = await newCustomer()
    const service = await newService(userId)
    await newRun(service, '2026-10-31T23:50:00Z', '2026-11-01T01:00:00Z')
    for (const day of ['05', '12', '19']) await newRun(service, `2026-11-${day}T10:00:00Z`, `2026-11-${day}T10:20:00Z`)
    const shown = await monthSoFar(userId, new Date('2026-11-30T23:59:59Z'))
    const made = await close(userId)
    expect(made.map((i) => i.businessKey.slice(-7))).to.deep.equal(['2026-10', '2026-11'])
    expect(made[1]!.totalMinor).to.equal(shown.amount.minor)
    expect(shown.seconds).to.equal(4 * 900 + 3 * 1800)
  }))
})
