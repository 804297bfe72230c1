/**
 * Somebody who stands at the servers and writes down which desktops ran whenever a list was answered in full, and who knows the rule of the meter only from
 * its description: a quarter hour may be billed when the desktop was seen in it, or when two sightings up to three minutes apart lie around a part of it.
 */
import type { WorkspaceServer } from '../../shared/simulators/kasm/server.js'

const QUARTER_MS = 900_000
const TRUST_MS = 180_000
/** A desktop that is seen for so long must be on the meter: starting takes a look or two, and one call in ten fails. */
const LONG_MS = 12 * 60_000

export interface WitnessedRun {
  readonly kasmSessionId: string | null
  readonly startedAt: Date
  readonly stoppedAt: Date | null
}
interface Stretch { readonly id: string; readonly from: number; to: number }

export class Witness {
  /** Instants at which each desktop was seen running, ascending. */
  readonly #seen = new Map<string, number[]>()
  /** Unbroken time in which each desktop was only ever seen running. */
  readonly #stretches: Stretch[] = []
  readonly #current = new Map<string, Stretch>()

  watch(server: WorkspaceServer, list: string): void {
    server.onAnswer = (call, fault) => {
      if (call === list && !fault) this.#note(server)
    }
  }
  #note({ state, settings }: WorkspaceServer): void {
    const at = settings.now()
    for (const { kasm_id: id, status } of state.sessions) {
      if (status === 'running') this.#saw(id, at)
      else this.#current.delete(id)
    }
  }
  #saw(id: string, at: number): void {
    const seen = this.#seen.get(id) ?? []
    if (seen.at(-1) !== at) seen.push(at)
    this.#seen.set(id, seen)
    const current = this.#current.get(id)
    if (current && at - current.to <= TRUST_MS) {
      current.to = at
      return
    }
    const begun = { id, from: at, to: at }
    this.#current.set(id, begun)
    this.#stretches.push(begun)
  }

  /** Seconds that may be billed at most for this run. What was seen at its very end was seen in its last quarter hour. */
  billable({ kasmSessionId, startedAt, stoppedAt }: WitnessedRun): number {
    const [start, end] = [startedAt.getTime(), stoppedAt!.getTime()]
    const seen = [start, ...(this.#seen.get(kasmSessionId ?? '') ?? []).filter((at) => at > start && at <= end)]
    let quarters = 0
    for (let from = start; from < end; from += QUARTER_MS) if (this.#vouched(seen, from, Math.min(from + QUARTER_MS, end + 1), end)) quarters++
    return (quarters * QUARTER_MS) / 1000
  }
  #vouched(seen: readonly number[], from: number, to: number, end: number): boolean {
    if (seen.some((at) => at >= from && at < to)) return true
    const before = seen.filter((at) => at < from).at(-1)!
    const after = seen.find((at) => at >= to) ?? end
    return after - before <= TRUST_MS
  }

  /** Desktops that were seen running for long without being on the meter at any time of it. */
  lost(runs: readonly WitnessedRun[]): string[] {
    const long = this.#stretches.filter((s) => s.to - s.from > LONG_MS && !this.#metered(s, runs))
    return long.map((s) => `${s.id} ran from ${new Date(s.from).toISOString()} to ${new Date(s.to).toISOString()}`)
  }
  #metered({ id, from, to }: Stretch, runs: readonly WitnessedRun[]): boolean {
    return runs.some((run) => run.kasmSessionId === id && run.startedAt.getTime() < Math.min(to, from + LONG_MS) && (run.stoppedAt?.getTime() ?? Infinity) >= from)
  }
  get desktops(): number {
    return this.#seen.size
  }
}
