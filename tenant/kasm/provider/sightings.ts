/**
 * The minute's list: what runs on a connection, asked once a minute by this process for all tenants on it. For polling only; a verb that must know now asks
 * `sessions()` itself. Many who ask at once share one call, and one failure.
 */
import { assertOutsideAllowed } from '../../../shared/outside/client.js'
import { releaseLease } from '../../../shared/database/tenant-database.js'
import { currentTenantOrNull, runAsPlatform } from '../../../shared/tenancy/context.js'
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import { clock } from '../../../shared/time/clock.js'
import { connectedApi } from './connected-api.js'
import type { KasmSession } from './kasm-api.js'

/** A list that is older is not served any more. */
export const FRESH_MS = 50_000
/** For so long everybody is told of a failed list instead of asking again. */
const FAILED_MS = 5_000
/** Most sessions kept over all connections; the oldest lists go first. One that is larger by itself is shared by those who wait for it and then forgotten. */
export const MOST_KEPT = 20_000

export interface Sightings {
  /** The moment before the call was sent, by the clock of the tenant who asks. */
  readonly lookedAt: Date
  /** By the server's id of the user. */
  readonly byUser: ReadonlyMap<string, KasmSession[]>
}

/** `sent` is real time; `number` counts the looks of this process. */
interface Look { number: number; sent: number; count: number; byUser: ReadonlyMap<string, KasmSession[]> }
interface Place { look?: Look; flight?: Promise<Look>; failed?: { at: number; error: unknown } }

const places = new Map<number, Place>()
let looks = 0
/** How far ahead each moved clock runs, and the last look that was sent before we knew: that one and those before cannot be dated in this clock. */
const movedClocks = new Map<string, { ahead: number; after: number }>()

/** Throws the OutsideError of the list, the same one for everybody who waited for it. */
export async function sightings(connection: ProviderConnection): Promise<Sightings> {
  assertOutsideAllowed('kasm')
  const ahead = clock.ahead()
  const after = lastLookBefore(ahead)
  const place = places.get(connection.id) ?? {}
  places.set(connection.id, place)
  let look = usable(place, after)
  while (!look || look.number <= after) look = await share(connection, place)
  return { lookedAt: new Date(look.sent + ahead), byUser: look.byUser }
}

function lastLookBefore(ahead: number): number {
  const uuid = currentTenantOrNull()?.uuid
  if (!uuid || ahead === 0) return 0
  const known = movedClocks.get(uuid)
  if (known?.ahead === ahead) return known.after
  movedClocks.set(uuid, { ahead, after: looks })
  return looks
}

/** The kept list while it is fresh. Throws what just failed. */
function usable(place: Place, after: number): Look | null {
  const now = clock.real().getTime()
  const within = (at: number, ms: number) => now >= at && now - at < ms
  if (place.look && place.look.number > after && within(place.look.sent, FRESH_MS)) return place.look
  if (place.failed && !place.flight && within(place.failed.at, FAILED_MS)) throw place.failed.error
  return null
}

/** Joins the call under way, or sends one, as nobody: it belongs to all who wait. Nobody waits with a connection to the database in hand. */
function share(connection: ProviderConnection, place: Place): Promise<Look> {
  releaseLease()
  return (place.flight ??= runAsPlatform(() => send(connection, place)).finally(() => { delete place.flight }))
}

async function send(connection: ProviderConnection, place: Place): Promise<Look> {
  const [number, sent] = [++looks, clock.real().getTime()]
  try {
    const sessions = await connectedApi(connection).sessions()
    const byUser = new Map<string, KasmSession[]>()
    for (const session of sessions) {
      const others = byUser.get(session.userId)
      if (others) others.push(session)
      else byUser.set(session.userId, [session])
    }
    delete place.failed
    const look = (place.look = { number, sent, count: sessions.length, byUser })
    keepWithin()
    return look
  } catch (error) {
    place.failed = { at: clock.real().getTime(), error }
    throw error
  }
}

function keepWithin(): void {
  const kept = [...places.values()].filter((place) => place.look).sort((a, b) => a.look!.sent - b.look!.sent)
  let total = kept.reduce((sum, place) => sum + place.look!.count, 0)
  for (const place of kept) {
    if (total <= MOST_KEPT) return
    total -= place.look!.count
    delete place.look
  }
}

/** Tests only: as a process that has just begun. */
export function forgetSightings(): void {
  places.clear()
  movedClocks.clear()
}
