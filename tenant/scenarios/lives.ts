/**
 * Random lives of runs, as somebody lived them: when each was seen, who ended it, how late it was found to have ended earlier. Pure. And the rule of the meter once
 * more, from its description alone: quarter hours are counted one by one, so that nothing here can share a mistake with the meter.
 */
export const [SECOND, MINUTE, QUARTER, HOUR, DAY] = [1000, 60_000, 900_000, 3_600_000, 86_400_000]
/** So far apart two sightings vouch for the time between them. */
export const TRUST = 180_000

export type Roll = (most: number) => number
export interface Life {
  readonly rateMicros: number
  readonly start: number
  /** Times in which it was looked at each minute and seen at both ends; the first begins with the run. */
  readonly seen: ReadonlyArray<readonly [from: number, to: number]>
  readonly endedBy: 'customer' | 'provider'
  readonly stop: number
  /** When the meter learned of the stop. */
  readonly knownAt: number
  /** Found out later, in this order: it had ended at `stop` already. */
  readonly corrections: ReadonlyArray<{ readonly at: number; readonly stop: number }>
}
export interface Hole { readonly start: number; readonly end: number; readonly seenAgain: boolean }
/** What the meter knows at some instant. */
export interface State { readonly start: number; readonly stop: number | null; readonly lastSeen: number; readonly holes: readonly Hole[] }

/** As it stands at `at`, which is not before its start. */
export function stateAt(life: Life, at: number): State {
  const begun = life.seen.filter(([from]) => from <= at)
  const [from, to] = begun.at(-1)!
  const lastSeen = at >= to ? to : from + Math.floor((at - from) / MINUTE) * MINUTE
  const holes = begun.slice(1).flatMap(([again], i) => holeBetween(begun[i]![1], again, true))
  const open = { start: life.start, stop: null, lastSeen, holes }
  return at < life.knownAt ? open : stoppedAt(open, life.stop)
}
/** All that was ever seen of it, and not stopped yet. */
export const justBeforeItsStop = (life: Life): State => ({ ...stateAt({ ...life, knownAt: Infinity }, life.seen.at(-1)![1]) })
/** As it stands when a wish of this instant ends it. */
export const stoppedAt = (open: State, stop: number): State => ({ ...open, stop, holes: [...open.holes, ...holeBetween(open.lastSeen, stop, false)] })
const holeBetween = (start: number, end: number, seenAgain: boolean): Hole[] => (end - start > TRUST ? [{ start, end, seenAgain }] : [])

/** Where the quarter hours begin that are billed until `end`: all that had begun, but for those that lie wholly in a hole. */
export function quartersOf({ start, holes }: State, end: number): number[] {
  const billed: number[] = []
  const swallowed = (at: number) => holes.some((hole) => at > hole.start && (!hole.seenAgain || hole.end > end || at + QUARTER <= hole.end))
  for (let at = start; at < end; at += QUARTER) if (!swallowed(at)) billed.push(at)
  return billed
}
/** Those that are certain: an open run counts until it was last seen. */
export const certainQuarters = (state: State): number[] => quartersOf(state, state.stop ?? state.lastSeen)

const rates = [150_000, 300_000, 600_000, 200_000, 400_000, 800_000, 123_457]
const around = [-HOUR, -QUARTER, -SECOND, -1, 0, 0, 1, SECOND, QUARTER, HOUR]
const one = <T>(roll: Roll, all: readonly T[]): T => all[roll(all.length) - 1]!

/** Up to three runs of one workspace, one after the other. `places`: instants at which something turns, ascending; the runs lie around some of them. */
export function livesOf(roll: Roll, places: readonly number[]): Life[] {
  const prices = [one(roll, rates), one(roll, rates)]
  const lives: Life[] = []
  let free = 0
  for (let n = one(roll, [1, 1, 1, 2, 2, 3]); n > 0; n--) {
    const start = startNear(roll, one(roll, places), free)
    lives.push(lifeFrom(roll, start, places, one(roll, prices)))
    // No two runs of a workspace begin in the same millisecond.
    free = Math.max(lives.at(-1)!.knownAt, start + 1)
  }
  return lives
}

function startNear(roll: Roll, place: number, free: number): number {
  const before = one(roll, [() => 0, () => roll(8) * QUARTER, () => roll(3 * HOUR), () => roll(2 * DAY), () => (roll(6) === 1 ? roll(25 * DAY) : roll(10 * MINUTE))])()
  const start = place - before + (roll(2) === 1 ? one(roll, around) : 0)
  return start >= free ? start : free + one(roll, [0, 1, SECOND, roll(HOUR), roll(5 * DAY)])
}

function lifeFrom(roll: Roll, start: number, places: readonly number[], rateMicros: number): Life {
  const seen: Array<[number, number]> = [[start, start + stretch(roll, 0)]]
  for (let holes = roll(4) - 1; holes > 0; holes--) {
    const from = seen.at(-1)![1] + hole(roll, seen.at(-1)![1] - start)
    seen.push([from, from + stretch(roll, from - start)])
  }
  const last = seen.at(-1)![1]
  const turn = roll(3) === 1 ? places.find((place) => place > last && place < last + DAY) : undefined
  if (turn !== undefined && roll(2) === 1) seen.push([last, Math.max(last, turn + one(roll, [-SECOND, -1, 0, 1, SECOND]))])
  const end = Math.max(last, seen.at(-1)![1])
  const endedBy = roll(4) === 1 ? 'provider' as const : 'customer' as const
  const stop = endedBy === 'provider' ? end : Math.max(end, turn ?? end + one(roll, [0, 1, roll(MINUTE), TRUST, TRUST + 1, hole(roll, end - start)]))
  const knownAt = endedBy === 'provider' ? stop + roll(30 * MINUTE) : stop
  return { rateMicros, start, seen, endedBy, stop, knownAt, corrections: correctionsOf(roll, { start, stop, knownAt }) }
}

export const iso = (at: number): string => new Date(at).toISOString()
/** The one rounding: half a cent upwards, of exact micro-units. */
export const cents = (rateMicros: number, seconds: number): number => Number((2n * BigInt(rateMicros) * BigInt(seconds) + 36_000_000n) / 72_000_000n)

const toQuarter = (passed: number): number => QUARTER - (passed % QUARTER)
const stretch = (roll: Roll, passed: number): number => Math.max(0, one(roll, [
  () => 0, () => 1, () => roll(5 * MINUTE), () => roll(2 * HOUR), () => toQuarter(passed) + roll(3) - 2, () => roll(3 * HOUR), () => roll(roll(8) === 1 ? 20 * DAY : 20 * HOUR),
])())
const hole = (roll: Roll, passed: number): number => one(roll, [
  () => TRUST, () => TRUST + 1, () => QUARTER, () => QUARTER + 1, () => 2 * QUARTER, () => toQuarter(passed) + roll(8) * QUARTER + roll(3) - 2,
  () => roll(TRUST), () => TRUST + roll(HOUR), () => roll(30 * HOUR),
])()

/** One run in five, and of these one in five again; at times between an hour and forty days after it ended. */
function correctionsOf(roll: Roll, { start, stop, knownAt }: Pick<Life, 'start' | 'stop' | 'knownAt'>): Life['corrections'] {
  const found: Array<{ at: number; stop: number }> = []
  let [at, end] = [knownAt, stop]
  while (end > start && roll(5) === 1) {
    at += HOUR + roll(40 * DAY)
    const earlier = one(roll, [start, start + 1, end - 1, start + Math.floor((end - start) / QUARTER) * QUARTER + roll(3) - 2, end - roll(end - start), end - roll(end - start)])
    end = Math.min(end - 1, Math.max(start, earlier))
    found.push({ at, stop: end })
  }
  return found
}
