import { expect } from 'chai'
import { clock } from '../../../../shared/time/clock.js'
import { centralDb } from '../../../../shared/database/central-database.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { monthOf } from '../../../../shared/time/period.js'
import '../../../../tenant/timetable.js'
import { closeEndedMonths } from '../../../../tenant/billing/usage/close-month.js'
import { correctRun } from '../../../../tenant/kasm/metering/correct-run.js'
import { UsageSession } from '../../../../tenant/kasm/metering/usage-session.js'
import { recordFinishedMonths, recordSession } from '../../../../tenant/kasm/metering/wholesale-slices.js'
import { asStaff } from '../../../testing/central-world.js'
import { useDesk, words } from '../../../testing/desk-world.js'
import { newRun, newWorkspace, type Made } from '../../../testing/workspace-world.js'
import { billReseller } from '../../../wholesale/bill-reseller.js'
import { figuresOf, marginPercent } from './figures.js'
import { peaks } from './pieces.js'

const day = (n: number, time = '00:00') => `2026-11-${String(n).padStart(2, '0')}T${time}:00Z`
const span = (from: string, to: string) => ({ start: new Date(from), end: new Date(to) })
const november = monthOf(new Date('2026-11-15T00:00:00Z'), 'UTC')

describe('Most at once', () => {
  const run = (from: string, to: string | null) => ({ startedAt: new Date(from), stoppedAt: to === null ? null : new Date(to) })
  it('counts runs that overlap, not those that follow each other at the same instant, and each day by itself', () => {
    const days = [span(day(1), day(2)), span(day(2), day(3)), span(day(3), day(4))]
    const runs = [run(day(1, '10:00'), day(1, '11:00')), run(day(1, '11:00'), day(2, '09:00')), run(day(2, '08:59'), null), run(day(2, '23:59'), day(3))]
    expect(peaks(runs, days, new Date(day(3, '12:00')))).to.deep.equal([1, 2, 1])
  })
})

describe('Figures of a shop’s workspaces', function () {
  this.timeout(60_000)
  const { inAcme, member, tenant } = useDesk({ at: '2026-11-01T00:00:00Z' })
  let made: Made[]
  before(async () => {
    clock.set('2026-11-30T23:00:00Z')
    made = []
    for (const [n, type] of ['developer_basic', 'developer_basic', 'business_pro'].entries()) {
      made.push(await inAcme(async () => {
        const one = await newWorkspace({ name: `box-${n}`, type, ...(n === 1 ? { userId: made[0]!.userId } : {}) })
        // 0.150001 an hour: every line is rounded, and the days must share what is lost or won.
        const service = await one.service.$query().patchAndFetch({ priceMicros: n === 0 ? 150_001 : one.service.priceMicros })
        for (let d = 2; d < 28; d += 3) await newRun(one.workspace, service, day(d, `${String(8 + n).padStart(2, '0')}:07`), day(d, `${15 + n}:5${n}`))
        await newRun(one.workspace, service, day(28, '22:30'), day(29, '01:10'))
        return { ...one, service }
      }))
    }
  })
  beforeEach(() => clock.set('2026-12-05T12:00:00Z'))
  after(() => clock.set())
  const all = (from: string, to: string, step: 'day' | 'month' = 'day') => inAcme(() => figuresOf(span(from, to), step, 'USD', clock.now()))
  const minor = (rows: ReadonlyArray<{ revenue: { minor: number } }>): number => rows.reduce((sum, r) => sum + r.revenue.minor, 0)
  const invoiced = () => inAcme(async () => Number(((await tenantDb()('invoice_lines as l').join('invoices as i', 'i.id', 'l.invoice_id').where({ 'i.kind': 'usage' }).sum({ n: 'l.amount_minor' }).first()) as { n: string | null }).n ?? 0))

  it('before the bill are what the bill will be, and after it what it is: by day, by type and together, to the cent', async () => {
    const before = await all(day(1), '2026-12-01T00:00:00Z')
    for (const userId of new Set(made.map((m) => m.userId))) await inAcme(() => closeEndedMonths(userId, clock.now()))
    const [total, after] = [await invoiced(), await all(day(1), '2026-12-01T00:00:00Z')]
    expect(total).to.be.greaterThan(0)
    expect([before.total.revenue.minor, after.total.revenue.minor, minor(after.rows), minor([...after.byType.values()])]).to.deep.equal([total, total, total, total])
    expect(after.rows).to.have.length(30)
    const halves = [await all(day(1), day(16)), await all(day(16), '2026-12-01T00:00:00Z')]
    expect(halves[0]!.total.revenue.add(halves[1]!.total.revenue).minor).to.equal(total)
    expect((await all(day(1), '2026-12-01T00:00:00Z', 'month')).rows.map((r) => [r.key, r.revenue.minor])).to.deep.equal([['2026-11', total]])
    const receipts = await inAcme(async () => UsageSession.query())
    expect(after.total.billed).to.equal(receipts.reduce((sum, r) => sum + r.billableSeconds(clock.now()), 0))
    expect(after.total.ran).to.equal(receipts.reduce((sum, r) => sum + r.elapsedSeconds(clock.now()), 0))
  })

  it('put each quarter hour on the day on which it begins', async () => {
    const { rows } = await all(day(28), day(30))
    // 22:30 to 01:10 are eleven quarter hours: six begin on the 28th, five on the 29th. Nothing else ran on these days.
    expect(rows.map((r) => [r.key, r.billed, r.peak])).to.deep.equal([['2026-11-28', 3 * 6 * 900, 3], ['2026-11-29', 3 * 5 * 900, 3]])
  })

  it('cost what the platform’s own bill says, discount included', async () => {
    const acme = await tenant('acme')
    await asStaff(async () => { await centralDb()('tenant_billing').where({ tenant_id: acme.id }).update({ wholesale_discount_ppm: 73_000, next_billing_at: new Date('2026-12-01T00:00:00Z'), started_at: new Date('2026-11-01T00:00:00Z'), billing_cycle_day: 1 }) })
    await inAcme(async () => {
      for (const { id } of await UsageSession.query().select('id')) await recordSession(id)
      await recordFinishedMonths(clock.now())
    })
    await asStaff(() => billReseller(acme.id, clock.now()))
    const bill = await asStaff(async () => (await centralDb()('wholesale_invoices').where({ tenant_id: acme.id, period_start: november.start }).first()) as { usage_charges_minor: number; discount_minor: number })
    const { total, rows, byType } = await all(day(1), '2026-12-01T00:00:00Z')
    const cost = Number(bill.usage_charges_minor) - Number(bill.discount_minor)
    expect(cost).to.be.greaterThan(0)
    expect([total.cost.minor, rows.reduce((sum, r) => sum + r.cost.minor, 0), [...byType.values()].reduce((sum, f) => sum + f.cost.minor, 0)]).to.deep.equal([cost, cost, cost])
    expect(total.margin!.minor).to.equal(total.revenue.minor - cost)
    expect(marginPercent(total)).to.equal(Math.trunc((total.margin!.minor * 100) / total.revenue.minor))
  })

  it('fall by exactly the credit note when a billed run is corrected', async () => {
    const before = (await all(day(1), '2026-12-01T00:00:00Z')).total.revenue.minor
    const run = await inAcme(async () => (await UsageSession.query().where({ kasmWorkspaceId: made[0]!.workspace.id }).orderBy('id').first())!)
    const { creditNotes } = await inAcme(() => correctRun(run.id, { stoppedAt: new Date(run.startedAt.getTime() + 3_600_000), reason: 'It had crashed', by: 'Sam' }))
    const credited = creditNotes.reduce((sum, n) => sum + n.netMinor, 0)
    expect(credited).to.be.greaterThan(0)
    const after = await all(day(1), '2026-12-01T00:00:00Z')
    expect([before - after.total.revenue.minor, before - minor(after.rows)]).to.deep.equal([credited, credited])
  })

  it('of the runs that one reason ended add up to all, on the page and in the CSV', async () => {
    await inAcme(async () => UsageSession.query().patch({ endReason: 'schedule' }).where({ kasmWorkspaceId: made[1]!.workspace.id }))
    const ended = (endedBy: string | null) => inAcme(() => figuresOf(span(day(1), '2026-12-01T00:00:00Z'), 'day', 'USD', clock.now(), { endedBy }))
    const [all, customer, schedule, open] = [await ended(null), await ended('customer'), await ended('schedule'), await ended('running')]
    expect(schedule.total.billed).to.be.greaterThan(0)
    expect(customer.total.revenue.add(schedule.total.revenue).minor).to.equal(all.total.revenue.minor)
    expect([customer.total.billed + schedule.total.billed, open.total.billed]).to.deep.equal([all.total.billed, 0])
    const browser = await member('acme')
    const query = 'from=2026-11-01&until=2026-11-30&by=schedule'
    const page = (await browser.get(`/reseller/workspaces/figures?${query}`)).body
    expect(words(page)).to.contain(`$${schedule.total.revenue.toString()}`)
    expect(page).to.contain('<option value="schedule" selected>').and.to.match(/by(=|&#x3D;)schedule/)
    const [, ...lines] = (await browser.get(`/reseller/workspaces/figures.csv?${query}`)).body.trim().split('\r\n')
    expect(lines.reduce((sum, line) => sum + Math.round(Number(line.split(',')[4]) * 100), 0)).to.equal(schedule.total.revenue.minor)
    expect(words((await browser.get('/reseller/workspaces/figures?from=2026-11-01&until=2026-11-30&by=idle')).body)).to.contain('Nothing in this time was stopped so')
  })

  it('stand on the page and in the CSV with the same sums, and belong to their shop', async () => {
    const browser = await member('acme')
    const { total } = await all(day(1), '2026-12-01T00:00:00Z')
    const page = await browser.get('/reseller/workspaces/figures?from=2026-11-01&until=2026-11-30')
    expect(words(page.body)).to.contain(`Together ${(total.ran / 3600).toFixed(2)} ${(total.billed / 3600).toFixed(2)} $${total.revenue.toString()}`)
    expect(page.body).to.contain('data-chart="money-data"').and.to.contain('Show as table')
    const [, ...lines] = (await browser.get('/reseller/workspaces/figures.csv?from=2026-11-01&until=2026-11-30')).body.trim().split('\r\n')
    expect(lines.reduce((sum, line) => sum + Math.round(Number(line.split(',')[4]) * 100), 0)).to.equal(total.revenue.minor)
    expect(words((await (await member('globex')).get('/reseller/workspaces/figures?from=2026-11-01&until=2026-11-30')).body)).to.contain('Nothing ran in this time')
    expect((await browser.get('/reseller/workspaces/figures?from=0000-00-00&until=9999-99-99&step=year&currency=XXX')).status).to.equal(200)
  })
})
