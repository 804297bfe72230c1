/** From metered runs to invoice lines. Pure. Bill, page of the month so far and forecast all come through here, so they cannot disagree by a cent. */
import type { Money } from '../../../shared/money/money.js'
import { microsPerMinor } from '../../../shared/money/currency.js'
import { amountOf, hourly } from '../../../shared/money/rate.js'
import type { Period } from '../../../shared/time/period.js'
import type { UsageRun } from './usage-source.js'

/** Part of one run that belongs on one line. */
export interface RunShare {
  readonly run: UsageRun
  /** Whole increments, in seconds. */
  readonly seconds: number
  /** Seconds of the run that lie inside the period, cut down. */
  readonly ranSeconds: number
}
/** All runs of one service at one rate. */
export interface UsageLine {
  readonly serviceId: number
  readonly serviceName: string
  readonly planName: string
  readonly currency: string
  readonly rateMicros: number
  readonly shares: readonly RunShare[]
  readonly seconds: number
  /** Rounded once, over the whole line. */
  readonly amount: Money
}

/** Due for the bill of this period: every increment that starts before its end and stands on no invoice yet. Never negative: too much billed is an audit finding. */
export const dueSeconds = (run: UsageRun, period: Period): number => Math.max(0, run.secondsBefore(period.end) - run.billedSeconds)

/** What a period that still goes on has come to: increments that start within it, also those that interim bills have taken, without what is left for earlier bills. */
export const runningSeconds = (now: Date) => (run: UsageRun, period: Period): number =>
  Math.max(0, run.secondsSoFar(period.end, now) - Math.max(run.billedSeconds - run.interimSeconds, run.secondsSoFar(period.start, now)))

/** Of that, what stands on no invoice yet. */
export const openSeconds = (now: Date) => (run: UsageRun, period: Period): number =>
  Math.max(0, run.secondsSoFar(period.end, now) - Math.max(run.billedSeconds, run.secondsSoFar(period.start, now)))

/** What it will have come to at its end if all that runs at `now` keeps running. */
export const expectedSeconds = (now: Date) => (run: UsageRun, period: Period): number =>
  Math.max(0, run.secondsIfKept(period.end) - Math.max(run.billedSeconds - run.interimSeconds, run.secondsSoFar(period.start, now)))

/** Groups runs by service, rate and currency; runs without seconds are left out. Lines come in order of their first run. */
export function usageLines(runs: readonly UsageRun[], period: Period, secondsOf: (run: UsageRun, period: Period) => number): UsageLine[] {
  const groups = new Map<string, RunShare[]>()
  for (const run of runs) {
    const seconds = secondsOf(run, period)
    if (seconds === 0) continue
    const key = `${run.serviceId}:${run.rateMicros}:${run.currency}`
    groups.set(key, [...(groups.get(key) ?? []), { run, seconds, ranSeconds: ranSeconds(run, period) }])
  }
  return [...groups.values()].map(lineOf)
}

function lineOf(shares: RunShare[]): UsageLine {
  const { serviceId, serviceName, planName, currency, rateMicros } = shares[0]!.run
  const seconds = shares.reduce((sum, share) => sum + share.seconds, 0)
  return { serviceId, serviceName, planName, currency, rateMicros, shares, seconds, amount: amountOf(hourly(rateMicros, currency), seconds) }
}

/**
 * The largest part of each line that comes to whole cents without rounding, its oldest use first: what an interim bill may take. The rest stays for the next bill,
 * so that however often a month is billed in between, its bills add up to the cent to what one bill at its end would be. Lines of which nothing can be taken are left out.
 */
export function wholeCents(lines: readonly UsageLine[], incrementSeconds: number): UsageLine[] {
  return lines.flatMap((line) => {
    const step = exactSeconds(line.rateMicros, line.currency, incrementSeconds)
    let left = Math.floor(line.seconds / step) * step
    const shares = line.shares.flatMap((share) => {
      const seconds = Math.min(left, share.seconds)
      left -= seconds
      return seconds ? [{ ...share, seconds, ranSeconds: seconds < share.seconds ? Math.min(share.ranSeconds, seconds) : share.ranSeconds }] : []
    })
    return shares.length ? [lineOf(shares)] : []
  })
}

/** The least multiple of the increment that costs whole minor units: an hour at $0.15 (a quarter hour costs 3.75 cents), a quarter hour at $0.20. */
export function exactSeconds(rateMicros: number, currency: string, incrementSeconds: number): number {
  const whole = 3600 * microsPerMinor(currency)
  return (incrementSeconds * whole) / gcd(rateMicros * incrementSeconds, whole)
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** What the customer's own watch would say. Time before the period counts only where an earlier bill has not covered it. */
function ranSeconds(run: UsageRun, period: Period): number {
  const covered = run.billedSeconds >= run.secondsBefore(period.start)
  const begin = covered ? Math.max(run.startedAt.getTime(), period.start.getTime()) : run.instantAfter(run.billedSeconds).getTime()
  const end = Math.min(run.stoppedAt?.getTime() ?? period.end.getTime(), period.end.getTime())
  return Math.max(0, Math.floor((end - begin) / 1000))
}
