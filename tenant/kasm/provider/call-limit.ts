/**
 * How many calls a minute this process sends to one connection: a token bucket that holds ten seconds' worth (at least one call). A call that would have to wait
 * longer than five seconds is refused at once as `rate-limited`, which may be repeated; nobody waits with a connection to the database in hand.
 * Measured by a clock that nobody moves.
 */
import { releaseLease } from '../../../shared/database/tenant-database.js'
import { OutsideError } from '../../../shared/errors.js'
import { assertOutsideAllowed } from '../../../shared/outside/client.js'
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'

export const MOST_WAIT_MS = 5_000

/** When the bucket will be empty of debts: a call may begin once this instant is no further away than the bucket is deep. */
export interface Bucket { freeAt: number }

/** Pure: milliseconds to wait before the next call, which is then taken; null = too long, nothing is taken. `now` in milliseconds of any steady clock. */
export function takeTurn(bucket: Bucket, callsPerMinute: number, now: number, mostWaitMs = MOST_WAIT_MS): number | null {
  const each = 60_000 / callsPerMinute
  const depth = Math.max(1, Math.floor(callsPerMinute / 6)) * each
  const freeAt = Math.max(bucket.freeAt, now)
  const wait = Math.max(0, freeAt + each - depth - now)
  if (wait > mostWaitMs) return null
  bucket.freeAt = freeAt + each
  return wait
}

const buckets = new Map<number, Bucket>()

/** Calls a minute that staff allowed; null: as many as come. */
export function limitOf(connection: Pick<ProviderConnection, 'settings'>): number | null {
  const wished = connection.settings['callsPerMinute']
  return typeof wished === 'number' && wished >= 1 ? wished : null
}

/** Resolves when a call to this connection may leave. Throws OutsideError `rate-limited`. */
export async function awaitTurn(connection: ProviderConnection): Promise<void> {
  const limit = limitOf(connection)
  if (limit === null) return
  assertOutsideAllowed('kasm')
  const bucket = buckets.get(connection.id) ?? { freeAt: 0 }
  buckets.set(connection.id, bucket)
  const wait = takeTurn(bucket, limit, performance.now())
  if (wait === null) throw new OutsideError('The workspace server is asked as often as it may be. Try again in a moment.', { door: 'kasm', code: 'rate-limited', retryable: true })
  if (wait === 0) return
  releaseLease()
  await new Promise((resolve) => void setTimeout(resolve, wait))
}

/** Tests only: every bucket is full again. */
export const forgetTurns = (): void => buckets.clear()
