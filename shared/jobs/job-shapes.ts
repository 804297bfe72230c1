/** Small shapes of a job that several files here need. */
import type { JobParameters, JobWithState } from 'agenda'

/** The job as it is written when nobody holds it any more. */
export function unlocked(job: JobParameters): JobParameters {
  const free = { ...job }
  delete free.lockedAt
  return free
}

/** A job from a query, without the state that was computed for it: as it may be saved again. */
export function withoutState(job: JobWithState): JobParameters {
  const plain: Partial<JobWithState> = { ...job }
  delete plain.state
  return plain as JobParameters
}
