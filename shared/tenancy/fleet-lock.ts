/** One fleet run at a time, over all machines: a lease in central with owner, host, pid and heart-beat. Time is the database's, so clocks of machines do not matter. */
import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import { centralChange, centralRows } from '../database/migration-central.js'

const leaseName = 'fleet'
const ttlSeconds = 30
const beatMs = 5000

export interface Holder {
  readonly owner: string
  readonly host: string
  readonly pid: number
  readonly since: string
  readonly heartbeat: string
  /** No heart-beat for longer than the lease lasts. */
  readonly stale: boolean
}

/** Somebody else holds the lock. Exit code 3. */
export class FleetBusy extends Error {
  constructor(readonly holder: Holder) {
    super(`${holder.owner} on ${holder.host} (pid ${holder.pid}) has been at work since ${holder.since}, last heart-beat ${holder.heartbeat}` +
      `${holder.stale ? '. It seems to be dead' : ''}. Add --take-over when you are sure that it is gone.`)
    this.name = 'FleetBusy'
  }
}

export interface FleetLock {
  /** Aborts when another run has taken the lock over: stop at once. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

async function holder(): Promise<Holder | null> {
  const [row] = await centralRows(
    `select owner, host, pid, date_format(acquired_at, '%Y-%m-%d %H:%i:%s UTC') as since, date_format(heartbeat_at, '%Y-%m-%d %H:%i:%s UTC') as heartbeat,
     expires_at < utc_timestamp(3) as stale from leases where name = ?`, [leaseName])
  return row ? { owner: String(row.owner), host: String(row.host), pid: Number(row.pid), since: String(row.since), heartbeat: String(row.heartbeat), stale: Number(row.stale) === 1 } : null
}

/** On this machine we can look; a process of another machine is believed to live. */
function certainlyDead(h: Holder): boolean {
  if (h.host !== hostname()) return false
  try {
    process.kill(h.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/**
 * Takes the lock or throws FleetBusy. `takeOver` takes it from whoever has it; that run notices within one heart-beat and stops.
 * A holder on this machine whose process is gone is replaced without asking; `note` is told.
 */
export async function takeFleetLock(options: { takeOver?: boolean; note?: (text: string) => void } = {}): Promise<FleetLock> {
  const owner = `${process.env.USER ?? process.env.LOGNAME ?? 'ezscale'}#${randomBytes(4).toString('hex')}`
  const values = [owner, hostname(), process.pid, ttlSeconds]
  const { affectedRows } = await centralChange(
    `insert ignore into leases (name, owner, host, pid, fence, acquired_at, heartbeat_at, expires_at)
     values ('${leaseName}', ?, ?, ?, 1, utc_timestamp(3), utc_timestamp(3), utc_timestamp(3) + interval ? second)`, values)
  if (!affectedRows) {
    const now = await holder()
    if (!now) return takeFleetLock(options)
    const dead = certainlyDead(now)
    if (!dead && !options.takeOver) throw new FleetBusy(now)
    const taken = await centralChange(
      `update leases set owner = ?, host = ?, pid = ?, fence = fence + 1, acquired_at = utc_timestamp(3), heartbeat_at = utc_timestamp(3), expires_at = utc_timestamp(3) + interval ? second
       where name = '${leaseName}' and owner = ?`, [...values, now.owner])
    if (!taken.affectedRows) return takeFleetLock(options)
    options.note?.(dead ? `The run of pid ${now.pid} on this machine is gone; its lock is ours now.` : `Took the lock over from ${now.owner} on ${now.host} (pid ${now.pid}).`)
  }
  return keep(owner)
}

function keep(owner: string): FleetLock {
  const lost = new AbortController()
  const beat = setInterval(() => {
    centralChange(`update leases set heartbeat_at = utc_timestamp(3), expires_at = utc_timestamp(3) + interval ? second where name = '${leaseName}' and owner = ?`, [ttlSeconds, owner])
      .then(({ affectedRows }) => affectedRows || lost.abort(new Error('another run has taken the lock over')), () => undefined)
  }, beatMs)
  beat.unref()
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(beat)
      await centralChange(`delete from leases where name = '${leaseName}' and owner = ?`, [owner])
    },
  }
}
