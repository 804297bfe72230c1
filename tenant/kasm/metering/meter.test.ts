import { expect } from 'chai'
import fc from 'fast-check'
import { amountOf, hourly } from '../../../shared/money/rate.js'
import { monthOf, nextMonth } from '../../../shared/time/period.js'
import { billableSeconds, billableSecondsBefore, billableSecondsIn, certain, elapsedSeconds, firstIncrementIn, gapBefore, instantAfter, stoppedNow, TRUST_MS, unchargedSeconds, unseenSince, type Gap, type Run } from './meter.js'

const start = new Date('2026-11-10T09:00:00Z')
const minutes = (n: number): Date => new Date(start.getTime() + n * 60_000)
const run = (from: string | Date, to: string | Date | null): Run => ({ startedAt: new Date(from), stoppedAt: to === null ? null : new Date(to) })
const far = new Date('2030-01-01T00:00:00Z')
const cost = (micros: number, min: number): number => amountOf(hourly(micros, 'USD'), billableSeconds(run(start, minutes(min)), far)).minor

describe('The meter', () => {
  it('bills 8 minutes as 15, 22 as 30 and 65 as 75: $0.05, $0.10 and $0.25 at $0.20 an hour', () => {
    expect([8, 22, 65].map((m) => billableSeconds(run(start, minutes(m)), far) / 60)).to.deep.equal([15, 30, 75])
    expect([8, 22, 65].map((m) => cost(200_000, m))).to.deep.equal([5, 10, 25])
  })
  it('bills an hour at each of the six prices, and a quarter hour rounded to the cent once', () => {
    const rates = [150_000, 300_000, 600_000, 200_000, 400_000, 800_000]
    expect(rates.map((r) => cost(r, 60))).to.deep.equal([15, 30, 60, 20, 40, 80])
    expect(rates.map((r) => cost(r, 1))).to.deep.equal([4, 8, 15, 5, 10, 20])
  })
  it('starts the next quarter hour only after the last one is over', () => {
    const at = (ms: number) => billableSeconds(run(start, new Date(start.getTime() + ms)), far)
    expect([0, 1, 899_999, 900_000, 900_001].map(at)).to.deep.equal([0, 900, 900, 900, 1800])
  })
  it('counts a workspace that still runs until now', () => {
    expect(billableSeconds(run(start, null), minutes(157)) / 60).to.equal(165)
    expect(elapsedSeconds(run(start, null), minutes(157)) / 60).to.equal(157)
  })
  it('bills a run over the end of a month in both months, together exactly once', () => {
    const [november, december] = ['2026-11-15', '2026-12-15'].map((d) => monthOf(new Date(`${d}T00:00:00Z`), 'UTC')) as [ReturnType<typeof monthOf>, ReturnType<typeof monthOf>]
    const night = run('2026-11-30T23:50:00Z', '2026-12-01T00:30:00Z')
    expect([billableSecondsIn(night, november, far), billableSecondsIn(night, december, far)]).to.deep.equal([900, 1800])
    expect(billableSeconds(night, far)).to.equal(2700)
    expect(firstIncrementIn(night, november, far)?.toISOString()).to.equal('2026-11-30T23:50:00.000Z')
    expect(firstIncrementIn(night, december, far)?.toISOString()).to.equal('2026-12-01T00:05:00.000Z')
  })
  it('gives the quarter hour that starts at midnight itself to the new month', () => {
    const [november, december] = ['2026-11-15', '2026-12-15'].map((d) => monthOf(new Date(`${d}T00:00:00Z`), 'UTC')) as [ReturnType<typeof monthOf>, ReturnType<typeof monthOf>]
    const exact = run('2026-11-30T23:45:00Z', '2026-12-01T00:15:00Z')
    expect([billableSecondsIn(exact, november, far), billableSecondsIn(exact, december, far)]).to.deep.equal([900, 900])
    expect(billableSecondsIn(run('2026-11-30T23:45:00Z', '2026-12-01T00:00:00Z'), december, far)).to.equal(0)
    expect(firstIncrementIn(run('2026-11-30T23:45:00Z', '2026-12-01T00:00:00Z'), december, far)).to.equal(null)
  })
  it('bills a workspace that never stops each month, all of it', () => {
    const forever = run('2026-11-01T00:00:00Z', null)
    const months = [monthOf(new Date('2026-11-15T00:00:00Z'), 'UTC')]
    for (let n = 0; n < 3; n++) months.push(nextMonth(months.at(-1)!, 'UTC'))
    expect(months.map((m) => billableSecondsIn(forever, m, new Date('2027-03-01T00:00:00Z')) / 86_400)).to.deep.equal([30, 31, 31, 28])
  })
  it('is not fooled by clocks that change: the night has 25 hours in autumn and 23 in spring', () => {
    const autumn = run('2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z')
    expect(billableSeconds(autumn, far) / 3600).to.equal(25)
    expect(billableSecondsIn(autumn, monthOf(new Date('2026-11-10T00:00:00Z'), 'America/New_York'), far) / 3600).to.equal(25)
    expect(billableSeconds(run('2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'), far) / 3600).to.equal(23)
  })
  it('bills each increment in exactly one period, however long the run and wherever the months lie', () => {
    const day = 86_400_000
    fc.assert(fc.property(fc.integer({ min: 0, max: 60 * day }), fc.integer({ min: 0, max: 200 * day }), fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'), fc.integer({ min: 1, max: 31 }), (offset, length, zone, anchor) => {
      const from = new Date(Date.parse('2026-01-31T00:00:00Z') + offset)
      const some = run(from, new Date(from.getTime() + length))
      let month = monthOf(from, zone, anchor)
      let sum = 0
      while (month.start <= some.stoppedAt!) {
        sum += billableSecondsIn(some, month, far)
        month = nextMonth(month, zone, anchor)
      }
      expect(sum).to.equal(billableSeconds(some, far))
    }), { numRuns: 150 })
  })

  describe('where nobody looked', () => {
    const gap = (from: number, to: number, seenAgain = true): Gap => ({ start: minutes(from), end: minutes(to), seenAgain })
    const with_ = (to: number, ...gaps: Gap[]): Run => ({ startedAt: start, stoppedAt: minutes(to), gaps })
    const billed = (r: Run): number => billableSeconds(r, far) / 60

    it('does not bill a quarter hour that lies wholly within the gap, and keeps the grid of the start', () => {
      expect(billed(with_(130, gap(10, 125)))).to.equal(30)
      expect(unchargedSeconds(with_(130, gap(10, 125)), far) / 60).to.equal(105)
      expect(billed(with_(130, gap(14, 31), gap(44, 61)))).to.equal(9 * 15 - 2 * 15)
    })
    it('bills a quarter hour that was seen at its first or at its last moment', () => {
      expect(billed(with_(45, gap(15, 31))), 'seen as it began').to.equal(45)
      expect(billed(with_(45, { ...gap(15, 31), start: new Date(minutes(15).getTime() - 1) })), 'seen a millisecond before it began').to.equal(30)
      expect(billed(with_(45, { ...gap(14, 30), end: new Date(minutes(30).getTime() - 1) })), 'seen a millisecond before it was over').to.equal(45)
      expect(billed(with_(45, gap(14, 30))), 'seen as the next one began').to.equal(30)
    })
    it('bills nothing that began in a gap which nobody saw the end of', () => {
      expect(billed(with_(130, gap(10, 130, false)))).to.equal(15)
      expect(billed(with_(130, gap(15, 130, false))), 'seen as the second one began').to.equal(30)
      expect(billed(with_(5, gap(0, 5, false))), 'seen only when it started').to.equal(15)
    })
    it('lets two sightings of up to three minutes vouch for each other, and not a millisecond more', () => {
      const after = (ms: number) => gapBefore(start, new Date(start.getTime() + ms), true)
      expect(after(TRUST_MS)).to.equal(null)
      expect(after(TRUST_MS + 1)).to.deep.equal({ start, end: new Date(start.getTime() + TRUST_MS + 1), seenAgain: true })
    })
    it('shows live what the receipt would say if the customer stopped this moment', () => {
      const live = { startedAt: start, stoppedAt: null, lastSeenAt: minutes(14), gaps: [] }
      const at = (ms: number) => billed(stoppedNow(live, new Date(minutes(14).getTime() + ms)))
      expect([at(60_000), at(60_001), at(TRUST_MS), at(TRUST_MS + 1), at(3_600_000)]).to.deep.equal([15, 30, 30, 15, 15])
      expect([unseenSince(live, minutes(17)), unseenSince(live, minutes(18))]).to.deep.equal([null, minutes(14)])
      expect(billed(stoppedNow({ ...live, stoppedAt: minutes(14) }, far)), 'a closed run is what it is').to.equal(15)
    })
    it('never takes back what a bill has counted', () => {
      const open = { startedAt: start, stoppedAt: null, lastSeenAt: minutes(31), gaps: [] }
      const before = billableSeconds(certain(open), far)
      const later = { ...open, lastSeenAt: minutes(200), gaps: [gap(31, 200)] }
      expect([before / 60, billed(certain(later)), billed(with_(500, gap(31, 200), gap(200, 500, false)))]).to.deep.equal([45, 60, 60])
      expect(billableSecondsBefore(certain(later), minutes(40), far), 'the same before any earlier instant').to.equal(before)
    })
    it('ends a gap that a correction has cut off', () => {
      expect(billed(with_(120, gap(10, 125)))).to.equal(15)
    })
    it('knows where a bill goes on', () => {
      const some = with_(200, gap(16, 100))
      expect([0, 900, 1800, 2700].map((s) => instantAfter(some, s, far).getTime() - start.getTime())).to.deep.equal([0, 900_000, 90 * 60_000, 105 * 60_000])
      expect(firstIncrementIn(some, { start: minutes(35), end: minutes(300) }, far)).to.deep.equal(minutes(90))
      expect(firstIncrementIn(some, { start: minutes(35), end: minutes(80) }, far)).to.equal(null)
    })
    it('bills at each of the six prices what was seen, at the millisecond of every boundary', () => {
      for (const rate of [150_000, 300_000, 600_000, 200_000, 400_000, 800_000]) for (const n of [1, 2, 3, 8]) {
        const at = (ms: number) => amountOf(hourly(rate, 'USD'), billableSeconds(run(start, new Date(start.getTime() + n * 900_000 + ms)), far)).minor
        const exact = (count: number) => Math.floor((rate * count * 2 + 40_000) / 80_000)
        expect([at(-1), at(0), at(1)], `${rate} × ${n}`).to.deep.equal([exact(n), exact(n), exact(n + 1)])
      }
    })
  })
})
