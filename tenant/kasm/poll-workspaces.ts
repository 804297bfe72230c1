/**
 * The minute's look at what runs: one list for each server, shared by all shops on it, and this shop's running workspaces held against it, some hundred at a
 * time. What we see is noted as seen; what has not been seen for longer than a sighting vouches for leaves a gap; what Kasm ended by itself is closed at the
 * last moment we saw it run. So nobody is billed for what nobody saw. No answer from a server changes nothing for those who live on it.
 */
import { OutsideError } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { log } from '../../shared/log.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { TRUST_MS } from './metering/meter.js'
import { noteSeen, type Seen } from './metering/note-seen.js'
import { UsageSession } from './metering/usage-session.js'
import { connectionOf } from './provider/connection.js'
import type { KasmSession } from './provider/kasm-api.js'
import { sightings, type Sightings } from './provider/sightings.js'
import { Workspace } from './workspace.js'
import { MOVED } from './wishes.js'

type Verdict = 'seen' | 'ended' | 'unsure'
/** What the poll holds of a running workspace. */
interface Watched { readonly id: number; readonly kasmWorkspaceId: string | null; readonly kasmUserId: string | null; readonly lastSeenAt: Date | null; readonly providerStartedAt: Date | null }

const BATCH = 500
/** So many at once do not end by chance. */
const SEVERAL = 3
/** A desktop that one list leaves out, and was seen this recently, is looked for once more: closed at once, a list that flickers would make two runs of one, each with a quarter hour begun. */
const ABSENT_MS = 90_000
/** Two ways to write down one instant may differ by so much; a desktop that was started anew differs by more. */
const SAME_START_MS = 2_000

/** Throws the first server's OutsideError, after all other servers were looked at. */
export async function pollWorkspaces(): Promise<void> {
  const failures: unknown[] = []
  for (const id of await homes()) await pollOne(id).catch((error: unknown) => {
    if (!(error instanceof OutsideError)) throw error
    failures.push(error)
  })
  if (failures.length) throw failures[0]
}

/** The connections that this shop's running workspaces live on. */
async function homes(): Promise<Array<number | null>> {
  const rows = await Workspace.query().where('status', 'running').distinct('provider_connection_id').orderBy('provider_connection_id')
  return rows.map((row) => row.providerConnectionId)
}

async function pollOne(providerConnectionId: number | null): Promise<void> {
  const seen = await sightings(await connectionOf({ providerConnectionId }))
  let last = 0
  for (let rows = await watched(providerConnectionId, last); rows.length; rows = await watched(providerConnectionId, last)) {
    if (isBlank(rows, seen)) return
    await noteSeen(rows.flatMap((row) => sightingOf(row, seen) ?? []), seen.lookedAt)
    for (const row of rows) if (verdictOn(row, sessionsOf(row, seen), seen.lookedAt) === 'ended') await endedByKasm(row.id, seen.lookedAt)
    last = rows.at(-1)!.id
  }
}

async function watched(providerConnectionId: number | null, after: number): Promise<Watched[]> {
  const query = Workspace.query().alias('w').leftJoin('kasm_usage_sessions as k', 'k.open_workspace_id', 'w.id').where('w.status', 'running').where('w.id', '>', after).orderBy('w.id').limit(BATCH)
  const here = providerConnectionId === null ? query.whereNull('w.provider_connection_id') : query.where('w.provider_connection_id', providerConnectionId)
  return (await here.select('w.id', 'w.kasm_workspace_id', 'w.kasm_user_id', 'w.last_seen_at', 'k.provider_started_at')) as unknown as Watched[]
}

/**
 * A list without anybody, where several ran a minute ago, is a server that has lost its memory for a moment rather than so many ends at once. It is not
 * believed until it has said so for longer than a sighting vouches for; the runs then end at their last sighting all the same.
 */
const isBlank = (rows: readonly Watched[], seen: Sightings): boolean =>
  seen.byUser.size === 0 && rows.filter((row) => row.lastSeenAt && seen.lookedAt.getTime() - row.lastSeenAt.getTime() <= TRUST_MS).length >= SEVERAL

const sessionsOf = (row: Watched, seen: Sightings): ReadonlyMap<string, KasmSession> => new Map((seen.byUser.get(row.kasmUserId ?? '') ?? []).map((s) => [s.kasmId, s]))

function sightingOf(row: Watched, seen: Sightings): Seen | null {
  const sessions = sessionsOf(row, seen)
  return verdictOn(row, sessions, seen.lookedAt) === 'seen' ? { workspaceId: row.id, kasmSessionId: row.kasmWorkspaceId!, providerStartedAt: sessions.get(row.kasmWorkspaceId!)!.startedAt } : null
}

/**
 * `unsure` keeps the meter as it is: a word of Kasm that we do not know is no proof of an end. Another id, or a desktop that began at another time, is not the
 * run that the meter counts, whoever runs it: `ended`. The end is its last sighting, however late we are sure of it.
 */
function verdictOn(workspace: Watched, sessions: ReadonlyMap<string, KasmSession>, lookedAt: Date): Verdict {
  const session = sessions.get(workspace.kasmWorkspaceId ?? '')
  if (!session) return workspace.lastSeenAt && lookedAt.getTime() - workspace.lastSeenAt.getTime() < ABSENT_MS ? 'unsure' : 'ended'
  if (session.userId !== workspace.kasmUserId) return 'ended'
  if (session.status === 'running') return isAnother(workspace.providerStartedAt, session.startedAt) ? 'ended' : 'seen'
  return session.status === 'starting' || session.status === 'unknown' ? 'unsure' : 'ended'
}

const isAnother = (known: Date | null, told: Date | null): boolean => known !== null && told !== null && Math.abs(known.getTime() - told.getTime()) > SAME_START_MS

/** A run that began after we looked is not meant by what we saw. */
async function endedByKasm(workspaceId: number, lookedAt: Date): Promise<void> {
  const changed = await tenantTransaction(async () => {
    const workspace = await Workspace.findOwned({ id: workspaceId })
    const session = workspace.status === 'running' ? await UsageSession.openFor(workspace) : undefined
    if (!session || session.startedAt >= lookedAt || session.lastSeenAt > lookedAt) return false
    await workspace.become('stopped', {
      lastStoppedAt: session.lastSeenAt, nextAttemptAt: null, statusMessage: 'The desktop ended by itself, for example because it was idle for too long. You were charged until it was last seen running; your files are kept.',
    })
    await session.close(session.lastSeenAt, 'provider', clock.now())
    await record('workspace.stopped', workspace, { by: 'provider' }, { userId: workspace.userId })
    return true
  }).catch(ignoreMoved)
  if (changed) log().info({ workspace: workspaceId }, 'A workspace was ended by its provider')
}

/** Somebody stopped it while we looked: their wish stands. */
function ignoreMoved(error: unknown): false {
  if ((error as { code?: string }).code === MOVED) return false
  throw error
}
