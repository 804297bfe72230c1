/** Visits members with a lock held: canary first, ledger written in batches, run recorded. What is done there, the caller says. */
import { hostname } from 'node:os'
import type { Bundle } from '../database/migration-bundle.js'
import { centralChange } from '../database/migration-central.js'
import type { LeaseLoss } from '../database/lock.js'
import type { Mismatch } from '../database/migration-journal.js'
import { withFleetLock } from './fleet-lock.js'
import { writeRows, type Refused, type Unwritten } from './fleet-journals.js'
import { failureOf, FleetConnections, visitMember, type Action, type Visited } from './fleet-step.js'
import { fanOut } from './fleet-visit.js'
import { writeLedger, type FleetMember, type FleetView, type LedgerEntry, type Selection } from './ledger.js'
import type { FleetOutcome, FleetResult, FleetSummary, Reporter } from './fleet-report.js'

export interface FleetOptions {
  readonly selection: Selection
  /** At once over all servers; 4 by default. */
  readonly concurrency?: number
  /** Visit this many first; go on only when all of them went well. */
  readonly canary?: number
  readonly onError?: 'stop' | 'continue'
  /** Stop once this many have failed. */
  readonly maxFailures?: number
  /** When it aborts, the tenants at work are finished and nothing more begins. */
  readonly signal?: AbortSignal
  readonly takeOver?: boolean
  /** Contradictions between journal and files to accept. */
  readonly allow?: readonly Mismatch[]
  readonly bundle?: Bundle
  /** Whose account runs the files. `admin` (default) changes schema by USE; `tenant` logs in as each tenant's DDL account, which can reach nothing else, at about 1.4 times the time. */
  readonly as?: 'tenant' | 'admin'
}

const flushEvery = 25
const lossText: Record<LeaseLoss, string> = { taken: 'another run has taken the lock over', 'not renewed': 'the lock could not be renewed, so another run may begin' }
const now = (): number => performance.now()

export class FleetRun {
  private readonly results: FleetResult[] = []
  private readonly count: Record<FleetResult['status'], number> = { done: 0, failed: 0, unreachable: 0 }
  private waiting: Array<{ member: FleetMember; visited: Visited }> = []
  private written: Promise<void> = Promise.resolve()
  private begun = 0
  private stoppedBy: string | undefined
  private runId: number | null = null
  private readonly connections: FleetConnections
  private readonly start = now()
  constructor(private readonly what: string, private readonly view: FleetView, private readonly action: Action, private readonly options: FleetOptions, private readonly reporter: Reporter) {
    this.connections = new FleetConnections(options.as ?? 'admin')
  }

  summary(outcome: FleetOutcome, bundle: Bundle, reason?: string): FleetSummary {
    const total = this.view.members.length
    const { done, failed, unreachable } = this.count
    const summary: FleetSummary = {
      outcome, ...(reason ? { reason } : {}), matched: this.view.matched, total, done, failed, unreachable, left: total - done - failed - unreachable,
      ms: Math.round(now() - this.start), head: bundle.head, runId: this.runId, results: this.results,
    }
    this.reporter.finish?.(summary)
    return summary
  }

  /** Begins to write what waits, beside the visits, batch after batch. Waits for the batch before, and throws what was wrong with it. */
  private flush(): Promise<void> {
    const [before, batch] = [this.written, this.waiting]
    this.waiting = []
    this.written = before.then(() => this.write(batch))
    this.written.catch(() => undefined) // heard at the next flush, at the latest when the run ends
    return before
  }

  /** The journals first: the ledger never says more than they do. */
  private async write(batch: ReadonlyArray<{ member: FleetMember; visited: Visited }>): Promise<void> {
    const rows = batch.filter((one): one is Unwritten => one.visited.row !== undefined)
    const refused = new Map((rows.length ? await writeRows(rows, this.connections) : []).map((one) => [one.visited, this.takeBack(one)]))
    const entries = batch.flatMap(({ visited }) => refused.get(visited) ?? visited.entry ?? [])
    if (entries.length) await writeLedger(entries)
  }

  /** Its journal could not be written: what was told as done is in doubt, which an error without a number says. The next run looks at the schema. */
  private takeBack({ member, visited, error }: Refused): LedgerEntry {
    const failure = { ...failureOf(error), file: visited.result.detail.at(-1) ?? '', errno: 0 }
    const result: FleetResult = { ...visited.result, status: 'failed', to: member.head, failure }
    this.results[this.results.indexOf(visited.result)] = result
    this.count.done--
    this.count.failed++
    this.reporter.result?.(result)
    return { member, head: member.head, hash: member.hash, runId: this.runId, ms: result.ms, failure: { ...failure, step: 0, sql: '' } }
  }

  private async flushAll(): Promise<void> {
    await this.flush()
    await this.written
  }

  private async visit(member: FleetMember, worker: number): Promise<boolean> {
    const visited = await visitMember(member, worker, this.connections, this.action, this.runId)
    const { result } = visited
    this.results.push(result)
    this.count[result.status]++
    if (visited.entry) this.waiting.push({ member, visited })
    if (result.status === 'failed') await this.flushAll()
    else if (this.waiting.length >= flushEvery) await this.flush()
    this.reporter.result?.(result)
    const bad = this.count.failed + this.count.unreachable
    const most = this.options.onError === 'stop' ? 1 : (this.options.maxFailures ?? Infinity)
    if (bad < most) return true
    this.stoppedBy = `${bad} failed`
    return false
  }

  private async wave(members: readonly FleetMember[], signal: AbortSignal): Promise<void> {
    if (this.stoppedBy || signal.aborted) return
    this.begun += await fanOut(members, (m, worker) => this.visit(m, worker), { concurrency: this.options.concurrency ?? 4, signal })
  }

  /** Throws FleetBusy. */
  work(bundle: Bundle): Promise<FleetSummary> {
    const lock = { takeOver: this.options.takeOver ?? false, note: (text: string) => this.reporter.note?.(text) }
    return withFleetLock(lock, (lost) => this.waves(bundle, lost).finally(() => this.connections.end()))
  }

  private async waves(bundle: Bundle, lost: AbortSignal): Promise<FleetSummary> {
    const { members } = this.view
    const signal = AbortSignal.any([lost, ...(this.options.signal ? [this.options.signal] : [])])
    const warm = this.connections.warm(members, this.options.concurrency ?? 4, this.action.ready)
    this.runId = await recordRun(this.what, members.length, this.options).finally(() => warm)
    this.reporter.start?.(members.length, this.what)
    const canary = Math.min(this.options.canary ?? 0, members.length)
    await this.wave(members.slice(0, canary), signal)
    if (canary && this.count.done < this.begun) this.stoppedBy ??= 'a canary failed'
    await this.wave(members.slice(canary), signal)
    await this.flushAll()
    const outcome = this.begun < members.length ? (signal.aborted ? 'interrupted' : 'stopped') : 'finished'
    const reason = outcome === 'interrupted' && lost.aborted ? lossText[lost.reason as LeaseLoss] : outcome === 'stopped' ? this.stoppedBy : undefined
    const summary = this.summary(outcome, bundle, reason)
    await centralChange('update migration_runs set status = ?, done = ?, failed = ?, finished_at = utc_timestamp(3) where id = ?', [outcome, summary.done, summary.failed + summary.unreachable, this.runId])
    return summary
  }
}

async function recordRun(kind: string, total: number, options: FleetOptions): Promise<number> {
  const { selection, concurrency, canary, onError, maxFailures } = options
  const { insertId } = await centralChange(
    `insert into migration_runs (kind, status, options, owner_host, owner_pid, total, started_at) values (?, 'running', ?, ?, ?, ?, utc_timestamp(3))`,
    [kind, JSON.stringify({ selection, concurrency, canary, onError, maxFailures }), hostname(), process.pid, total])
  return insertId
}
