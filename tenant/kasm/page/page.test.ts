import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { runInTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { setClock } from '../../../shared/testing/world.js'
import '../../timetable.js'
import { useKasmWorld, type Bought } from '../../testing/kasm-world.js'
import { useShop } from '../../testing/shop.js'
import { guardBudgets } from '../budgets/guard-budgets.js'
import { UsageSession } from '../metering/usage-session.js'
import { monthsSince, spanOf } from './usage-span.js'

describe('The pages of a workspace', () => {
  const world = useKasmWorld()
  const shop = useShop()
  const owner = (bought: Bought) => shop.as(bought.service.userId)
  const path = (bought: Bought) => `/services/${bought.service.publicId}`
  const told = () => world.as(world.acme, async () => tenantDb()('notifications').orderBy('id').pluck('title') as Promise<string[]>)
  const rowOf = (bought: Bought) => world.as(world.acme, async () => (await tenantDb()('kasm_usage_sessions').where({ kasm_workspace_id: bought.workspace.id }).first())) as Promise<{ id: number }>
  /** Time passes, and every minute somebody looks. */
  async function watched(seconds: number): Promise<void> {
    setClock(new Date(clock.real().getTime() + (seconds - 60) * 1000))
    await world.as(world.acme, async () => tenantDb()('kasm_usage_sessions').whereNull('stopped_at').update({ last_seen_at: clock.now() }))
    await world.later(60)
  }
  /** Runs for so many minutes, is looked at each minute, and is stopped by the customer. */
  async function ran(minutes: number): Promise<{ bought: Bought; browser: Awaited<ReturnType<typeof owner>> }> {
    const bought = await world.running()
    await watched(minutes * 60)
    const browser = await owner(bought)
    await browser.get(path(bought))
    await browser.post(`${path(bought)}/session`, { _method: 'DELETE' })
    await world.later(0)
    return { bought, browser }
  }

  it('show the same cost live, in the history, on the receipt and in the CSV', async () => {
    const { bought, browser } = await ran(22)
    const { id } = await rowOf(bought)
    const usage = await browser.get(`${path(bought)}/usage`)
    expect(usage.body).to.contain('$0.10').and.to.contain(`/runs/${id}"`).and.to.contain('Show as table').and.to.contain('2026-11-10')
    const receipt = await browser.get(`${path(bought)}/runs/${id}`)
    expect(receipt.body).to.contain('$0.10').and.to.contain('2 quarter hours').and.to.contain('Your order').and.to.contain('$0.20/h').and.to.contain('on your next usage invoice').and.not.to.match(/kasm/i)
    expect((await browser.get(`${path(bought)}/runs/${id}/print`)).body).to.contain('Receipt of a run').and.to.contain('$0.10')
    const csv = await browser.get(`${path(bought)}/runs.csv?month=2026-11`)
    const [run] = await world.sessions()
    expect(csv.headers['content-disposition']).to.equal('attachment; filename=api-box-runs.csv')
    expect(csv.body.split('\r\n')[1]).to.equal(`${id},${run!.startedAt.toISOString()},${run!.stoppedAt!.toISOString()},22,30,0,$0.20/h,0.10,USD,order,customer`)
    expect((await browser.get(`${path(bought)}/runs.csv?from=2026-11-01&to=2026-11-09`)).body).to.not.contain(`\n${id},`)
    expect((await browser.get(`${path(bought)}/usage?from=2026-11-11`)).body).to.contain('No runs in this time')
  })

  it('show, add up and export the runs that one reason ended', async () => {
    const { bought, browser } = await ran(4)
    await browser.post(`${path(bought)}/session`)
    for (let n = 0; n < 4; n++) await world.later(3)
    const [first, second] = await world.sessions()
    const seen = async (by: string) => {
      const { body } = await browser.get(`${path(bought)}/usage?month=2026-11&by=${by}`)
      const csv = (await browser.get(`${path(bought)}/runs.csv?month=2026-11&by=${by}`)).body.trim().split('\r\n')
      return [[first!, second!].filter((run) => body.includes(`/runs/${run.id}"`)).length, csv.length - 2, csv.at(-1)!.split(',')[7], body.includes('Cost by day')]
    }
    expect([await seen('customer'), await seen('running'), await seen('schedule'), await seen('nonsense')])
      .to.deep.equal([[1, 1, '0.05', true], [1, 1, '0.05', true], [0, 0, '0.00', false], [2, 2, '0.10', true]])
    expect(browser.last!.body).to.not.contain('selected>Its schedule')
    expect((await browser.get(`${path(bought)}/usage?by=schedule`)).body).to.contain('No runs in this time were stopped so').and.to.contain('<option value="schedule" selected>')
  })

  it('take both of the days that the customer chose, in any zone, and one day as one day', async () => {
    for (const [timeZone, hours] of [['UTC', 72], ['Pacific/Auckland', 72], ['Pacific/Kiritimati', 72], ['America/New_York', 73]] as const) {
      await runInTenant({ ...world.acme, timeZone }, async () => {
        const months = monthsSince(new Date('2026-09-01T00:00:00Z'), new Date('2026-11-20T00:00:00Z'), 1)
        const length = (from: string, to: string) => { const { start, end, month } = spanOf({ from, to }, months); return [(end.getTime() - start.getTime()) / 3_600_000, month] }
        expect(length('2026-10-31', '2026-11-02'), timeZone).to.deep.equal([hours, null])
        expect(length('2026-11-10', '2026-11-10'), timeZone).to.deep.equal([24, null])
        expect(length('2025-01-01', '2026-11-10')[0], timeZone).to.be.within(400 * 24, 401 * 24 + 1)
      })
    }
  })

  it('count nothing that nobody saw: the page says so, and the ticker is told where it stands', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    world.kasm.fault({ mode: 'down' })
    await world.later(40 * 60)
    const { body } = await browser.get(path(bought))
    expect(body).to.contain('We cannot see this desktop since').and.to.contain('data-seen-at="').and.to.contain('$0.05')
    expect(body).to.not.contain('The next one begins')
  })

  it('have a receipt for the owner’s own runs only, and only under their own workspace', async () => {
    const { bought, browser } = await ran(8)
    const { id } = await rowOf(bought)
    const other = await world.running()
    const stranger = await owner(other)
    expect((await stranger.get(`${path(bought)}/runs/${id}`)).status).to.equal(404)
    expect((await stranger.get(`${path(other)}/runs/${id}`)).status, 'under a workspace of their own').to.equal(404)
    for (const wrong of ['0', '1e3', '999999', 'x']) expect((await browser.get(`${path(bought)}/runs/${wrong}`)).status, wrong).to.equal(404)
  })

  it('rename, and keep what was typed when it will not do', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    await browser.get(`${path(bought)}/settings`)
    const wrong = await browser.post(`${path(bought)}/name`, { _method: 'PUT', name: 'x'.repeat(61) })
    expect(wrong.status).to.equal(422)
    expect(wrong.body).to.contain('x'.repeat(61)).and.to.contain('at most 60')
    expect((await browser.post(`${path(bought)}/name`, { _method: 'PUT', name: 'night-build' })).headers.location).to.equal(`${path(bought)}/settings`)
    expect((await browser.get(`${path(bought)}/activity`)).body).to.contain('Renamed from “api-box” to “night-build”').and.to.contain('You')
  })

  it('take a schedule for weekdays, list it in words, and remove it', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    const first = await browser.get(`${path(bought)}/settings`)
    expect(first.body).to.contain('name="day1" value="on" checked').and.not.to.contain('name="day6" value="on" checked')
    const days = { day1: 'on', day2: 'on', day3: 'on', day4: 'on', day5: 'on' }
    const none = await browser.post(`${path(bought)}/schedules`, { start: '08:00', stop: '18:00', timeZone: 'UTC' })
    expect(none.status).to.equal(422)
    expect(none.body).to.not.contain('name="day1" value="on" checked')
    await browser.post(`${path(bought)}/schedules`, { ...days, start: '08:00', stop: '18:00', timeZone: 'UTC' })
    const listed = await browser.get(`${path(bought)}/settings`)
    expect(listed.body).to.contain('Weekdays 08:00–18:00').and.to.contain('Nov 11, 2026, 8:00 AM')
    const schedule = /schedules\/([a-z0-9]{20})/.exec(listed.body)![1]!
    await browser.post(`${path(bought)}/schedules/${schedule}`, { _method: 'DELETE' })
    expect((await browser.get(`${path(bought)}/settings`)).body).to.not.contain('Weekdays 08:00')
  })

  it('set a budget, warn on it, stop on it, and say why it cannot be started', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    await browser.get(`${path(bought)}/usage`)
    const wrong = await browser.post(`${path(bought)}/budget`, { _method: 'PUT', limit: 'plenty' })
    expect(wrong.status).to.equal(422)
    expect(wrong.body).to.contain('value="plenty"').and.to.contain('Enter an amount')
    expect((await browser.post(`${path(bought)}/budget`, { _method: 'PUT', limit: '0.10', limitAll: '50' })).status).to.equal(303)
    expect((await browser.get(path(bought))).body).to.contain('$0.05 of $0.10').and.to.contain('$0.05 of $50.00').and.to.contain('50 % used')
    await watched(16 * 60)
    await world.as(world.acme, () => guardBudgets(clock.now()))
    expect((await world.fresh(bought)).workspace.status).to.be.oneOf(['stopping', 'stopped'])
    await world.later(5)
    const after = await browser.get(path(bought))
    expect(after.body).to.contain('Your budget').and.to.contain('Change the budget')
    expect(await told()).to.include('The budget of api-box is spent')
    const letters = await world.as(world.acme, async () => tenantDb()('mail_messages').where('letter', 'workspace-budget').pluck('subject') as Promise<string[]>)
    expect(letters).to.include('Your budget is spent: api-box')
  })

  it('remove with the files kept, say until when, and bring back', async () => {
    const { bought, browser } = await ran(4)
    const asked = await browser.get(`${path(bought)}/archive`)
    expect(asked.body).to.contain('kept for 7 days')
    await browser.post(`${path(bought)}/archive`)
    await world.later(5)
    await world.later(5)
    const gone = await browser.get(path(bought))
    expect(gone.body).to.contain('Its files are kept until').and.to.contain('Bring it back').and.not.to.contain('<span>Open workspace</span>')
    await browser.post(`${path(bought)}/archive`, { _method: 'DELETE' })
    expect((await browser.follow()).body).to.contain('It is back, with its files')
    await world.later(5)
    expect(await told()).to.include('api-box was removed').and.to.include('api-box is back')
  })

  it('say a refusal in words on the page, also when two clicks race', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    await browser.get(path(bought))
    const twice = await Promise.all([1, 2].map(() => browser.post(`${path(bought)}/session`, { _method: 'DELETE' })))
    expect(twice.map((a) => a.status)).to.deep.equal([303, 303])
    expect((await world.sessions()).filter((s: UsageSession) => s.stoppedAt === null)).to.have.length(0)
    await browser.post(`${path(bought)}/extension`, { minutes: '60' })
    expect((await browser.follow()).body).to.contain('Only a running workspace has an automatic stop to put off')
    expect((await browser.post(`${path(bought)}/extension`, { minutes: '7' })).status).to.equal(422)
  })

  it('offer only the buttons that the rules allow', async () => {
    const bought = await world.running()
    const browser = await owner(bought)
    const running = await browser.get(path(bought))
    for (const label of ['Open workspace', '<span>Stop</span>', '<span>Restart</span>']) expect(running.body).to.contain(label)
    expect(running.body).to.not.contain('<span>Start</span>')
    await world.as(world.acme, async () => tenantDb()('kasm_workspaces').update({ status: 'paused' }))
    const paused = await browser.get(path(bought))
    expect(paused.body).to.contain('<span>Resume</span>').and.to.contain('<span>Stop</span>').and.not.to.contain('<span>Open workspace</span>').and.not.to.contain('<span>Restart</span>')
  })

  it('list a card with what may be done at once', async () => {
    const bought = await world.running()
    const { body } = await (await owner(bought)).get('/services')
    expect(body).to.contain(`action="${path(bought)}/launch"`).and.to.contain('aria-label="Stop api-box"')
  })
})
