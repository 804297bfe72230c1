import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { setClock } from '../../../shared/testing/world.js'
import { newCustomer, newRun, newService, useBillingWorld } from '../../scenarios/billing-world.js'
import { auditTenant } from '../audit.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { closeEndedMonths } from './close-month.js'
import { billInterim, customersOverTheLimit } from './interim-invoice.js'
import { customerMonth, monthSoFar } from './month-so-far.js'
import { usageSettings } from './usage-settings.js'

const limit = (minor: number) => usageSettings.write({ interim: { USD: minor }, lowCredit: 'warn' })
const at = (instant: string): Date => {
  setClock(instant)
  return new Date(instant)
}
const seen = (id: number, instant: string) => tenantDb()('kasm_usage_sessions').where({ id }).update({ last_seen_at: new Date(instant) })

describe('Billing use before the month ends', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-20T12:00:00.000Z'))

  it('happens when what no invoice holds reaches the limit, and not before', () => world.in(async () => {
    const userId = await newCustomer()
    const run = await newRun(await newService(userId, 'box', 200_000), '2026-11-10T00:00:00Z', null, '2026-11-10T04:44:59.999Z')
    expect(await customersOverTheLimit(at('2026-11-20T12:00:00Z')), 'no limit is set').to.deep.equal([])
    await limit(100)
    expect((await customerMonth(userId)).unbilled().minor).to.equal(95)
    expect([await customersOverTheLimit(new Date()), await billInterim(userId)]).to.deep.equal([[], []])
    await seen(run, '2026-11-10T04:45:00.001Z')
    expect(await customersOverTheLimit(at('2026-11-20T12:00:00Z'))).to.deep.equal([userId])
    const [invoice] = await billInterim(userId)
    expect(invoice).to.include({ kind: 'usage', status: 'open', totalMinor: 100, businessKey: `usage:${userId}:2026-11:interim:2026-11-01T00:00:00.000Z` })
    expect(invoice!.collectAt, 'collected at once').to.deep.equal(new Date('2026-11-20T12:00:00Z'))
    expect(invoice!.periodEnd).to.deep.equal(new Date('2026-11-20T12:00:00Z'))
    expect(await billInterim(userId)).to.deep.equal([])
    expect([(await monthSoFar(userId)).amount.minor, (await monthSoFar(userId)).unbilled.minor, (await customerMonth(userId)).unbilled().minor], 'the month’s figure keeps what was billed in between').to.deep.equal([100, 0, 0])
  }))

  it('and the month’s own bill come to the cent to what one bill would have been', () => world.in(async () => {
    const [a, b] = [await newCustomer(), await newCustomer()]
    for (const userId of [a, b]) {
      const box = await newService(userId, 'box', 150_000)
      const web = await newService(userId, 'web', 800_000)
      for (const day of ['03', '04', '05', '09', '12', '28']) await newRun(box, `2026-11-${day}T10:00:00Z`, `2026-11-${day}T11:40:00Z`)
      await newRun(web, '2026-11-11T10:00:00Z', '2026-11-11T10:25:00Z')
      await newRun(box, '2026-11-30T23:50:00Z', '2026-12-01T00:40:00Z')
    }
    await limit(50)
    for (const day of ['04', '05', '10', '13', '29']) {
      await tenantDb()('kasm_usage_sessions').where('started_at', '>', at(`2026-11-${day}T12:00:00Z`)).update({ kasm_session_id: 'later' })
      await billInterim(a)
    }
    for (const userId of [a, b]) await closeEndedMonths(userId, at('2026-12-01T01:00:00Z'))
    const bills = async (userId: number) => (await Invoice.query().where({ userId }).orderBy('id')).map((i) => i.totalMinor)
    const sum = (all: number[]): number => all.reduce((x, y) => x + y, 0)
    expect(await bills(a)).to.have.length.above(2)
    expect(await bills(b)).to.deep.equal([sum(await bills(a))])
    const twice = await tenantDb()('kasm_usage_sessions').whereRaw('billed_seconds > duration_billable_seconds')
    expect(twice).to.deep.equal([])
    const lines = await InvoiceLine.query().where({ kind: 'usage' })
    expect(lines.every((l) => l.detail.runs!.reduce((all, r) => all + r.billedMinutes, 0) * 60 === l.quantitySeconds)).to.equal(true)
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is made once by two workers at the same moment', async () => {
    const userId = await world.in(async () => {
      const userId = await newCustomer()
      await newRun(await newService(userId, 'box', 800_000), '2026-11-10T00:00:00Z', '2026-11-10T10:00:00Z')
      await limit(500)
      return userId
    })
    const made = await Promise.all([1, 2].map(() => world.in(() => billInterim(userId))))
    expect(made.flat().map((i) => i.totalMinor)).to.deep.equal([800])
    await world.in(async () => expect(await auditTenant()).to.deep.equal([]))
  })

  it('waits for the bill of the month that has ended', () => world.in(async () => {
    const userId = await newCustomer()
    await newRun(await newService(userId, 'box', 800_000), '2026-11-30T20:00:00Z', null, '2026-12-01T00:30:00Z')
    await limit(100)
    expect(await billInterim(userId, at('2026-12-01T00:30:00Z'))).to.deep.equal([])
    const [november] = await closeEndedMonths(userId, at('2026-12-01T01:00:00Z'))
    expect(november!.totalMinor).to.equal(320)
    await limit(40)
    expect((await billInterim(userId, at('2026-12-01T01:00:01Z'))).map((i) => i.totalMinor)).to.deep.equal([40])
    expect((await closeEndedMonths(userId, at('2027-01-05T01:00:00Z'))).map((i) => i.totalMinor)).to.deep.equal([])
  }))
})
