/** How a simulated workspace server behaves: its settings, and what time does to sessions. Milliseconds of `now()`, which may be a simulated clock. */
import type { Chaos } from './faults.js'
import type { ExpiryAction, KasmState, SimGroup, SimSession } from './state.js'

export interface Habits {
  now: () => number
  /** A session runs after so many looks, or after so many milliseconds, whichever is set. */
  runningAfterLooks: number
  runningAfterMs: number
  /** A destroyed session stays visible as `deleting` for so many looks. */
  deletingLooks: number
  /** A destroyed session hangs in `deleting` for ever (kasmtech/workspaces-issues #909). */
  deletingHangs: boolean
  /** Idle sessions end this long after the last activity or keepalive; null: never. */
  keepaliveMs: number | null
  /** What ends them, where no group of the user says otherwise. */
  keepaliveAction: ExpiryAction
  /** Nobody is connected: true for all sessions, or the ids of those. Their keepalive_date stays. */
  idle: boolean | string[]
  /** The limit of hours is used up: keepalive moves nothing. */
  usageReached: boolean
  /** How many sessions fit; more are refused for lack of resources. Null: any number. */
  capacity: number | null
  /** Calls or permissions that the key lacks, such as `update_user` or `Users Modify`: 403. */
  denied: string[]
  /** Where stop, pause and resume live. */
  powerCalls: 'api' | 'public' | 'none'
  /** Power calls that are missing all the same, such as `pause`. */
  withoutPower: Array<'stop' | 'pause' | 'resume'>
  /** A stop or a pause is accepted at once and done after so many milliseconds. */
  powerTakesMs: number
  /** Ids in answers with hyphens. */
  hyphens: boolean
  /** Statuses as old documents print them: `Running`. */
  capitals: boolean
  /** Part of the calls fails, by a seeded generator; null: none. */
  chaos: Chaos | null
  /** No answer between these instants (milliseconds, or ISO text) of the server's own clock. */
  downBetween: Array<{ from: number | string; to: number | string }>
}

export const usualHabits: Habits = {
  now: Date.now, runningAfterLooks: 2, runningAfterMs: 0, deletingLooks: 1, deletingHangs: false, keepaliveMs: null,
  keepaliveAction: 'delete', idle: false, usageReached: false,
  capacity: null, denied: [], powerCalls: 'api', withoutPower: [], powerTakesMs: 0, hyphens: false, capitals: false, chaos: null, downBetween: [],
}

export interface CallWorld extends Habits { state: KasmState }
export type Body = Record<string, unknown>

/** The server's refusal. Kasm sends it with HTTP 200; a gateway with the status. */
export class Refused extends Error {
  constructor(message: string, readonly status = 400) {
    super(message)
  }
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
/** Ids are taken with and without hyphens. */
export const bare = (id: unknown): string => text(id).replaceAll('-', '')

/** The group whose word counts for a user's sessions. */
function groupOf(world: CallWorld, session: SimSession, says: keyof SimGroup): SimGroup | undefined {
  const user = world.state.users.find((u) => u.user_id === session.user_id)
  const own = world.state.groups.filter((g) => user?.groups.includes(g.group_id) && g[says] !== undefined)
  return own.sort((a, b) => a.priority - b.priority)[0]
}
const isIdle = (world: CallWorld, s: SimSession): boolean => (Array.isArray(world.idle) ? world.idle.includes(s.kasm_id) : world.idle)

/** Somebody is there (a browser, or a keepalive): the end moves away. */
export function touch(world: CallWorld, session: SimSession): void {
  session.active_at = world.now()
  if (world.keepaliveMs !== null) session.expires_at = world.now() + world.keepaliveMs
}

function expire(world: CallWorld, session: SimSession): void {
  const action = groupOf(world, session, 'keepalive_expiration_action')?.keepalive_expiration_action ?? world.keepaliveAction
  if (action === 'delete') world.state.sessions = world.state.sessions.filter((s) => s !== session)
  else Object.assign(session, { status: action === 'pause' ? 'paused' : 'stopped', expires_at: null, changed_at: world.now() })
}

/** Time passes: what starts comes up, what is deleted goes, what nobody kept alive ends. */
export function look(world: CallWorld, session: SimSession): void {
  const now = world.now()
  session.looks++
  if (session.becomes && session.becomes.at <= now) {
    Object.assign(session, { status: session.becomes.status, looks: 0, changed_at: now, becomes: undefined })
  }
  if (session.status === 'starting') {
    const ready = world.runningAfterMs > 0 ? now - session.changed_at >= world.runningAfterMs : session.looks >= world.runningAfterLooks
    if (ready) Object.assign(session, { status: 'running', started_at: now, changed_at: now, active_at: now })
  }
  if (session.status === 'running' && !isIdle(world, session)) touch(world, session)
  if (session.expires_at !== null && session.expires_at <= now) expire(world, session)
  const gone = session.status === 'deleting' && !world.deletingHangs && session.looks > world.deletingLooks
  if (gone) world.state.sessions = world.state.sessions.filter((s) => s !== session)
}

/** Moves a session from one of these states to another; refused from any other. */
export function move(world: CallWorld, session: SimSession, from: Array<SimSession['status']>, to: SimSession['status']): Body {
  const words = to === 'deleting' ? 'Session is not in a valid state to be deleted' : `Session is not in a valid state (${session.status})`
  if (!from.includes(session.status)) throw new Refused(words, 409)
  if (world.powerTakesMs > 0 && (to === 'stopped' || to === 'paused')) session.becomes ??= { status: to, at: world.now() + world.powerTakesMs }
  else Object.assign(session, { status: to, looks: 0, changed_at: world.now(), becomes: undefined })
  return {}
}
export const usageReached = (world: CallWorld, session: SimSession): boolean =>
  world.usageReached || groupOf(world, session, 'usage_reached')?.usage_reached === true

export function refuseWithoutRoom(world: CallWorld): void {
  const taken = world.state.sessions.filter((s) => s.status !== 'stopped').length
  if (world.capacity !== null && taken >= world.capacity) throw new Refused('No resources are available to create the requested Kasm', 503)
}
