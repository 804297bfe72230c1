/** The worker of this process: agenda's loop around perform(). Any number of workers may run; each job runs in one. */
import { hostname } from 'node:os'
import type { Agenda } from 'agenda'
import { log } from '../log.js'
import { runAsPlatform } from '../tenancy/context.js'
import { nudgeWorker, openAgenda, type AgendaJob } from './agenda.js'
import { FairShare } from './fair-share.js'
import { jobDefinitions } from './job.js'
import { perform } from './perform.js'
import { keepTouching, lockSeconds } from './retry.js'
import { runSchedule, schedules } from './timetable.js'
import { scheduleUpkeep } from './upkeep.js'

export interface WorkerOptions {
  /** Seconds until the job of a worker that died may be taken by another. Tests shorten it. */
  lockSeconds?: number
  /** Milliseconds between two looks at the store. Jobs queued in this process start at once. */
  everyMs?: number
  /** Most jobs at a time in this process. */
  most?: number
  /** Only jobs and schedules whose names match: for a machine that does one kind of work. Default: all. */
  only?: RegExp
}

let running: { agenda: Agenda; share: FairShare; active: Set<string> } | undefined

/** The handler says "not yet": agenda's backoff reads when. */
class NotYet extends Error {
  constructor(readonly inMs: number, cause: Error) {
    super(cause.message, { cause })
    this.name = 'NotYet'
  }
}

/** Starts taking jobs and keeping the timetable. Rejects when the store does not answer. */
export async function startWorker(options: WorkerOptions = {}): Promise<void> {
  if (running) throw new Error('The worker of this process runs already.')
  scheduleUpkeep()
  await runAsPlatform(async () => {
    const share = new FairShare()
    const lockMs = (options.lockSeconds ?? lockSeconds) * 1000
    const agenda = await openAgenda(share, {
      name: `${hostname()}-${process.pid}`, processEvery: options.everyMs ?? 2000, maxConcurrency: options.most ?? 20, lockLimit: (options.most ?? 20) * 2, defaultLockLifetime: lockMs,
    })
    agenda.on('error', (error: Error) => log().warn({ err: error }, 'The job loop met an error'))
    await agenda.ready
    const active = new Set<string>()
    agenda.on('complete', (job: AgendaJob) => {
      active.delete(String(job.attrs._id))
      // Agenda fills up only every `processEvery`; behind a finished job there may be more of its kind.
      if (running) setImmediate(() => nudgeWorker({ ...job.attrs, nextRunAt: null }))
    })
    const only = options.only ?? /^/
    for (const { name, concurrency = 5 } of jobDefinitions().filter((d) => only.test(d.name))) {
      agenda.define(name, (job: AgendaJob) => takeTurn(job, lockMs, active), { concurrency, lockLimit: concurrency * 2, lockLifetime: lockMs, backoff: ({ error }) => (error instanceof NotYet ? error.inMs : 30_000) })
    }
    for (const { name, every } of schedules().filter((s) => only.test(s.name))) {
      agenda.define(`every:${name}`, (job: AgendaJob) => keepTime(job, name, lockMs, active), { concurrency: 1, lockLimit: 1, lockLifetime: lockMs })
      await agenda.every(every, `every:${name}`)
    }
    await agenda.start()
    running = { agenda, share, active }
    log().info({ jobs: jobDefinitions().length, schedules: schedules().length }, 'Worker started')
  })
}

/** Takes no more, gives back what has not begun, waits for what runs. What does not end in time is run again by another worker when its lock ends. */
export async function stopWorker(timeoutMs = 25_000): Promise<void> {
  const stopping = running
  running = undefined
  if (!stopping) return
  await runAsPlatform(async () => {
    const { agenda, share, active } = stopping
    await agenda.stop(false)
    for (const end = Date.now() + timeoutMs; active.size && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 20))
    await agenda.db.unlockJobs(share.heldJobs().filter((id) => !active.has(id)))
    await (agenda as unknown as { backend: { disconnect(): Promise<void> } }).backend.disconnect()
  })
}

/** What is finished is removed here, before agenda calls it complete: its own removal comes after that, when the worker may have stopped already. */
async function takeTurn(job: AgendaJob, lockMs: number, active: Set<string>): Promise<void> {
  active.add(String(job.attrs._id))
  const stop = keepTouching(() => job.touch(), lockMs / 3)
  const outcome = await perform(job.attrs.name, job.attrs.data, (job.attrs.failCount ?? 0) + 1).finally(stop)
  if (outcome.kind === 'later') job.attrs.nextRunAt = new Date(Date.now() + outcome.inMs)
  else if (outcome.kind === 'again') throw new NotYet(outcome.inMs, outcome.error)
  else await job.remove()
}

/** A failed turn is in the marks and in the log; the next turn is its retry. */
async function keepTime(job: AgendaJob, name: string, lockMs: number, active: Set<string>): Promise<void> {
  active.add(String(job.attrs._id))
  const stop = keepTouching(() => job.touch(), lockMs / 3)
  try {
    await runSchedule(name)
  } catch (error) {
    log().error({ err: error, schedule: name }, 'A turn of the timetable failed')
  } finally {
    await stop()
  }
}
