/** The worker of this process: agenda's loop around perform(). Any number of workers may run; each job runs in one. */
import { hostname } from 'node:os'
import type { Agenda } from 'agenda'
import { log } from '../log.js'
import { runAsPlatform } from '../tenancy/context.js'
import { openAgenda, type AgendaJob } from './agenda.js'
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
      name: `${hostname()}-${process.pid}`, processEvery: options.everyMs ?? 2000, maxConcurrency: options.most ?? 20, lockLimit: (options.most ?? 20) * 2, defaultLockLifetime: lockMs, removeOnComplete: true,
    })
    agenda.on('error', (error: Error) => log().warn({ err: error }, 'The job loop met an error'))
    await agenda.ready
    const active = new Set<string>()
    for (const { name, concurrency = 5 } of jobDefinitions()) {
      agenda.define(name, (job: AgendaJob) => takeTurn(job, lockMs, active), { concurrency, lockLimit: concurrency * 2, lockLifetime: lockMs, backoff: ({ error }) => (error instanceof NotYet ? error.inMs : 30_000) })
    }
    for (const { name, every } of schedules()) {
      agenda.define(`every:${name}`, (job: AgendaJob) => keepTime(job, name, lockMs), { concurrency: 1, lockLimit: 1, lockLifetime: lockMs })
      await agenda.every(every, `every:${name}`)
    }
    await agenda.start()
    running = { agenda, share, active }
    log().info({ jobs: jobDefinitions().length, schedules: schedules().length }, 'Worker started')
  })
}

/** Waits for what runs, gives back what has not begun. What does not end in time is run again by another worker when its lock ends. */
export async function stopWorker(timeoutMs = 25_000): Promise<void> {
  const stopping = running
  running = undefined
  if (!stopping) return
  await runAsPlatform(async () => {
    const { agenda, share, active } = stopping
    await agenda.drain({ timeout: timeoutMs, closeConnection: false })
    await agenda.db.unlockJobs(share.heldJobs().filter((id) => !active.has(id)))
    await (agenda as unknown as { backend: { disconnect(): Promise<void> } }).backend.disconnect()
  })
}

async function takeTurn(job: AgendaJob, lockMs: number, active: Set<string>): Promise<void> {
  const id = String(job.attrs._id)
  active.add(id)
  const stop = keepTouching(() => job.touch(), lockMs / 3)
  try {
    const outcome = await perform(job.attrs.name, job.attrs.data, (job.attrs.failCount ?? 0) + 1)
    if (outcome.kind === 'later') job.attrs.nextRunAt = new Date(Date.now() + outcome.inMs)
    if (outcome.kind === 'again') throw new NotYet(outcome.inMs, outcome.error)
  } finally {
    await stop()
    active.delete(id)
  }
}

/** A failed turn is in the marks and in the log; the next turn is its retry. */
async function keepTime(job: AgendaJob, name: string, lockMs: number): Promise<void> {
  const stop = keepTouching(() => job.touch(), lockMs / 3)
  try {
    await runSchedule(name)
  } catch (error) {
    log().error({ err: error, schedule: name }, 'A turn of the timetable failed')
  } finally {
    await stop()
  }
}
