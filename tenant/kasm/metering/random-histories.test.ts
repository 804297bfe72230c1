/** 1,000 random lives of a run, without a database: what a page showed, the receipt, the lines of any bills and the platform's record are one sum. */
import { expect } from 'chai'
import fc from 'fast-check'
import { amountOf, hourly } from '../../../shared/money/rate.js'
import { monthOf, type Period } from '../../../shared/time/period.js'
import { dueSeconds, exactSeconds, runningSeconds, usageLines, wholeCents } from '../../billing/usage/usage-lines.js'
import type { UsageRun } from '../../billing/usage/usage-source.js'
import { billableSeconds, billableSecondsBefore, certain, gapBefore, instantAfter, stoppedNow, TRUST_MS, type Gap, type SeenRun } from './meter.js'
import { finalSlices, slicesWithCorrections } from './wholesale-slices.js'

const HOUR = 3_600_000
/** Months with a change of clocks, ends of months, a leap day. */
const beginnings = ['2026-03-07T22:13:00Z', '2026-10-24T21:59:59.999Z', '2026-10-31T23:45:00Z', '2026-12-31T22:00:00.001Z', '2028-02-28T12:00:00Z'].map((s) => Date.parse(s))
const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia']
const rates = [150_000, 300_000, 600_000, 200_000, 400_000, 800_000, 123_457]

/** A run as it was lived: when it was seen, how it ended. */
interface Life { start: number; looks: number[]; end: 'customer' | 'provider' | null; wishAfter: number; zone: string; anchor: number; rate: number }
const life: fc.Arbitrary<Life> = fc.record({
  start: fc.tuple(fc.constantFrom(...beginnings), fc.integer({ min: -2 * HOUR, max: 2 * HOUR })).map(([at, more]) => at + more),
  looks: fc.array(fc.oneof({ arbitrary: fc.constant(60_000), weight: 6 }, { arbitrary: fc.integer({ min: 1, max: TRUST_MS }), weight: 3 }, { arbitrary: fc.integer({ min: TRUST_MS, max: TRUST_MS + 1 }), weight: 1 },
    { arbitrary: fc.constantFrom(900_000, 900_001, 1_800_000), weight: 1 }, { arbitrary: fc.integer({ min: TRUST_MS + 1, max: 30 * HOUR }), weight: 1 }), { maxLength: 50 }),
  end: fc.constantFrom('customer' as const, 'provider' as const, null), wishAfter: fc.oneof(fc.integer({ min: 0, max: TRUST_MS }), fc.integer({ min: TRUST_MS + 1, max: 30 * HOUR })),
  zone: fc.constantFrom(...zones), anchor: fc.integer({ min: 1, max: 31 }), rate: fc.constantFrom(...rates),
})

/** What the meter's rows would hold after each look. */
function lived({ start, looks, end, wishAfter }: Life): { now: Date; run: SeenRun }[] {
  let run: SeenRun = { startedAt: new Date(start), stoppedAt: null, lastSeenAt: new Date(start), gaps: [] }
  const states = [{ now: run.startedAt, run }]
  for (const wait of looks) {
    const at = new Date(run.lastSeenAt.getTime() + wait)
    run = { ...run, lastSeenAt: at, gaps: joined(run, gapBefore(run.lastSeenAt, at, true)) }
    states.push({ now: at, run })
  }
  const last = run.lastSeenAt
  if (end === 'provider') states.push({ now: new Date(last.getTime() + wishAfter), run: { ...run, stoppedAt: last } })
  const wish = new Date(last.getTime() + wishAfter)
  if (end === 'customer') states.push({ now: wish, run: { ...run, stoppedAt: wish, gaps: joined(run, gapBefore(last, wish, false)) } })
  return states
}
const joined = (run: SeenRun, gap: Gap | null): Gap[] => [...(run.gaps ?? []), ...(gap ? [gap] : [])]

/** Counted one by one, as the rule reads: the increments in which somebody saw it, or that no gap swallows. */
function counted(run: SeenRun): number {
  const end = (run.stoppedAt ?? run.lastSeenAt).getTime()
  let seconds = 0
  for (let at = run.startedAt.getTime(); at < end; at += 900_000) {
    const swallowed = (run.gaps ?? []).some((g) => at > g.start.getTime() && (g.seenAgain ? at + 900_000 <= g.end.getTime() : true))
    if (!swallowed) seconds += 900
  }
  return seconds
}

const asBilled = (run: SeenRun, rate: number, billedSeconds: number, interimSeconds = 0): UsageRun => ({
  sessionId: 1, serviceId: 1, userId: 1, serviceName: 'box', planName: 'Plan', currency: 'USD', rateMicros: rate, startedAt: run.startedAt, stoppedAt: run.stoppedAt, billedSeconds, interimSeconds,
  secondsBefore: (instant) => billableSecondsBefore(certain(run), instant, run.lastSeenAt), secondsSoFar: (instant, now) => billableSecondsBefore(stoppedNow(run, now), instant, now),
  secondsIfKept: (until) => billableSecondsBefore(run, until, until), instantAfter: (seconds) => instantAfter(certain(run), seconds, run.lastSeenAt),
})
/** The months of a bill are asked for a thousand times and change never. */
const months = new Map<string, Period>()
function monthWith(instant: Date, zone: string, anchor: number): Period {
  const near = [...months.entries()].find(([key, m]) => key.startsWith(`${zone}:${anchor}:`) && instant >= m.start && instant < m.end)
  if (near) return near[1]
  const found = monthOf(instant, zone, anchor)
  months.set(`${zone}:${anchor}:${found.key}`, found)
  return found
}
const options = { seed: 20261122, numRuns: 1000 }

describe('1,000 random lives of a run', function () {
  this.timeout(60_000)                                                // much of it is spent on months of zones
  it('are counted as the rule reads, one quarter hour after the other', () => {
    fc.assert(fc.property(life, (some) => {
      for (const { run } of lived(some)) expect(billableSeconds(certain(run), run.lastSeenAt)).to.equal(counted(run))
    }), options)
  })

  it('never cost less to a bill than they did before, whatever is seen later', () => {
    fc.assert(fc.property(life, (some) => {
      const states = lived(some)
      const instants = [...states.map((s) => s.now), new Date(some.start + 20 * HOUR)]
      states.slice(1).forEach(({ run }, i) => {
        const before = states[i]!.run
        for (const instant of instants.slice(i, i + 3)) expect(billableSecondsBefore(certain(run), instant, run.lastSeenAt)).to.be.at.least(billableSecondsBefore(certain(before), instant, before.lastSeenAt))
      })
    }), { ...options, numRuns: 300 })
  })

  it('show at any instant what the receipt says when the customer stops there', () => {
    fc.assert(fc.property(life, fc.integer({ min: 0, max: 2 * HOUR }), (some, wait) => {
      const open = lived({ ...some, end: null }).at(-1)!.run
      const now = new Date(open.lastSeenAt.getTime() + wait)
      const gap = gapBefore(open.lastSeenAt, now, false)
      const receipt = { ...open, stoppedAt: now, gaps: joined(open, gap) }
      expect(billableSeconds(stoppedNow(open, now), now)).to.equal(billableSeconds(receipt, now)).and.equal(counted(receipt))
    }), options)
  })

  it('add up to the same over the months of any bill, whenever they are made, and over the slices of the platform', () => {
    fc.assert(fc.property(life, (some) => {
      const states = lived(some)
      const last = states.at(-1)!.run
      const total = billableSeconds(certain(last), last.lastSeenAt)
      let [billed, amount, state] = [0, 0, 0]
      const until = certain(last).stoppedAt!
      for (let month = monthWith(last.startedAt, some.zone, some.anchor); ; month = monthWith(month.end, some.zone, some.anchor)) {
        while (state < states.length - 1 && states[state + 1]!.now < month.end) state++   // the bill is made by what was known then
        const [line] = usageLines([asBilled(month.start > until ? last : states[state]!.run, some.rate, billed)], month, dueSeconds)
        billed += line?.seconds ?? 0
        amount += line?.amount.minor ?? 0
        if (month.start > until) break
      }
      expect(billed).to.equal(total)
      expect(Math.abs(amount - amountOf(hourly(some.rate, 'USD'), total).minor), 'each line is rounded once').to.be.at.most(3)
      const told = finalSlices({ ...last, id: 1, wholesaleSku: 'kasm.x', stoppedAt: until }, some.zone)
      expect(told.reduce((sum, r) => sum + r.quantitySeconds, 0)).to.equal(total)
    }), options)
  })

  it('cost the same to the cent whether they are billed in between or not', () => {
    fc.assert(fc.property(life, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), (some, cuts) => {
      const last = lived({ ...some, end: 'provider' }).at(-1)!.run
      const month = { start: new Date(0), end: new Date(8e15), key: 'all' }
      const alone = usageLines([asBilled(last, some.rate, 0)], month, dueSeconds)
      let [billed, minor] = [0, 0]
      for (const cut of cuts.sort((a, b) => a - b)) {
        const end = new Date(some.start + cut * (last.lastSeenAt.getTime() - some.start))
        for (const line of wholeCents(usageLines([asBilled(last, some.rate, billed)], { ...month, end }, dueSeconds), 900)) {
          expect(line.seconds % exactSeconds(some.rate, 'USD', 900)).to.equal(0)
          billed += line.seconds
          minor += line.amount.minor
        }
        const shown = usageLines([asBilled(last, some.rate, billed, billed)], month, runningSeconds(last.lastSeenAt))
        expect(shown[0]?.amount.minor ?? 0, 'the month so far holds what was billed in between').to.equal(alone[0]?.amount.minor ?? 0)
      }
      for (const line of usageLines([asBilled(last, some.rate, billed)], month, dueSeconds)) minor += line.amount.minor
      expect(minor).to.equal(alone[0]?.amount.minor ?? 0)
    }), options)
  })

  it('are told to the platform less what corrections took back, month by month', () => {
    fc.assert(fc.property(life, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 2 }), (some, cuts) => {
      const last = lived({ ...some, end: 'customer' }).at(-1)!.run
      let stop = last.stoppedAt!
      const corrections = cuts.map((cut, i) => {
        const stoppedBefore = stop
        stop = new Date(some.start + Math.floor(cut * (stop.getTime() - some.start)))
        return { id: i + 1, stoppedBefore, stoppedAfter: stop }
      })
      const facts = { ...last, id: 1, wholesaleSku: 'kasm.x', stoppedAt: stop }
      const told = slicesWithCorrections(facts, corrections, some.zone)
      expect(new Set(told.map((r) => r.key)).size, 'each record once').to.equal(told.length)
      expect(told.reduce((sum, r) => sum + r.quantitySeconds, 0)).to.equal(billableSeconds({ startedAt: last.startedAt, stoppedAt: stop, gaps: last.gaps ?? [] }, stop))
      for (const record of finalSlices(facts, some.zone)) expect(told.filter((r) => r.key.startsWith(record.key)).reduce((sum, r) => sum + r.quantitySeconds, 0)).to.equal(record.quantitySeconds)
    }), { ...options, numRuns: 200 })
  })
})
