/**
 * The minute's comparison of what servers show of our users with our rows. What contradicts them for more than two minutes is ended again: a
 * request that came true late,
 * a desktop that somebody started at the server itself. Users that are not ours are not touched; the report of strangers (central/providers) lists
 * them.
 */
import type { QueryBuilder } from 'objection'
import { OutsideError } from '../../shared/errors.js'
import { log } from '../../shared/log.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import type { ProviderConnection } from '../../shared/tenancy/directory.js'
import { connectionOf } from './provider/connection.js'
import { sightings } from './provider/sightings.js'
import type { KasmSession } from './provider/kasm-api.js'
import { contradiction, isDeleting, SUSPECT_MS } from './reconcile-rules.js'
import { endContradiction, noteDeleting } from './end-contradiction.js'
import { takeBack } from './take-back.js'
import { Workspace } from './workspace.js'

const BATCH = 1000
/** Contradictions ended in one turn; the rest waits for the next. */
const MOST_ENDED = 50
type ByUser = ReadonlyMap<string, KasmSession[]>
interface Turn { readonly now: Date; left: number }
/** A server, and the ids under which rows name it. */
interface Place { readonly home: ProviderConnection; readonly ids: Array<number | null> }

export async function reconcileWorkspaces(now: Date): Promise<void> {
  const turn: Turn = { now, left: MOST_ENDED }
  const homes = (await Workspace.query().distinct('provider_connection_id').whereNotNull('username')) as Array<Pick<Workspace, 'providerConnectionId'>>
  const places = new Map<number, Place>()
  for (const { providerConnectionId } of homes) await addPlace(places, providerConnectionId)
  for (const place of places.values()) await compare(place, turn)
}

/** Old rows name no connection and live on the platform's first: one look for both. A server that is not connected any more is left alone. */
async function addPlace(places: Map<number, Place>, providerConnectionId: number | null): Promise<void> {
  const home = await connectionOf({ providerConnectionId }).catch(unlessOutside)
  if (home) places.set(home.id, { home, ids: [...(places.get(home.id)?.ids ?? []), providerConnectionId] })
}

/** No answer changes nothing: the next minute looks again. */
function unlessOutside(error: unknown): null {
  if (!(error instanceof OutsideError)) throw error
  log().warn({ err: error, code: error.code }, 'Workspaces could not be compared with their server')
  return null
}

async function compare({ home, ids }: Place, turn: Turn): Promise<void> {
  const seen = await sightings(home).catch(unlessOutside)
  if (!seen) return
  const known = new Set<string>()
  for (let after = 0; ;) {
    const rows = await rowsAt(ids, after)
    for (const row of rows) {
      known.add(row.kasmUserId!)
      await judge(row, seen.byUser.get(row.kasmUserId!) ?? [], turn)
    }
    if (rows.length < BATCH) break
    after = rows.at(-1)!.id
  }
  await judgeGone(seen.byUser, known, turn)
}

/** A light reading: there may be ten thousand. */
function rowsAt(ids: Place['ids'], after: number): Promise<Workspace[]> {
  const named = ids.filter((id) => id !== null)
  const there = (q: QueryBuilder<Workspace, unknown>): void => {
    void q.whereIn('provider_connection_id', named)
    if (ids.includes(null)) void q.orWhereNull('provider_connection_id')
  }
  return Workspace.query().whereNotNull('kasm_user_id').where('id', '>', after).where(there).orderBy('id').limit(BATCH)
    .select('id', 'userId', 'serviceId', 'status', 'kasmUserId', 'kasmWorkspaceId', 'providerConnectionId', 'suspectedAt', 'deletingSince', 'deletingToldAt').execute()
}

/** Removed workspaces have no user any more; one that is there all the same is known by its name, which nobody else can have. */
async function judgeGone(byUser: ByUser, known: ReadonlySet<string>, turn: Turn): Promise<void> {
  const prefix = `${currentTenant().slug}-`
  const strangers = [...byUser].filter(([userId, [first]]) => !known.has(userId) && first?.username?.toLowerCase().startsWith(prefix)).slice(0, BATCH)
  if (!strangers.length) return
  const rows = await Workspace.query().where('status', 'terminated').whereIn('username', strangers.map(([, [first]]) => first!.username!.toLowerCase()))
  for (const row of rows) {
    const [userId, sessions] = strangers.find(([, [first]]) => first!.username!.toLowerCase() === row.username!.toLowerCase())!
    row.$set({ kasmUserId: userId })
    await judge(row, sessions, turn)
  }
}

/** First seen: taken back, where the server's list had left it out, or noted. Seen for long enough: ended. Gone: forgotten. */
async function judge(row: Workspace, sessions: readonly KasmSession[], turn: Turn): Promise<void> {
  await noteDeleting(row, isDeleting(row, sessions), turn.now)
  if (!contradiction(row, sessions)) {
    if (row.suspectedAt) await suspect(row, null)
  } else if (!row.suspectedAt) {
    if (!(await takeBack(row, sessions, turn.now))) await suspect(row, turn.now)
  } else if (turn.now.getTime() - row.suspectedAt.getTime() >= SUSPECT_MS && turn.left > 0) {
    turn.left--
    await endContradiction(row, turn.now).catch(unlessOutside)
  }
}

/** Without touching `updated_at`: nothing about the workspace has changed. */
const suspect = (row: Workspace, at: Date | null): Promise<number> =>
  tenantDb()('kasm_workspaces').where({ id: row.id, status: row.status }).update({ suspected_at: at })
