/** Keeping a lock alive while a handler runs, and writing down how a run ended. */
import { log } from '../log.js'
import { clock } from '../time/clock.js'
import type { JobParameters, JobRepository } from './agenda.js'
import type { Outcome } from './perform.js'
import { unlocked } from './job-shapes.js'

/** Seconds after which a job whose worker died may be taken by another. */
export const lockSeconds = 60

/** Calls `touch` again and again until the returned function is called; that one waits for a touch under way, so that it cannot undo the end. */
export function keepTouching(touch: () => Promise<void>, everyMs: number): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    running = touch().catch((error: unknown) => log().warn({ err: error }, 'The lock of a job could not be renewed'))
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}

/** For jobs that were run outside agenda's own loop: removes what is finished, writes the next time otherwise. */
export async function settle(store: JobRepository, job: JobParameters, outcome: Outcome): Promise<void> {
  const id = String(job._id)
  if (outcome.kind === 'done' || outcome.kind === 'parked') return void (await store.removeJobs({ id }))
  const free = unlocked(job)
  const now = clock.real()
  const nextRunAt = new Date(now.getTime() + outcome.inMs)
  if (outcome.kind === 'later') return store.saveJobState({ ...free, nextRunAt }, undefined)
  await store.saveJobState({ ...free, nextRunAt, failCount: (job.failCount ?? 0) + 1, failReason: outcome.error.message, failedAt: now, lastFinishedAt: now }, undefined)
}
