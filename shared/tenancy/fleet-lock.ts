/** One fleet run at a time, over all machines: a lease in central with owner, host, pid and heart-beat. Time is the database's, so clocks of machines do not matter. */
import { hostname } from 'node:os'
import { expireLease, leaseHolder, withLease, type LeaseHolder } from '../database/lock.js'

const leaseName = 'fleet'
/** A holder that has not been heard of for this long has lost its lease. */
const ttlSeconds = 30

/** Somebody else holds the lock. Exit code 3. */
export class FleetBusy extends Error {
  constructor(readonly holder: LeaseHolder) {
    super(`A fleet run on ${holder.host} (pid ${holder.pid}) has been at work since ${holder.acquiredAt.toISOString()}, last heart-beat ${holder.heartbeatAt.toISOString()}. ` +
      'Wait for it, or add --take-over when you are sure that it is gone.')
    this.name = 'FleetBusy'
  }
}

/** On this machine we can look; a process of another machine is believed to live. */
function certainlyDead(holder: LeaseHolder): boolean {
  if (holder.host !== hostname()) return false
  try {
    process.kill(holder.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/**
 * Runs `fn` with the lock held, or throws FleetBusy. `takeOver` takes it from whoever has it; that run notices at its next heart-beat and stops.
 * A holder on this machine whose process is gone is replaced without asking; `note` is told. `lost` aborts when the lock was taken from us.
 */
export async function withFleetLock<T>(options: { takeOver?: boolean; note?: (text: string) => void }, fn: (lost: AbortSignal) => Promise<T>): Promise<T> {
  for (let takeOver = options.takeOver ?? false; ; takeOver = false) {
    const answer = await withLease(leaseName, ttlSeconds, (_fence, lost) => fn(lost))
    if (answer !== 'held') return answer
    const holder = await leaseHolder(leaseName)
    if (!holder || holder.expired) continue
    const dead = certainlyDead(holder)
    if (!dead && !takeOver) throw new FleetBusy(holder)
    options.note?.(dead ? `The run of pid ${holder.pid} on this machine is gone; its lock is ours now.` : `Took the lock over from pid ${holder.pid} on ${holder.host}.`)
    await expireLease(leaseName)
  }
}
