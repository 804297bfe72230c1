/** A shop in which many lives pass: at a row of instants the meter is brought to where it stands, and what the product's own pages, receipts, bills and corrections say is compared. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { customersWithEndedMonths } from '../billing/usage/close-month.js'
import { customersOverTheLimit } from '../billing/usage/interim-invoice.js'
import { billInterimJob, closeMonths } from '../billing/usage/jobs.js'
import { usageSettings } from '../billing/usage/usage-settings.js'
import { correctRun } from '../kasm/metering/correct-run.js'
import { lastRuns } from '../kasm/metering/history.js'
import { receiptOf } from '../kasm/metering/receipt.js'
import { recordFinishedMonths, recordSession } from '../kasm/metering/wholesale-slices.js'
import { Workspace } from '../kasm/workspace.js'
import { newCustomer, usd } from './billing-world.js'
import { Calendar } from './lives-calendar.js'
import { cents, certainQuarters, iso, justBeforeItsStop, livesOf, quartersOf, SECOND, stateAt, stoppedAt, TRUST, type Roll, type State } from './lives.js'
import { newBoxes, write, type Run } from './lives-meter.js'

/** What did not agree with the lives, in words. */
export type Faults = string[]
interface SliceRow { id: number; run: number; seconds: number | string; end: Date; invoice: number; userId: number; key: string }
const anchors = [1, 1, 15, 28, 29, 30, 31]

export class Shop {
  runs: Run[] = []
  readonly calendar: Calendar
  readonly counts = { stops: 0, bills: 0, interim: 0, corrections: 0, live: 0 }
  private workspaces = new Map<number, Workspace>()
  private lastSlice = 0

  constructor(readonly zone: string, readonly roll: Roll, readonly faults: Faults) {
    this.calendar = new Calendar(zone)
  }

  async open(workspaces: number): Promise<void> {
    setClock('2026-01-10T12:00:00Z')
    const customers: Array<{ id: number; anchor: number }> = []
    for (let n = 0; n * 10 < workspaces; n++) {
      const anchor = anchors[n % anchors.length]!
      customers.push({ id: await newCustomer({ billing_anchor_day: anchor }), anchor })
      if (n % 2) await addCredit({ userId: customers[n]!.id, amount: usd(500_000), key: `gift:${n}`, description: 'Paid in by transfer' })
    }
    const places = new Map(anchors.map((anchor) => [anchor, this.calendar.places(anchor)]))
    const anchorOf = new Map(customers.map(({ id, anchor }) => [id, anchor]))
    for (const box of await newBoxes(Array.from({ length: workspaces }, (_, n) => customers[Math.floor(n / 10)]!.id), new Date('2026-01-10T12:00:00Z'))) {
      const lives = livesOf(this.roll, places.get(anchorOf.get(box.userId)!)!).filter((life) => life.knownAt < this.calendar.lastStop)
      this.runs.push(...lives.map((life) => ({ ...box, life, id: null, holes: 0, billed: 0, corrected: null })))
    }
    this.workspaces = new Map((await Workspace.query()).map((w) => [w.id, w]))
    await usageSettings.write({ interim: { USD: 300 }, lowCredit: 'warn' })
  }

  /** A year and a month: what happens between two instants, the bills of the second, what is found out late. */
  async live(): Promise<void> {
    let last = 0
    for (const at of this.calendar.instants(this.roll)) {
      await this.pass(last, at)
      await this.bill(at)
      await this.correct(last, at)
      last = at
    }
  }

  private async pass(from: number, to: number): Promise<void> {
    const moved = this.runs.filter(({ life }) => life.start <= to && life.knownAt > from).sort((a, b) => a.life.start - b.life.start)
    setClock(new Date(to))
    for (let left = moved; left.length;) {
      const turn = [...new Map(left.toReversed().map((run) => [run.workspaceId, run])).values()]
      left = left.filter((run) => !turn.includes(run))
      const ended = turn.filter(({ life }) => life.knownAt <= to)
      await write(turn.map((run) => [run, ended.includes(run) ? justBeforeItsStop(run.life) : stateAt(run.life, to)] as const), new Date(to))
      const shown = new Map<Run, number>()
      for (const run of ended) shown.set(run, await this.lastFigures(run))
      await write(ended.map((run) => [run, stateAt(run.life, run.life.knownAt)] as const), new Date(to))
      for (const run of ended) await this.settle(run, shown.get(run)!)
    }
    for (const run of moved.filter(({ life }) => life.knownAt > to)) await this.expectLive(run, to, stateAt(run.life, to))
    await recordFinishedMonths(new Date(to))
  }

  /** The figure just before its stop is not above the one at its stop, which is answered; unless this very moment was the last that a sighting vouched for. */
  private async lastFigures(run: Run): Promise<number> {
    const { stop, start } = run.life
    const state = justBeforeItsStop(run.life)
    const before = Math.max(start, stop - (this.roll(2) === 1 ? 1 : SECOND))
    const [earlier, last] = [await this.expectLive(run, before, state), await this.expectLive(run, stop, state)]
    if (earlier > last && !(stop - state.lastSeen > TRUST && before - state.lastSeen <= TRUST)) this.fault(run, `shows ${earlier} s just before its stop and ${last} s at it`)
    return last
  }
  private async expectLive(run: Run, at: number, state: State): Promise<number> {
    const open = (await lastRuns(this.workspaces.get(run.workspaceId)!, 2, new Date(at))).open!
    this.counts.live++
    this.same(run, `shows at ${iso(at)}`, open.billedSeconds, quartersOf(stoppedAt(state, at), at).length * 900)
    this.same(run, `costs at ${iso(at)}`, open.cost.minor, cents(run.life.rateMicros, open.billedSeconds))
    return open.billedSeconds
  }
  private async settle(run: Run, shown: number): Promise<void> {
    this.counts.stops++
    const receipt = await receiptOf(run.id!, run.userId)
    this.same(run, 'has on its receipt, of what was shown at its stop', receipt.billedSeconds, shown)
    this.same(run, 'has on its receipt', receipt.billedSeconds, certainQuarters(stateAt(run.life, run.life.knownAt)).length * 900)
    await recordSession(run.id!)
  }

  /** Bills by the real jobs, for the customers that the timetable finds; each slice is what was due by what was known then. */
  private async bill(at: number): Promise<void> {
    if (this.roll(2) === 1) for (const userId of await customersOverTheLimit(new Date(at))) await billInterimJob.now({ userId })
    for (const userId of await customersWithEndedMonths(new Date(at))) await closeMonths.now({ userId })
    const columns = ['s.id', 's.kasm_usage_session_id as run', 's.billed_seconds as seconds', 's.period_end as end', 's.invoice_id as invoice', 'i.user_id as userId', 'i.business_key as key']
    const rows = (await tenantDb()('kasm_billed_slices as s').join('invoices as i', 'i.id', 's.invoice_id').where('s.id', '>', this.lastSlice).orderBy('s.id').select(columns)) as SliceRow[]
    this.lastSlice = rows.at(-1)?.id ?? this.lastSlice
    for (const invoice of new Set(rows.map((row) => row.invoice))) this.compare(rows.filter((row) => row.invoice === invoice), at)
  }
  private compare(slices: readonly SliceRow[], at: number): void {
    const { end, userId, key } = slices[0]!
    const interim = key.includes(':interim:')
    this.counts[interim ? 'interim' : 'bills']++
    for (const run of this.runs.filter((r) => r.userId === userId && r.id !== null)) {
      const due = Math.max(0, this.known(run, at).filter((quarter) => quarter < end.getTime()).length * 900 - run.billed)
      const seconds = slices.filter((row) => row.run === run.id).reduce((sum, row) => sum + Number(row.seconds), 0)
      if (interim ? seconds > due : seconds !== due) this.fault(run, `is billed ${seconds} s by ${key} at ${iso(at)}, due are ${due}`)
      run.billed += seconds
    }
  }
  /** The quarter hours of a run that are certain at `at`. */
  known(run: Run, at: number): number[] {
    const state = stateAt(run.life, at)
    return certainQuarters(run.corrected === null ? state : { ...state, stop: run.corrected })
  }

  private async correct(from: number, to: number): Promise<void> {
    for (const run of this.runs) for (const { at, stop } of run.life.corrections) {
      if (at <= from || at > to) continue
      const { creditedSeconds } = await correctRun(run.id!, { stoppedAt: new Date(stop), reason: 'The desktop had crashed', by: 'Sam of staff' })
      run.corrected = stop
      this.counts.corrections++
      this.same(run, `gives back when corrected to ${iso(stop)}`, creditedSeconds, Math.max(0, run.billed - this.known(run, to).length * 900))
      run.billed -= creditedSeconds
      await recordSession(run.id!)
    }
  }

  same(run: Run, what: string, is: number, should: number): void {
    if (is !== should) this.fault(run, `${what} ${is}, should be ${should}`)
  }
  fault(run: Run, what: string): void {
    const { start, stop, seen } = run.life
    this.faults.push(`${this.zone}, run ${run.id} ${what}: ${JSON.stringify({ ...run.life, start: iso(start), stop: iso(stop), seen: seen.map((s) => s.map(iso)) })}`)
  }
}
