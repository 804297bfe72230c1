/**
 * Delivers recorded events to their reactions: at least once, in the order of their ids within one tenant (and within central).
 *
 * The head is the oldest event that is neither delivered nor waiting after a failure. It is claimed by compare-and-set, so two dispatchers
 * never work on one tenant at a time: while the head is claimed, nobody passes it. A claim ends by itself when its owner dies.
 * An event whose reaction fails steps aside, is tried again with backoff, and holds up neither later events nor other tenants.
 */
import { alert } from '../alerts/alert.js'
import { log } from '../log.js'
import { currentTenantOrNull } from '../tenancy/context.js'
import { clock } from '../time/clock.js'
import { withActor } from './actor.js'
import { eventFromRow, type RecordedEvent } from './event.js'
import { eventsDb } from './events-table.js'
import { reactionsTo, typesWithReactions } from './reactions.js'

/** How long a claimed event stays claimed when its owner dies. Reactions should queue jobs rather than work longer than this. */
export const claimMs = 60_000
const firstRetryMs = 10_000
const longestRetryMs = 6 * 3_600_000
/** Failures after which staff is told. It is tried further. */
const alertAfter = 5

/** Delivers what waits for whom we serve now, at most `limit` events; those that nobody listens to count as delivered. Answers how many were delivered or put off. */
export async function dispatchPending(limit = 500): Promise<number> {
  const heard = typesWithReactions()
  // A process that registered no reactions at all (a command) must not decide that nobody listens.
  if (!heard.length) return 0
  await eventsDb()('events').whereNull('dispatched_at').whereNotIn('type', heard).update({ dispatched_at: clock.real() })
  let handled = 0
  while (handled < limit) {
    const event = await claimHead()
    if (!event) break
    await deliver(event)
    handled++
  }
  return handled
}

/** Leases and retries run on real time: a sandbox clock that jumps must not end somebody's claim. */
async function claimHead(): Promise<RecordedEvent | undefined> {
  const now = clock.real()
  const head = await eventsDb()('events').whereNull('dispatched_at').where((due) => due.whereNull('retry_at').orWhere('retry_at', '<=', now)).orderBy('id').first() as (Record<string, unknown> & { id: number }) | undefined
  if (!head) return undefined
  const claimed = await eventsDb()('events').where({ id: head.id }).whereNull('dispatched_at')
    .where((free) => free.whereNull('claimed_until').orWhere('claimed_until', '<=', now)).update({ claimed_until: new Date(now.getTime() + claimMs) })
  return claimed ? eventFromRow(head) : undefined
}

async function deliver(event: RecordedEvent): Promise<void> {
  for (const [name, reaction] of reactionsTo(event.type)) {
    try {
      await withActor({ kind: 'system' }, () => reaction(event))
    } catch (error) {
      return putOff(event, name, error)
    }
  }
  await eventsDb()('events').where({ id: event.id }).update({ dispatched_at: clock.real(), claimed_until: null, retry_at: null, error: null })
}

async function putOff(event: RecordedEvent, reaction: string, thrown: unknown): Promise<void> {
  const message = `${reaction}: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  const attempts = event.attempts + 1
  const waitMs = Math.min(firstRetryMs * 2 ** event.attempts, longestRetryMs)
  await eventsDb()('events').where({ id: event.id }).update({ attempts, error: message.slice(0, 500), claimed_until: null, retry_at: new Date(clock.real().getTime() + waitMs) })
  log().warn({ err: thrown, event: event.type, eventId: event.id, reaction, attempts }, 'A reaction failed')
  if (attempts === alertAfter) {
    await alert({ level: 'error', title: `Event ${event.type} cannot be delivered`, message, fields: { event: event.id, tenant: currentTenantOrNull()?.slug ?? 'central', attempts } })
  }
}
