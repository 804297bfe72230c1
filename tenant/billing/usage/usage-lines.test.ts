import { expect } from 'chai'
import fc from 'fast-check'
import { monthOf, type Period } from '../../../shared/time/period.js'
import { dueSeconds, runningSeconds, usageLines } from './usage-lines.js'
import type { UsageRun } from './usage-source.js'

const october = monthOf(new Date('2026-10-15T00:00:00Z'), 'UTC')
const november = monthOf(new Date('2026-11-15T00:00:00Z'), 'UTC')
const december = monthOf(new Date('2026-12-15T00:00:00Z'), 'UTC')

function run(start: string, stop: string | null, more: Partial<UsageRun> = {}): UsageRun {
  const [from, to] = [Date.parse(start), stop ? Date.parse(stop) : Infinity]
  const begun = (...ends: number[]): number => Math.max(0, Math.ceil((Math.min(to, ...ends) - from) / 900_000)) * 900
  return {
    sessionId: 1, serviceId: 1, userId: 1, serviceName: 'api-box', planName: 'Developer Basic', currency: 'USD', rateMicros: 200_000, startedAt: new Date(start), stoppedAt: stop ? new Date(stop) : null, billedSeconds: 0,
    interimSeconds: 0, secondsBefore: (instant) => begun(instant.getTime()), secondsSoFar: (instant, now) => begun(instant.getTime(), now.getTime()), secondsIfKept: (until) => begun(until.getTime()),
    instantAfter: (seconds) => new Date(from + seconds * 1000), ...more,
  }
}
const later = new Date('2027-06-01T00:00:00Z')
const bill = (runs: UsageRun[], period: Period) => usageLines(runs, period, dueSeconds)

describe('Usage lines', () => {
  it('cost what the price list promises: 8 min $0.05, 22 min $0.10, 65 min $0.25 at $0.20 an hour', () => {
    const cents = (stop: string) => bill([run('2026-11-05T10:00:00Z', stop)], november)[0]!.amount.minor
    expect([cents('2026-11-05T10:08:00Z'), cents('2026-11-05T10:22:00Z'), cents('2026-11-05T11:05:00Z')]).to.deep.equal([5, 10, 25])
  })
  it('gather the runs of one workspace at one rate, and round once', () => {
    const three = ['10', '11', '12'].map((h, i) => run(`2026-11-05T${h}:00:00Z`, `2026-11-05T${h}:10:00Z`, { sessionId: i, rateMicros: 150_000 }))
    const lines = bill([...three, run('2026-11-05T13:00:00Z', '2026-11-05T13:10:00Z', { rateMicros: 300_000 }), run('2026-11-05T13:00:00Z', '2026-11-05T13:10:00Z', { serviceId: 2 })], november)
    expect(lines.map((l) => [l.serviceId, l.rateMicros, l.seconds, l.amount.minor])).to.deep.equal([[1, 150_000, 2700, 11], [1, 300_000, 900, 8], [2, 200_000, 900, 5]])
  })
  it('share a run over midnight of the month’s end between both months, each quarter hour once', () => {
    const over = run('2026-10-31T23:50:00Z', '2026-11-01T00:20:00Z')
    expect(dueSeconds(over, october)).to.equal(900)
    const rest = { ...over, billedSeconds: 900 }
    expect(dueSeconds(rest, november)).to.equal(900)
    expect(dueSeconds({ ...over, billedSeconds: 1800 }, december)).to.equal(0)
    expect(bill([over], october)[0]!.shares[0]!.ranSeconds).to.equal(600)
    expect(bill([rest], november)[0]!.shares[0]!.ranSeconds).to.equal(1200)
  })
  it('put an increment into the period in which it starts, at the boundary itself', () => {
    expect(dueSeconds(run('2026-10-31T23:45:00Z', '2026-11-01T00:00:00Z'), october)).to.equal(900)
    expect(dueSeconds(run('2026-11-01T00:00:00Z', '2026-11-01T00:15:00Z'), october)).to.equal(0)
    expect(dueSeconds(run('2026-10-31T23:45:00Z', '2026-11-01T00:00:00.001Z', { billedSeconds: 900 }), november)).to.equal(900)
  })
  it('bill late use with the next month, and never a second time', () => {
    const late = run('2026-10-10T10:00:00Z', '2026-10-10T11:00:00Z')
    expect(dueSeconds(late, november)).to.equal(3600)
    expect(runningSeconds(later)(late, november)).to.equal(0)
    expect(bill([late], november)[0]!.shares[0]!.ranSeconds).to.equal(3600)
    expect(bill([{ ...late, billedSeconds: 3600 }], november)).to.deep.equal([])
    expect(dueSeconds({ ...late, billedSeconds: 4500 }, november)).to.equal(0)
  })
  it('add up, over any months in a row, to exactly what the whole run costs', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 40 * 86_400 }), fc.integer({ min: 1, max: 70 * 86_400 }), (offset, length) => {
      const from = Date.parse('2026-09-25T00:00:00Z') + offset * 1000
      const whole = run(new Date(from).toISOString(), new Date(from + length * 1000).toISOString())
      let [billed, month] = [0, monthOf(whole.startedAt, 'America/New_York')]
      for (let i = 0; i < 6; i++) {
        const due = dueSeconds({ ...whole, billedSeconds: billed }, month)
        expect(due).to.equal(runningSeconds(later)({ ...whole, billedSeconds: billed }, month))
        billed += due
        month = monthOf(month.end, 'America/New_York')
      }
      expect(billed).to.equal(Math.ceil(length / 900) * 900)
    }))
  })
})
