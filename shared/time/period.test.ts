import { expect } from 'chai'
import fc from 'fast-check'
import { localDateOf, localMidnight } from './local-date.js'
import { contains, cycles, monthOf, nextMonth, periodAt, periodNumber, secondsOf, type Anchor, type RenewingCycle } from './period.js'

const zones = ['UTC', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu', 'America/Havana', 'Asia/Beirut', 'America/Sao_Paulo', 'Pacific/Kiritimati', 'Africa/Casablanca', 'Europe/Berlin']
const anchor = (cycle: RenewingCycle, day = 31, timeZone = 'UTC'): Anchor => ({ startedOn: { year: 2026, month: 1, day }, anchorDay: day, timeZone, cycle })
const days = (a: Anchor, count: number): string[] => Array.from({ length: count }, (_v, n) => periodNumber(a, n).key)

describe('Billing periods', () => {
  it('that start on the 31st are cut short by February and return in March', () => {
    expect(days(anchor('monthly'), 6)).to.deep.equal(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30'])
    expect(days(anchor('monthly', 29), 27)[25]).to.equal('2028-02-29')
  })
  it('of every cycle start where they should', () => {
    const second = Object.fromEntries((Object.keys(cycles) as RenewingCycle[]).map((c) => [c, days(anchor(c, 15), 2)[1]]))
    expect(second).to.deep.equal({
      weekly: '2026-01-22', monthly: '2026-02-15', quarterly: '2026-04-15', 'semi-annual': '2026-07-15', annual: '2027-01-15', biennial: '2028-01-15', triennial: '2029-01-15',
    })
  })
  it('begin on the day of the subscription and return to the anchor day', () => {
    const a: Anchor = { startedOn: { year: 2026, month: 2, day: 28 }, anchorDay: 31, timeZone: 'UTC', cycle: 'monthly' }
    expect(days(a, 3)).to.deep.equal(['2026-02-28', '2026-03-31', '2026-04-30'])
  })
  it('touch without gap or overlap in every zone, through every change of clocks', () => {
    for (const zone of zones) for (const cycle of ['weekly', 'monthly'] as const) {
      for (let n = 0; n < 60; n++) expect(periodNumber(anchor(cycle, 31, zone), n).end.getTime(), `${zone} ${cycle} ${n}`).to.equal(periodNumber(anchor(cycle, 31, zone), n + 1).start.getTime())
    }
  })
  it('contain each instant exactly once', () => {
    fc.assert(fc.property(fc.constantFrom(...zones), fc.constantFrom(...(Object.keys(cycles) as RenewingCycle[])), fc.integer({ min: 1, max: 31 }), fc.integer({ min: 0, max: 4_000 * 86_400 }), (zone, cycle, day, offset) => {
      const a = anchor(cycle, day, zone)
      const instant = new Date(periodNumber(a, 0).start.getTime() + offset * 1000)
      const found = periodAt(a, instant)
      expect(contains(found, instant)).to.equal(true)
      expect(periodAt(a, found.start).key).to.equal(found.key)
      expect(periodAt(a, new Date(found.end.getTime() - 1)).key).to.equal(found.key)
      expect(periodAt(a, found.end).key).to.not.equal(found.key)
    }), { numRuns: 300 })
  })
  it('do not exist before the first', () => expect(() => periodAt(anchor('monthly'), new Date('2026-01-30T23:59:59.999Z'))).to.throw(RangeError))
})

describe('The month of a customer', () => {
  it('starts and ends at midnight of the shop, not of London', () => {
    const november = monthOf(new Date('2026-11-15T00:00:00Z'), 'America/New_York')
    expect(november).to.deep.equal({ start: new Date('2026-11-01T04:00:00Z'), end: new Date('2026-12-01T05:00:00Z'), key: '2026-11' })
    expect(secondsOf(november)).to.equal((30 * 24 + 1) * 3600)
  })
  it('changes at the boundary instant itself', () => {
    const end = new Date('2026-12-01T05:00:00Z')
    expect(monthOf(new Date(end.getTime() - 1), 'America/New_York').key).to.equal('2026-11')
    expect(monthOf(end, 'America/New_York').key).to.equal('2026-12')
    expect(monthOf(new Date('2026-12-01T00:00:00Z'), 'UTC').key).to.equal('2026-12')
    expect(monthOf(new Date('2026-12-01T00:00:00Z'), 'Pacific/Kiritimati').start.toISOString()).to.equal('2026-11-30T10:00:00.000Z')
  })
  it('may begin on any day, clamped to short months', () => {
    expect(monthOf(new Date('2026-03-30T12:00:00Z'), 'UTC', 31)).to.deep.equal({ start: new Date('2026-02-28T00:00:00Z'), end: new Date('2026-03-31T00:00:00Z'), key: '2026-02' })
    expect(monthOf(new Date('2027-01-03T12:00:00Z'), 'UTC', 15).key).to.equal('2026-12')
  })
  it('follows the last one without gap in every zone for five years', () => {
    for (const zone of zones) for (const day of [1, 15, 29, 30, 31]) {
      let month = monthOf(new Date('2026-01-31T12:00:00Z'), zone, day)
      for (let n = 0; n < 60; n++) {
        const next = nextMonth(month, zone, day)
        expect(next.start.getTime()).to.equal(month.end.getTime())
        expect(next.key > month.key, `${zone} ${month.key} → ${next.key}`).to.equal(true)
        month = next
      }
      expect(month.key).to.match(/^203[01]-/)
    }
  })
})

describe('Local days', () => {
  it('start at the first instant there is, where midnight is skipped', () => {
    expect(localMidnight({ year: 2023, month: 3, day: 12 }, 'America/Havana').toISOString()).to.equal('2023-03-12T05:00:00.000Z')
    expect(localMidnight({ year: 2011, month: 12, day: 30 }, 'Pacific/Apia').toISOString()).to.equal('2011-12-30T10:00:00.000Z')
  })
  it('start at the earlier midnight, where it comes twice', () => {
    const twice = localMidnight({ year: 2023, month: 11, day: 5 }, 'America/Havana')
    expect(localDateOf(twice, 'America/Havana')).to.deep.equal({ year: 2023, month: 11, day: 5 })
    expect(localDateOf(new Date(twice.getTime() - 1), 'America/Havana').day).to.equal(4)
  })
  it('refuse zones and dates that do not exist', () => {
    expect(() => localDateOf(new Date(), 'Mars/Olympus')).to.throw(RangeError)
    expect(() => localMidnight({ year: 2026, month: 2, day: 30 }, 'UTC')).to.throw(RangeError)
  })
})
