import { expect } from 'chai'
import { lastOf, momentOf, nextOf, onDay, windowEnd, type Hours } from './occurrences.js'

const everyDay = [1, 2, 3, 4, 5, 6, 7]
const hours = (timeZone: string, startTime: string | null, stopTime: string | null, days = everyDay): Hours => ({ days, startTime, stopTime, timeZone })
const iso = (at: Date | null | undefined) => at?.toISOString().replace(':00.000Z', 'Z') ?? null
const day = (text: string) => {
  const [year = 0, month = 0, date = 0] = text.split('-').map(Number)
  return { year, month, day: date }
}
const at = (text: string, time: string, zone: string) => iso(momentOf(day(text), time, zone))

describe('When a schedule starts and stops a workspace', () => {
  it('on weekdays from 8 to 18 in its zone, also when the server thinks in another', () => {
    const work = hours('America/New_York', '08:00', '18:00', [1, 2, 3, 4, 5])
    const friday = nextOf(work, new Date('2026-11-13T12:59:59.999Z'))
    expect([iso(friday.start), iso(friday.stop)]).to.deep.equal(['2026-11-13T13:00Z', '2026-11-13T23:00Z'])
    const after = nextOf(work, new Date('2026-11-13T23:00:00Z'))
    expect([iso(after.start), iso(after.stop)], 'strictly after: the weekend is skipped').to.deep.equal(['2026-11-16T13:00Z', '2026-11-16T23:00Z'])
  })

  it('a stop that is not later than its start belongs to the next day', () => {
    const night = hours('Europe/London', '22:00', '06:00', [5])
    expect(iso(onDay(night, day('2026-11-13'))!.stop)).to.equal('2026-11-14T06:00Z')
    expect(iso(nextOf(night, new Date('2026-11-14T05:00:00Z')).stop)).to.equal('2026-11-14T06:00Z')
    expect(iso(windowEnd(night, new Date('2026-11-13T22:00:00Z')))).to.equal('2026-11-14T06:00Z')
  })

  it('with a stop only, and with a start only', () => {
    const stop = nextOf(hours('UTC', null, '20:00', [7]), new Date('2026-11-10T09:00:00Z'))
    expect([stop.start, iso(stop.stop)]).to.deep.equal([null, '2026-11-15T20:00Z'])
    const start = hours('UTC', '07:30', null, [7])
    expect(nextOf(start, new Date('2026-11-10T09:00:00Z')).stop).to.equal(null)
    expect(iso(windowEnd(start, new Date('2026-11-15T07:30:00Z')))).to.equal('2026-11-15T09:30Z')
  })

  describe('when the clocks change', () => {
    const cases: Array<[string, string, string, string, string]> = [
      ['New York skips 02:30 in March: the first moment after the gap', 'America/New_York', '2026-03-08', '02:30', '2026-03-08T07:00Z'],
      ['New York has 01:30 twice in November: the first of the two', 'America/New_York', '2026-11-01', '01:30', '2026-11-01T05:30Z'],
      ['New York at 02:00 after the repeated hour is the later offset', 'America/New_York', '2026-11-01', '02:00', '2026-11-01T07:00Z'],
      ['London skips 01:30 in March', 'Europe/London', '2026-03-29', '01:30', '2026-03-29T01:00Z'],
      ['London has 01:30 twice in October', 'Europe/London', '2026-10-25', '01:30', '2026-10-25T00:30Z'],
      ['Lord Howe skips half an hour: 02:15 is 02:30', 'Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:30Z'],
      ['Lord Howe at 02:30 is the first moment after its half hour', 'Australia/Lord_Howe', '2026-10-04', '02:30', '2026-10-03T15:30Z'],
      ['Lord Howe has 01:45 twice in April: the first', 'Australia/Lord_Howe', '2026-04-05', '01:45', '2026-04-04T14:45Z'],
      ['Apia skipped 30 December 2011 as a whole: the first moment of the 31st', 'Pacific/Apia', '2011-12-30', '06:00', '2011-12-30T10:00Z'],
    ]
    for (const [title, zone, on, time, expected] of cases) it(title, () => expect(at(on, time, zone)).to.equal(expected))

    it('a local time that exists once is that time, every half hour of a year in four zones', () => {
      for (const zone of ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
        const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
        for (let ms = Date.UTC(2026, 0, 1); ms < Date.UTC(2027, 0, 1); ms += 5 * 1_800_000) {
          const [date = '', time = ''] = shown.format(ms).split(', ')
          const [d, m, y] = date.split('/').map(Number)
          const found = momentOf({ year: y!, month: m!, day: d! }, time, zone)
          expect(shown.format(found)).to.equal(`${date}, ${time}`)
          expect(found.getTime()).to.be.at.most(ms)                 // of two, the first
        }
      }
    })

    it('a window that lies in the gap is empty, so nothing starts that would never stop', () => {
      const gap = onDay(hours('America/New_York', '02:10', '02:50'), day('2026-03-08'))!
      expect([iso(gap.start), iso(gap.stop)]).to.deep.equal(['2026-03-08T07:00Z', '2026-03-08T07:00Z'])
      expect(windowEnd(hours('America/New_York', '02:10', '02:50'), gap.start!)).to.deep.equal(gap.start)
    })

    it('a day that Apia skipped has no start; the stop of the night before comes as soon as the clocks are past it', () => {
      const night = hours('Pacific/Apia', '22:00', '06:00')
      expect(onDay(night, day('2011-12-30'))).to.equal(null)
      expect([iso(onDay(night, day('2011-12-29'))!.start), iso(onDay(night, day('2011-12-29'))!.stop)]).to.deep.equal(['2011-12-30T08:00Z', '2011-12-30T10:00Z'])
      const next = nextOf(hours('Pacific/Apia', '08:00', '18:00'), new Date('2011-12-30T05:00:00Z'))
      expect([iso(next.start), iso(next.stop)]).to.deep.equal(['2011-12-30T18:00Z', '2011-12-31T04:00Z'])
    })
  })

  it('after an outage the last occurrence counts, and one at this very instant is due', () => {
    const work = hours('UTC', '08:00', '18:00', [1, 2, 3, 4, 5])
    const first = new Date('2026-11-09T18:00:00Z')
    expect(iso(lastOf(work, 'stop', first, new Date('2026-11-11T17:59:59.999Z')))).to.equal('2026-11-10T18:00Z')
    expect(iso(lastOf(work, 'stop', first, new Date('2026-11-11T18:00:00Z')))).to.equal('2026-11-11T18:00Z')
    expect(iso(lastOf(work, 'stop', first, first))).to.equal('2026-11-09T18:00Z')
  })
})
