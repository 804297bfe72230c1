/** Locks between processes: leases with a heart-beat for long work of the platform, named locks of the server for short work of one tenant. */
import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { log } from '../log.js'
import { currentTenant, currentWork, runAsPlatform } from '../tenancy/context.js'
import { centralDb } from './central-database.js'
import { DatabaseBusy } from './database-busy.js'
import type { RawConnection } from './physical.js'
import { leaseOf } from './tenant-database.js'
import { inTransaction } from './transaction.js'

/** Who has a lease, for the people who have to decide whether to take it over. */
export interface LeaseHolder {
  owner: string
  host: string
  pid: number
  acquiredAt: Date
  heartbeatAt: Date
  expired: boolean
}

/** Why `lost` was aborted: somebody else has the lease, or it could not be renewed and soon somebody else may have it. */
export type LeaseLoss = 'taken' | 'not renewed'

/** Share of the time to live after which a lease without a renewal counts as lost: what is at work then has the rest to end. */
const safeShare = 0.8

/**
 * Runs `fn` if nobody else holds this lease, and answers 'held' otherwise. The lease is renewed every third of `ttlSeconds`; a process that
 * dies loses it after that time. `fence` grows with each holder: pass it to whatever must refuse an earlier one. `lost` is aborted, with a
 * LeaseLoss as its reason, when somebody took it or when it could not be renewed, before its time is over; stop then.
 */
export async function withLease<T>(name: string, ttlSeconds: number, fn: (fence: number, lost: AbortSignal) => T | Promise<T>): Promise<T | 'held'> {
  if (inTransaction()) throw new Error('Take a lease before the transaction: it must be seen by others at once.')
  const owner = `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`
  const begun = performance.now()
  const fence = await runAsPlatform(() => takeLease(name, owner, ttlSeconds))
  if (fence === null) return 'held'
  const { lost, end } = keepAlive(name, ttlSeconds, begun, () => runAsPlatform(() => renew(name, owner, fence, ttlSeconds)))
  try {
    return await fn(fence, lost)
  } finally {
    end()
    // A lease that cannot be given back ends by itself: no reason to spoil what was done under it.
    await runAsPlatform(() => centralDb()('leases').where({ name, owner, fence }).update({ expires_at: centralDb().raw('utc_timestamp(3)') }))
      .catch((err: unknown) => log().warn({ err, lease: name }, 'A lease could not be given back'))
  }
}

/**
 * Renews until `end`. The database counts the time to live from some moment after a renewal was sent, so counting from the sending (`begun`) is safe
 * whatever becomes of its answer, and whether the next ones fail or hang.
 */
function keepAlive(name: string, ttlSeconds: number, begun: number, renewOnce: () => Promise<boolean>): { lost: AbortSignal; end: () => void } {
  const lost = new AbortController()
  const lose = (reason: LeaseLoss): void => lost.abort(reason)
  const deadline = (from: number) => setTimeout(() => lose('not renewed'), from + ttlSeconds * 1000 * safeShare - performance.now())
  let [last, timer] = [begun, deadline(begun)]
  const renewal = async (sent: number): Promise<void> => {
    if (!(await renewOnce())) return lose('taken')
    if (sent <= last) return
    clearTimeout(timer)
    ;[last, timer] = [sent, deadline(sent)]
  }
  const beat = setInterval(() => void renewal(performance.now()).catch((err: unknown) => log().warn({ err, lease: name }, 'A lease could not be renewed')), (ttlSeconds * 1000) / 3)
  return { lost: lost.signal, end: () => {
    clearInterval(beat)
    clearTimeout(timer)
    last = Infinity
  } }
}

/** Who holds it, expired or not; null when nobody ever did. */
export async function leaseHolder(name: string): Promise<LeaseHolder | null> {
  const db = centralDb()
  const row = await db('leases').where({ name }).first('*', db.raw('expires_at <= utc_timestamp(3) as expired')) as Record<string, unknown> | undefined
  if (!row) return null
  return { owner: String(row.owner), host: String(row.host), pid: Number(row.pid), acquiredAt: row.acquired_at as Date, heartbeatAt: row.heartbeat_at as Date, expired: row.expired === 1 }
}

/** Declares a lease expired though its holder may live. A person decides this (`--take-over`), never a program. */
export async function expireLease(name: string): Promise<void> {
  await centralDb()('leases').where({ name }).update({ expires_at: centralDb().raw('utc_timestamp(3)') })
}

async function takeLease(name: string, owner: string, ttl: number): Promise<number | null> {
  const db = centralDb()
  const facts = { owner, host: hostname(), pid: process.pid, ...times(ttl), acquired_at: db.raw('utc_timestamp(3)') }
  const taken = await db('leases').where({ name }).whereRaw('expires_at <= utc_timestamp(3)').update({ ...facts, fence: db.raw('fence + 1') })
  if (taken === 0) await db('leases').insert({ name, ...facts, fence: 1 }).onConflict('name').ignore()
  const row = await db('leases').where({ name, owner }).first('fence') as { fence: number } | undefined
  return row ? Number(row.fence) : null
}

async function renew(name: string, owner: string, fence: number, ttl: number): Promise<boolean> {
  return (await centralDb()('leases').where({ name, owner, fence }).update(times(ttl))) > 0
}

function times(ttl: number) {
  const db = centralDb()
  return { heartbeat_at: db.raw('utc_timestamp(3)'), expires_at: db.raw('date_add(utc_timestamp(3), interval ? microsecond)', [Math.round(ttl * 1_000_000)]) }
}

/** Runs `fn` while no other process does anything under this name for the current tenant. Waits up to `waitSeconds`, then throws DatabaseBusy. */
export async function withTenantLock<T>(name: string, fn: () => T | Promise<T>, waitSeconds = 5): Promise<T> {
  if (inTransaction()) throw new Error('Take a lock before the transaction: it would be released before the commit.')
  const tenant = currentTenant()
  const lease = leaseOf(currentWork(), tenant)
  const hashed = createHash('sha1').update(`${tenant.uuid}:${name}`).digest('hex')
  const { raw } = await lease.pin()
  try {
    if ((await scalar(raw, 'select get_lock(?, ?) as v', [hashed, waitSeconds])) !== 1) throw new DatabaseBusy(`Somebody else is busy with this (${name}).`)
    try {
      return await fn()
    } finally {
      await scalar(raw, 'select release_lock(?) as v', [hashed])
    }
  } finally {
    lease.unpin()
  }
}

function scalar(raw: RawConnection, sql: string, values: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    raw.query(sql, values, (error: Error | null, rows: unknown) => (error ? reject(error) : resolve((rows as Array<{ v: unknown }>)[0]?.v)))
  })
}
